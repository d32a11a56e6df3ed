"""The time of this process: the real one, unless a run on one machine sets another."""

import random
import time
from datetime import UTC, datetime, timedelta

from shared.ports import Clock

# SnapStart copies the state of the module's own generator into every restored process.
_random = random.SystemRandom()


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


_REAL = SystemClock()
_clocks: list[Clock] = [_REAL]


def set_clock(clock: Clock | None) -> Clock:
    """Use another clock in this process, or with None the real one; return the one before.

    For runs on one machine.
    """
    before, _clocks[:] = _clocks[0], [clock or _REAL]
    return before


def now() -> datetime:
    """Return the present instant by this process's clock."""
    return _clocks[0].now()


def real_now() -> datetime:
    """Return the present instant, whatever this process believes."""
    return _REAL.now()


def pause(number: int) -> None:
    """Wait a little before try `number`, each time some other while, so that rivals part."""
    time.sleep(_random.uniform(0, min(0.02 * 2 ** min(number, 8), 0.3)))


def jitter(longest: timedelta) -> timedelta:
    """Return some while between nothing and `longest`."""
    return longest * _random.random()
