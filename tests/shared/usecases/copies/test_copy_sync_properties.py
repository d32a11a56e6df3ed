from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.copy import CopyState
from shared.domain.errors import NotFound
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support import request_faults
from tests.support.sync_harness import START, SyncHarness

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

USERS = ("ann", "bob", "cleo")
CONNECTIONS = (("ann", "a1"), ("ann", "a2"), ("bob", "b1"), ("cleo", "c1"))
EVENTS = ("s1", "s2")
FAULTS = {
    "times out": request_faults.TIMES_OUT,
    "times out, done": request_faults.TIMES_OUT_DONE,
    "times out, done late": request_faults.TIMES_OUT_LATE,
    "429": request_faults.too_many(timedelta(seconds=90)),
    "500": request_faults.ERROR_500,
    "503": request_faults.ERROR_503,
    "invalid credential": request_faults.DEAD,
    "rejected": request_faults.REJECTED,
    "killed before": request_faults.KILLED_BEFORE,
    "killed after": request_faults.KILLED_AFTER,
    "killed, done late": request_faults.KILLED_LATE,
}
HARMLESS = sorted(set(FAULTS) - {"invalid credential", "rejected"})

Step = tuple[Any, ...]


class CopySyncRun:
    """Plays steps; the message of a change may be delivered again at any time."""

    def __init__(self) -> None:
        self.harness = SyncHarness()
        self.may_fail: set[str] = set()
        for user, name in CONNECTIONS:
            self.harness.connect(user, name)
        for event_id in EVENTS:
            self.harness.book(event_id, USERS[:2], status=EventStatus.PENDING_APPROVAL)

    def play(self, step: Step) -> None:
        name, *details = step
        getattr(self, name)(*details)

    def change(self, event_id: str, **changes: Any) -> None:
        if not self.harness.event(event_id).is_closed:
            self.harness.change(event_id, **changes)

    def approve(self, event_id: str) -> None:
        self.change(event_id, status=EventStatus.SCHEDULED)

    def cancel(self, event_id: str) -> None:
        self.change(event_id, status=EventStatus.CANCELLED)

    def retitle(self, event_id: str, title: str) -> None:
        self.change(event_id, title=title)

    def move(self, event_id: str, hours: int) -> None:
        start = START + timedelta(days=1, hours=hours)
        self.change(event_id, interval=Interval(start, start + timedelta(hours=1)))

    def take_part(self, event_id: str, users: tuple[str, ...]) -> None:
        self.change(event_id, learner_ids=users)

    def disconnect(self, connection: tuple[str, str]) -> None:
        self.may_fail.add(connection[1])
        try:
            self.harness.people.remove_connection(*connection)
        except NotFound:
            assert self.harness.connection(*connection) is None

    def reconnect(self, connection: tuple[str, str]) -> None:
        self.harness.connect(*connection)

    def revoke(self, connection: tuple[str, str]) -> None:
        self.harness.revoke(*connection)

    def fault(self, connection: tuple[str, str], name: str) -> None:
        if name == "rejected":
            self.may_fail.add(connection[1])
        self.harness.calendar.fail(connection[1], FAULTS[name])

    def deliver(self, event_id: str) -> None:
        self.harness.deliver(event_id)

    def advance(self, seconds: int) -> None:
        self.harness.advance(timedelta(seconds=seconds))

    def land(self) -> None:
        self.harness.calendar.apply_late_requests()

    def end(self) -> None:
        for _ in range(2):
            for event_id in EVENTS:
                self.harness.drain(event_id)
            self.harness.calendar.apply_late_requests()

    def check(self) -> None:
        for event_id in EVENTS:
            for user, name in CONNECTIONS:
                self.harness.check(event_id, user, name)
                record = self.harness.memory.copies.get((event_id, name))
                failed = record is not None and record.state is CopyState.FAILED
                assert not failed or name in self.may_fail
        assert self.harness.calendar.mails_sent == 0


_EVENT = st.sampled_from(EVENTS)
_CONNECTION = st.sampled_from(CONNECTIONS)
_TITLE = st.sampled_from(["Coaching", "Review"])
_SOME_USERS = st.lists(st.sampled_from(USERS), min_size=1, max_size=3, unique=True).map(tuple)


def _steps(*more: st.SearchStrategy[Step]) -> st.SearchStrategy[list[Step]]:
    deliver = st.tuples(st.just("deliver"), _EVENT)
    step = st.one_of(
        deliver,
        deliver,
        st.tuples(st.just("approve"), _EVENT),
        st.tuples(st.just("approve"), _EVENT),
        st.tuples(st.just("cancel"), _EVENT),
        st.tuples(st.just("retitle"), _EVENT, _TITLE),
        st.tuples(st.just("move"), _EVENT, st.integers(0, 2)),
        st.tuples(st.just("take_part"), _EVENT, _SOME_USERS),
        st.tuples(st.just("advance"), st.sampled_from([1, 5, 60, 119, 200])),
        *more,
    )
    return st.lists(step, max_size=25)


def _fault(names: list[str]) -> st.SearchStrategy[Step]:
    return st.tuples(st.just("fault"), _CONNECTION, st.sampled_from(names))


_LAND: st.SearchStrategy[Step] = st.tuples(st.just("land"))

thoroughly = settings(
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def _played(steps: list[Step]) -> CopySyncRun:
    run = CopySyncRun()
    for step in steps:
        run.play(step)
    return run


@settings(thoroughly, max_examples=250)
@given(_steps(_fault(HARMLESS), _fault(HARMLESS), _LAND))
def test_every_calendar_is_correct_after_lost_late_or_killed_steps(steps: list[Step]) -> None:
    run = _played(steps)

    run.end()

    run.check()


@settings(thoroughly, max_examples=250)
@given(
    _steps(
        _fault(sorted(FAULTS)),
        _fault(sorted(FAULTS)),
        _LAND,
        st.tuples(st.just("disconnect"), _CONNECTION),
        st.tuples(st.just("reconnect"), _CONNECTION),
        st.tuples(st.just("revoke"), _CONNECTION),
    )
)
def test_copies_that_cannot_be_written_have_a_truthful_state(steps: list[Step]) -> None:
    run = _played(steps)

    run.end()

    run.check()


@settings(thoroughly, max_examples=100)
@given(_steps(_fault(HARMLESS), _LAND), st.lists(_EVENT, max_size=6))
def test_repeated_messages_change_nothing(steps: list[Step], again: list[str]) -> None:
    run = _played(steps)
    run.end()
    copies, calls = dict(run.harness.memory.copies), len(run.harness.calendar.calls)

    waits = [run.harness.deliver(event_id) for event_id in again]

    assert [None] * len(again) == waits
    assert copies == run.harness.memory.copies
    assert calls == len(run.harness.calendar.calls)
