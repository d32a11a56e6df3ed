"""Limits on one call to any provider: entries, bytes and time."""

import time
from datetime import timedelta

MAX_OCCURRENCES = 5_000
"""A calendar with more occurrences in the requested time is unreadable."""

MAX_RESPONSE_BYTES = 5_000_000
"""A calendar whose responses are longer in total is unreadable."""


class Deadline:
    """The time, on the monotonic clock, by which all requests of one call must be done."""

    def __init__(self, timeout: timedelta) -> None:
        self._end = time.monotonic() + timeout.total_seconds()

    @property
    def has_passed(self) -> bool:
        """True when no time is left."""
        return not self.left

    @property
    def left(self) -> float:
        """The seconds left; 0 when the deadline has passed."""
        return max(0.0, self._end - time.monotonic())

    def remaining(self) -> float:
        """Return the seconds left, more than 0.

        Raises:
            TimeoutError: no time is left.
        """
        left = self.left
        if not left:
            raise TimeoutError("the call took longer than its timeout")
        return left
