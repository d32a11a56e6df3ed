"""A calendar whose server does not answer is unavailable, after a while without a request."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shared.domain.connection import Connection, Outage, ProblemCode
from shared.usecases.finding.calendars import Calendars, SourceState
from tests.support import request_faults
from tests.support.faulty_calendar import MemoryProviders
from tests.support.platform import DAY, NOW, Platform, hours
from tests.support.token_fakes import tokens_of

WHOLE_DAY = hours(0, 24, day=DAY)


class Reader:
    """Reads one calendar of a `Platform`, at the time `at`."""

    def __init__(self, *, deadline: timedelta = timedelta(seconds=3)) -> None:
        self.at = NOW
        self.platform = Platform()
        self.platform.connect("c1")
        self.calendars = Calendars(
            providers=MemoryProviders({self.connection.provider: self.platform.calendar}),
            tokens=tokens_of(
                self.platform.people,
                self.platform.vault,
                now=lambda: self.at,
                meter=self.platform.meter,
            ),
            meter=self.platform.meter,
            deadline=deadline,
        )

    @property
    def connection(self) -> Connection:
        """The connection as stored."""
        (stored,) = self.platform.people.person("coach-1").connections
        return stored

    def read(self, *, after_seconds: int = 1) -> SourceState:
        """Advance the clock and read the calendar."""
        self.at += timedelta(seconds=after_seconds)
        (reading,) = self.calendars.read([self.connection], WHOLE_DAY)
        return reading.state

    @property
    def calls(self) -> int:
        """The number of requests to the server."""
        return len(self.platform.calendar.calls)


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event on which calls hang; it is set after the test."""
    event = threading.Event()
    yield event
    event.set()


def test_a_server_that_does_not_answer_is_called_three_times_then_not_for_fifteen_seconds() -> None:
    reader = Reader()
    reader.platform.calendar.fail("c1", *[request_faults.TIMES_OUT] * 3)

    states = [reader.read() for _ in range(15)]

    assert {SourceState.UNAVAILABLE} == set(states)
    assert reader.calls == 3


def test_a_suspended_calendar_says_why_it_is_not_read() -> None:
    reader = Reader()
    reader.platform.calendar.fail("c1", *[request_faults.TIMES_OUT] * 3)
    for _ in range(3):
        reader.read()

    (reading,) = reader.calendars.read([reader.connection], WHOLE_DAY)

    assert reader.calls == 3
    assert reading.problem == reader.connection.problem
    assert reading.problem is not None
    assert reading.problem.code is ProblemCode.CALENDAR_UNREACHABLE
    assert reading.problem.since == NOW + timedelta(seconds=1)


def test_after_the_suspension_the_calendar_is_read_again() -> None:
    reader = Reader()
    reader.platform.calendar.fail("c1", *[request_faults.TIMES_OUT] * 3)
    for _ in range(3):
        reader.read()

    assert SourceState.OK is reader.read(after_seconds=15)
    assert reader.connection.read_outage is None
    assert SourceState.OK is reader.read()


def test_one_failure_suspends_nothing() -> None:
    reader = Reader()
    reader.platform.calendar.fail("c1", request_faults.ERROR_503)

    assert [SourceState.UNAVAILABLE, SourceState.OK] == [reader.read(), reader.read()]


def test_answers_that_a_later_request_may_correct_suspend_nothing() -> None:
    reader = Reader()
    odd = [request_faults.ODD_404] * 4
    reader.platform.calendar.fail("c1", request_faults.TIMES_OUT, *odd)

    states = [reader.read() for _ in range(6)]

    assert [*[SourceState.UNAVAILABLE] * 5, SourceState.OK] == states
    assert reader.connection.read_outage is None


def test_a_call_that_hangs_past_the_deadline_counts(released: threading.Event) -> None:
    reader = Reader(deadline=timedelta(milliseconds=50))
    reader.platform.calendar.fail("c1", request_faults.blocked_until(released))

    assert SourceState.UNAVAILABLE is reader.read()
    assert reader.connection.read_outage == Outage(calls=1, since=reader.at, at=reader.at)


def test_a_call_that_never_began_does_not_count(released: threading.Event) -> None:
    platform = Platform(deadline=timedelta(milliseconds=200))
    connections = [platform.connect(f"c{number}") for number in range(40)]
    for each in connections:
        platform.calendar.fail(each.id, request_faults.blocked_until(released))

    platform.calendars.read(connections, WHOLE_DAY)

    stored = platform.people.person("coach-1").connections
    called = {account for _, account in platform.calendar.calls}
    assert called == {each.id for each in stored if each.read_outage}
    assert len(called) == 32
