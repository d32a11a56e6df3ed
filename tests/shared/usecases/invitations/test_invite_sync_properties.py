from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.event import EventStatus
from shared.domain.invite import InviteMethod
from tests.support import faults, mail_world
from tests.support.mail_world import MailWorld, address

# Thousands of cases over lines that plain tests cover already; tracing them doubles their time.
pytestmark = pytest.mark.no_cover

CONNECTED = ("cleo", "dora")
USERS = ("ann", "bob", *CONNECTED)
GUESTS = ("gus", "hal", "ann")
MAIL_FAULTS = {
    "throttled": mail_world.THROTTLED,
    "times out, sent": mail_world.TIMED_OUT_SENT,
    "killed before": mail_world.KILLED_BEFORE,
    "killed after": mail_world.KILLED_AFTER,
}
CALENDAR_FAULTS = {
    "times out, done": faults.TIMES_OUT_DONE,
    "503": faults.ERROR_503,
    "dead": faults.DEAD,
    "refused": faults.REFUSED,
    "killed after": faults.KILLED_AFTER,
}
MAY_REPEAT = {"times out, sent", "killed after", "killed before"}
"""Faults after which nobody can know whether the mail went out."""

Step = tuple[Any, ...]


class Story:
    """Plays steps; `doubts` counts the occasions on which a mail may have been repeated."""

    def __init__(self) -> None:
        self.world = MailWorld()
        self.doubts = 0
        for user in CONNECTED:
            self.world.connect(user, f"{user}-1")
        self.world.book(users=USERS, status=EventStatus.PENDING_APPROVAL)

    def play(self, step: Step) -> None:
        name, *details = step
        getattr(self, name)(*details)

    def change(self, **changes: Any) -> None:
        if not self.world.event().is_cancelled:
            self.world.change(**changes)

    def approve(self) -> None:
        self.change(status=EventStatus.SCHEDULED)

    def cancel(self) -> None:
        if not self.world.event().is_cancelled:
            self.world.cancel()

    def retitle(self, title: str) -> None:
        self.change(title=title)

    def move(self) -> None:
        if not self.world.event().is_cancelled:
            self.world.move()

    def take_part(self, users: tuple[str, ...]) -> None:
        self.change(learner_ids=users)

    def invite(self, guests: tuple[str, ...]) -> None:
        self.world.invite_guests(*guests)

    def reconnect(self, user: str) -> None:
        self.world.connect(user, f"{user}-1")

    def revoke(self, user: str) -> None:
        self.world.revoke(user, f"{user}-1")

    def calendar_fault(self, user: str, name: str) -> None:
        self.world.calendar.fail(f"{user}-1", CALENDAR_FAULTS[name])

    def mail_fault(self, name: str, fault: str) -> None:
        self.doubts += fault in MAY_REPEAT
        self.world.mail.fail(address(name), MAIL_FAULTS[fault])

    def deliver(self) -> None:
        self.world.deliver()

    def drain(self) -> None:
        self.world.drain()

    def advance(self, seconds: int) -> None:
        self.world.advance(timedelta(seconds=seconds))

    def check(self) -> None:
        event = self.world.event()
        guests = self.world.invites.guest_list("s1")
        invited = {*event.participants} | {
            each.email.partition("@")[0] for each in (guests.attendees if guests else ())
        }
        for name in {*USERS, *GUESTS}:
            is_due = event.status is EventStatus.SCHEDULED and name in invited
            found = self.world.entries(name)
            # What a calendar that cannot be written to any more shows, may still be right.
            untouched = is_due and not found and self.world.is_right_beyond_reach(name)
            assert found == int(is_due) - untouched, name
        if event.status is EventStatus.PENDING_APPROVAL:
            assert self.world.mail.sent == []

    def check_sequences(self) -> None:
        for name in {*USERS, *GUESTS}:
            sequences = [each.content.sequence for each in self.world.mail.to(address(name))]
            assert sequences == sorted(sequences)

    def repeats(self) -> int:
        # Back and forth between two titles is no repeat: only what follows on its like is.
        return sum(
            first.content == second.content
            for name in {*USERS, *GUESTS}
            for first, second in pairwise(self.world.mail.to(address(name)))
        )


_NAME = st.sampled_from(sorted({*USERS, *GUESTS}))
_USER = st.sampled_from(CONNECTED)
_DELIVER: st.SearchStrategy[Step] = st.sampled_from([("deliver",), ("drain",)])
_LIFE: st.SearchStrategy[Step] = st.one_of(
    _DELIVER,
    _DELIVER,
    st.tuples(st.just("approve")),
    st.tuples(st.just("approve")),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("move")),
    st.tuples(st.just("retitle"), st.sampled_from(["Coaching", "Review"])),
    st.tuples(
        st.just("take_part"),
        st.lists(st.sampled_from(USERS), min_size=1, unique=True).map(tuple),
    ),
    st.tuples(st.just("invite"), st.lists(st.sampled_from(GUESTS), unique=True).map(tuple)),
    st.tuples(st.just("advance"), st.sampled_from([1, 60, 200])),
)
_CHANNELS: st.SearchStrategy[Step] = st.one_of(
    st.tuples(st.just("revoke"), _USER),
    st.tuples(st.just("reconnect"), _USER),
    st.tuples(st.just("reconnect"), st.just("ann")),
    st.tuples(st.just("calendar_fault"), _USER, st.sampled_from(sorted(CALENDAR_FAULTS))),
)
_MAIL: st.SearchStrategy[Step] = st.tuples(
    st.just("mail_fault"), _NAME, st.sampled_from(sorted(MAIL_FAULTS))
)

thoroughly = settings(
    deadline=None,
    database=None,
    derandomize=True,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow],
)


def _played(steps: list[Step]) -> Story:
    story = Story()
    for step in steps:
        story.play(step)
    story.drain()
    return story


@thoroughly
@given(st.lists(st.one_of(_LIFE, _LIFE, _CHANNELS), max_size=20))
def test_each_person_has_exactly_one_entry_whatever_becomes_of_calendars(
    steps: list[Step],
) -> None:
    story = _played(steps)

    story.check()
    story.check_sequences()
    assert story.repeats() == 0


@thoroughly
@given(st.lists(st.one_of(_LIFE, _LIFE, _CHANNELS, _MAIL, _MAIL), max_size=20))
def test_mail_that_fails_is_lost_to_nobody_and_repeated_only_in_doubt(steps: list[Step]) -> None:
    story = _played(steps)

    story.check()
    story.check_sequences()
    assert story.repeats() <= story.doubts


@settings(thoroughly, max_examples=60)
@given(st.lists(st.one_of(_LIFE, _CHANNELS, _MAIL), max_size=12), st.integers(1, 4))
def test_messages_that_come_again_send_nothing(steps: list[Step], again: int) -> None:
    story = _played(steps)
    invites, sent = dict(story.world.memory.invites), list(story.world.mail.sent)

    waits = [story.world.deliver() for _ in range(again)]

    assert [None] * again == waits
    assert invites == story.world.memory.invites
    assert sent == story.world.mail.sent


def test_only_requests_and_cancellations_are_sent_and_in_turn() -> None:
    story = _played([("approve",), ("drain",), ("take_part", ("bob",)), ("drain",)])

    methods = [each.content.method for each in story.world.mail.to(address("ann"))]

    assert methods == [InviteMethod.REQUEST, InviteMethod.CANCEL]
