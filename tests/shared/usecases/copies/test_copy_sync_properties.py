from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.copy import CopyState
from shared.domain.errors import NotFound
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support import faults
from tests.support.sync_world import START, SyncWorld

# Thousands of cases over lines that plain tests cover already; tracing them doubles their time.
pytestmark = pytest.mark.no_cover

USERS = ("ann", "bob", "cleo")
CONNECTIONS = (("ann", "a1"), ("ann", "a2"), ("bob", "b1"), ("cleo", "c1"))
EVENTS = ("s1", "s2")
FAULTS = {
    "times out": faults.TIMES_OUT,
    "times out, done": faults.TIMES_OUT_DONE,
    "times out, done late": faults.TIMES_OUT_LATE,
    "429": faults.too_many(timedelta(seconds=90)),
    "500": faults.ERROR_500,
    "503": faults.ERROR_503,
    "dead": faults.DEAD,
    "refused": faults.REFUSED,
    "killed before": faults.KILLED_BEFORE,
    "killed after": faults.KILLED_AFTER,
    "killed, done late": faults.KILLED_LATE,
}
UNHARMFUL = sorted(set(FAULTS) - {"dead", "refused"})

Step = tuple[Any, ...]


class Story:
    """Plays steps; every change of an event leaves a message that may come again at any time."""

    def __init__(self) -> None:
        self.world = SyncWorld()
        self.may_fail: set[str] = set()
        for user, name in CONNECTIONS:
            self.world.connect(user, name)
        for event_id in EVENTS:
            self.world.book(event_id, USERS[:2], status=EventStatus.PENDING_APPROVAL)

    def play(self, step: Step) -> None:
        name, *details = step
        getattr(self, name)(*details)

    def change(self, event_id: str, **changes: Any) -> None:
        if not self.world.event(event_id).is_cancelled:
            self.world.change(event_id, **changes)

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
            self.world.people.remove_connection(*connection)
        except NotFound:
            assert self.world.connection(*connection) is None

    def reconnect(self, connection: tuple[str, str]) -> None:
        self.world.connect(*connection)

    def revoke(self, connection: tuple[str, str]) -> None:
        self.world.revoke(*connection)

    def fault(self, connection: tuple[str, str], name: str) -> None:
        if name == "refused":
            self.may_fail.add(connection[1])
        self.world.calendar.fail(connection[1], FAULTS[name])

    def deliver(self, event_id: str) -> None:
        self.world.deliver(event_id)

    def advance(self, seconds: int) -> None:
        self.world.advance(timedelta(seconds=seconds))

    def land(self) -> None:
        self.world.calendar.land()

    def end(self) -> None:
        for _ in range(2):
            for event_id in EVENTS:
                self.world.drain(event_id)
            self.world.calendar.land()

    def check(self) -> None:
        for event_id in EVENTS:
            for user, name in CONNECTIONS:
                self.world.check(event_id, user, name)
                record = self.world.memory.copies.get((event_id, name))
                failed = record is not None and record.state is CopyState.FAILED
                assert not failed or name in self.may_fail
        assert self.world.calendar.mails_sent == 0


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


def _played(steps: list[Step]) -> Story:
    story = Story()
    for step in steps:
        story.play(step)
    return story


@settings(thoroughly, max_examples=250)
@given(_steps(_fault(UNHARMFUL), _fault(UNHARMFUL), _LAND))
def test_every_calendar_ends_right_whatever_is_lost_late_or_killed(steps: list[Step]) -> None:
    story = _played(steps)

    story.end()

    story.check()


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
def test_what_cannot_be_done_is_told_truly_whatever_else_happens(steps: list[Step]) -> None:
    story = _played(steps)

    story.end()

    story.check()


@settings(thoroughly, max_examples=100)
@given(_steps(_fault(UNHARMFUL), _LAND), st.lists(_EVENT, max_size=6))
def test_messages_that_come_again_change_nothing(steps: list[Step], again: list[str]) -> None:
    story = _played(steps)
    story.end()
    copies, calls = dict(story.world.memory.copies), len(story.world.calendar.calls)

    waits = [story.world.deliver(event_id) for event_id in again]

    assert [None] * len(again) == waits
    assert copies == story.world.memory.copies
    assert calls == len(story.world.calendar.calls)
