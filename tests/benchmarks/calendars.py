"""How long reading eight calendars takes, beside how long the slowest of them takes."""

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
from tests.support.calendar_fakes import OpenVault, Shelf
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of

CALENDARS = 8
ANSWERS_AFTER = timedelta(milliseconds=200)
ROUNDS = 15
HANGING_ROUNDS = 2
MOST = 1.25

_NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
_DAY = Interval(_NOW, _NOW + timedelta(days=1))


@dataclass(slots=True)
class Slow(Shelf):
    """Every calendar answers after a while, but the one that hangs; `took` is how long each did."""

    hangs: str | None = None
    released: threading.Event = field(default_factory=threading.Event)
    took: list[float] = field(default_factory=list)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return nothing, late."""
        del within, timeout
        if account.connection.id == self.hangs:
            self.released.wait()
            return ()
        before = time.perf_counter()
        time.sleep(ANSWERS_AFTER.total_seconds())
        self.took.append(time.perf_counter() - before)
        return ()


@dataclass(frozen=True, slots=True)
class Read:
    """One reading of all calendars: its seconds, those of the slowest answer, and the answers."""

    wall: float
    slowest: float
    answered: int


def read(*, hangs: str | None = None) -> Read:
    """Read the eight calendars once, with the production deadline."""
    shelf = Slow(hangs=hangs)
    tokens = tokens_of(MemoryPeople(Memory()), OpenVault())
    calendars = Calendars(providers=shelf, tokens=tokens, meter=FakeMeter())
    before = time.perf_counter()
    readings = calendars.read([_connection(number) for number in range(CALENDARS)], _DAY)
    wall = time.perf_counter() - before
    shelf.released.set()
    answered = sum(each.state is SourceState.OK for each in readings)
    return Read(wall=wall, slowest=max(shelf.took), answered=answered)


def figures() -> list[Figure]:
    """Measure everything."""
    all_answer = _rounds(ROUNDS, read)
    one_hangs = _rounds(HANGING_ROUNDS, partial(read, hangs="c-0"))
    deadline = READ_DEADLINE.total_seconds()
    lost = [CALENDARS - each.answered for each in all_answer]
    lost += [CALENDARS - 1 - each.answered for each in one_hangs]
    return [
        Figure(
            name="8 calendars of 200 ms: wall time ÷ slowest",
            value=statistics.median(each.wall / each.slowest for each in all_answer),
            bound=MOST,
            how=f"timed, median of {ROUNDS}",
            counted=False,
        ),
        Figure(
            name="1 of 8 hangs: wall time ÷ its deadline",
            value=max(each.wall for each in one_hangs) / deadline,
            bound=MOST,
            how=f"timed, worst of {HANGING_ROUNDS}",
            counted=False,
        ),
        Figure(name="answers lost of calendars that do not hang", value=sum(lost), bound=0),
    ]


def _rounds(number: int, measure: Callable[[], Read]) -> Sequence[Read]:
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
