"""How much of a calendar is read before it counts as unreadable, whichever provider has it."""

MOST_OCCURRENCES = 5_000
LONGEST_ANSWER_BYTES = 5_000_000
