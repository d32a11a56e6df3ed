"""The time to read eight calendars compared with the time of the slowest one."""

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CalendarEntry
from shared.domain.interval import Interval
from shared.ports import Account
from shared.usecases.finding.calendars import READ_DEADLINE, Calendars, SourceState
from tests.benchmarks.figures import Figure
from tests.support.calendar_stubs import PlainVault, ReadOnlyCalendar
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of

CALENDARS = 8
RESPONSE_TIME = timedelta(milliseconds=200)
ROUNDS = 15
HANGING_ROUNDS = 2
BOUND = 1.25

_NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
_DAY = Interval(_NOW, _NOW + timedelta(days=1))


@dataclass(slots=True)
class SlowCalendars(ReadOnlyCalendar):
    """Every calendar responds after `RESPONSE_TIME`, except one that hangs.

    `took` collects the response times in seconds.
    """

    hangs: str | None = None
    released: threading.Event = field(default_factory=threading.Event)
    took: list[float] = field(default_factory=list)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return no entries, late."""
        del within, timeout
        if account.connection.id == self.hangs:
            self.released.wait()
            return ()
        before = time.perf_counter()
        time.sleep(RESPONSE_TIME.total_seconds())
        self.took.append(time.perf_counter() - before)
        return ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of all calendars: total seconds, slowest response, and number of responses."""

    wall: float
    slowest: float
    read: int


def read(*, hangs: str | None = None) -> Reading:
    """Read the eight calendars once, with the production deadline."""
    provider = SlowCalendars(hangs=hangs)
    tokens = tokens_of(MemoryPeople(Memory()), PlainVault())
    calendars = Calendars(providers=provider, tokens=tokens, meter=FakeMeter())
    before = time.perf_counter()
    readings = calendars.read([_connection(number) for number in range(CALENDARS)], _DAY)
    wall = time.perf_counter() - before
    provider.released.set()
    read_calendars = sum(each.state is SourceState.OK for each in readings)
    return Reading(wall=wall, slowest=max(provider.took), read=read_calendars)


def figures() -> list[Figure]:
    """Measure everything."""
    none_hangs = _rounds(ROUNDS, read)
    one_hangs = _rounds(HANGING_ROUNDS, partial(read, hangs="c-0"))
    deadline = READ_DEADLINE.total_seconds()
    lost = [CALENDARS - each.read for each in none_hangs]
    lost += [CALENDARS - 1 - each.read for each in one_hangs]
    return [
        Figure(
            name="8 calendars of 200 ms: wall time ÷ slowest",
            value=statistics.median(each.wall / each.slowest for each in none_hangs),
            bound=BOUND,
            how=f"timed, median of {ROUNDS}",
            counted=False,
        ),
        Figure(
            name="1 of 8 hangs: wall time ÷ its deadline",
            value=max(each.wall for each in one_hangs) / deadline,
            bound=BOUND,
            how=f"timed, worst of {HANGING_ROUNDS}",
            counted=False,
        ),
        Figure(name="unread calendars among those that respond", value=sum(lost), bound=0),
    ]


def _rounds(number: int, measure: Callable[[], Reading]) -> Sequence[Reading]:
    return [measure() for _ in range(number)]


def _connection(number: int) -> Connection:
    return Connection(
        id=f"c-{number}",
        user_id="coach-1",
        provider=Provider.GOOGLE,
        account=f"account-{number}",
        email="coach@example.com",
        calendar_id="primary",
        calendar_name=None,
        zone="UTC",
        credential=b"sealed",
        created_at=_NOW,
    )
