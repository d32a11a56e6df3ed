"""The clock of this process, and random waits. A local run may set another clock."""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from typing_extensions import override

# SnapStart copies the state of the default generator into every restored process.
_random = random.SystemRandom()


class Clock(Protocol):
    """A source of the current time."""

    def now(self) -> datetime:
        """Return the current time in UTC."""
        ...


class SystemClock(Clock):
    """The real time."""

    @override
    def now(self) -> datetime:
        return datetime.now(UTC)


_REAL = SystemClock()
_clocks: list[Clock] = [_REAL]


def set_clock(clock: Clock | None) -> Clock:
    """Set this process's clock, or with None the real one. Return the previous clock.

    For local runs and tests.
    """
    previous, _clocks[:] = _clocks[0], [clock or _REAL]
    return previous


def now() -> datetime:
    """Return the current time of this process's clock."""
    return _clocks[0].now()


def real_now() -> datetime:
    """Return the real current time, even if this process has another clock."""
    return _REAL.now()


def pause(number: int) -> None:
    """Sleep a random time before attempt `number`, so that concurrent writers spread out."""
    time.sleep(_random.uniform(0, min(0.02 * 2 ** min(number, 8), 0.3)))


def jitter(longest: timedelta) -> timedelta:
    """Return a random duration between zero and `longest`."""
    return longest * _random.random()
