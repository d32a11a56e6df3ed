"""What the console shows and changes on one machine only: calendars, faults, tokens."""
