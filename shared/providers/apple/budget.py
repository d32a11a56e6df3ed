"""The work allowed for one look-up in a CalDAV calendar, counted in steps."""

from datetime import tzinfo

from shared.domain.errors import CalendarTooLarge
from shared.providers.limits import MAX_OCCURRENCES

_MAX_COST = 400_000
_OCCURRENCE_COST = 30
_EVENT_COST = 20


class Budget:
    """The work allowed for one calendar; shared by all its objects.

    Reading text, evaluating time zones and expanding recurrences all cost. One step takes about a
    microsecond or less, so a calendar takes less than half a second.
    """

    def __init__(self, *, occurrences: int = MAX_OCCURRENCES, cost: int = _MAX_COST) -> None:
        self._occurrences = occurrences
        self._events = MAX_OCCURRENCES
        self._cost = self._left = cost
        self.definitions: set[tuple[str, ...]] = set()
        """The definitions of time zones whose lines have been judged."""
        self.zones: dict[tuple[str, ...], tzinfo | None] = {}
        """The zones found so far, by the lines of their definition; None is an unknown zone."""

    @property
    def spent(self) -> int:
        """The steps spent so far."""
        return self._cost - self._left

    def spend(self, cost: int = 1) -> None:
        """Subtract the cost of some work before it is done.

        Raises:
            CalendarTooLarge: the budget is used up.
        """
        self._left -= cost
        if self._left < 0:
            raise CalendarTooLarge("The calendar takes too much work to read.")

    def take_event(self) -> None:
        """Count one VEVENT.

        Raises:
            CalendarTooLarge: there are more than allowed, or the budget is used up.
        """
        self._events -= 1
        if self._events < 0:
            raise CalendarTooLarge(f"The calendar has over {MAX_OCCURRENCES} events.")
        self.spend(_EVENT_COST)

    def take_occurrence(self) -> None:
        """Count one occurrence.

        Raises:
            CalendarTooLarge: there are more than allowed, or the budget is used up.
        """
        self._occurrences -= 1
        if self._occurrences < 0:
            raise CalendarTooLarge("The calendar has more occurrences than this service reads.")
        self.spend(_OCCURRENCE_COST)
