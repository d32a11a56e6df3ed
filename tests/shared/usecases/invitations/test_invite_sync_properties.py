from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.event import Contact, EventStatus
from shared.domain.invite import InviteMethod
from shared.ports import InviteMail
from tests.support import mail_harness, request_faults
from tests.support.mail_harness import MailHarness, address

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

CONNECTED = ("cleo", "dora")
USERS = ("ann", "bob", *CONNECTED)
GUESTS = ("gus", "hal", "ann")
CORRECTED = ("ann", "bob")
"""The users whose contact has a first and a corrected address."""

NAMES = sorted({*USERS, *GUESTS, *(f"{each}2" for each in CORRECTED)})
MAIL_FAULTS = {
    "throttled": mail_harness.THROTTLED,
    "times out, sent": mail_harness.TIMED_OUT_SENT,
    "killed before": mail_harness.KILLED_BEFORE,
    "killed after": mail_harness.KILLED_AFTER,
}
CALENDAR_FAULTS = {
    "times out, done": request_faults.TIMES_OUT_DONE,
    "503": request_faults.ERROR_503,
    "invalid credential": request_faults.DEAD,
    "rejected": request_faults.REJECTED,
    "killed after": request_faults.KILLED_AFTER,
}
MAY_REPEAT = {"times out, sent", "killed after", "killed before"}
"""Faults after which it is unknown whether the mail was sent."""

Step = tuple[Any, ...]


class InviteSyncRun:
    """Plays steps; `doubts` counts the faults after which a mail may be repeated."""

    def __init__(self) -> None:
        self.harness = MailHarness()
        self.doubts = 0
        for user in CONNECTED:
            self.harness.connect(user, f"{user}-1")
        self.harness.book(users=USERS, status=EventStatus.PENDING_APPROVAL)

    def play(self, step: Step) -> None:
        name, *details = step
        getattr(self, name)(*details)

    def change(self, **changes: Any) -> None:
        if not self.harness.event().is_closed:
            self.harness.change(**changes)

    def approve(self) -> None:
        self.change(status=EventStatus.SCHEDULED)

    def cancel(self) -> None:
        if not self.harness.event().is_closed:
            self.harness.cancel()

    def retitle(self, title: str) -> None:
        self.change(title=title)

    def move(self) -> None:
        if not self.harness.event().is_closed:
            self.harness.move()

    def take_part(self, users: tuple[str, ...]) -> None:
        self.change(learner_ids=users)

    def invite(self, guests: tuple[str, ...]) -> None:
        self.harness.invite_guests(*guests)

    def reconnect(self, user: str) -> None:
        self.harness.connect(user, f"{user}-1")

    def revoke(self, user: str) -> None:
        self.harness.revoke(user, f"{user}-1")

    def calendar_fault(self, user: str, name: str) -> None:
        self.harness.calendar.fail(f"{user}-1", CALENDAR_FAULTS[name])

    def mail_fault(self, name: str, fault: str) -> None:
        self.doubts += fault in MAY_REPEAT
        self.harness.mail.fail(address(name), MAIL_FAULTS[fault])

    def deliver(self) -> None:
        self.harness.deliver()

    def drain(self) -> None:
        self.harness.drain()

    def advance(self, seconds: int) -> None:
        self.harness.advance(timedelta(seconds=seconds))

    def check(self) -> None:
        event = self.harness.event()
        guests = self.harness.invites.guest_list("s1")
        invited = {*event.participants} | {
            each.email.partition("@")[0] for each in (guests.attendees if guests else ())
        }
        for name in {*USERS, *GUESTS}:
            is_due = event.status is EventStatus.SCHEDULED and name in invited
            entries = self.harness.entries(name)
            # A calendar that cannot be written any more may still show the right content.
            untouched = is_due and not entries and self.harness.shown_in_unreachable_calendar(name)
            assert entries == int(is_due) - untouched, name
        if event.status is EventStatus.PENDING_APPROVAL:
            assert self.harness.mail.sent == []

    def check_sequences(self) -> None:
        """Check RFC 5546, 2.1.4 and 2.1.5: each mail is newer than those before it.

        A repeat of the same message, after it is unknown whether the first was sent, is equal.
        """
        for name in NAMES:
            mails = self.harness.mail.to(address(name))
            for first, second in pairwise(mails):
                ages = [(each.content.sequence, each.stamp) for each in (first, second)]
                assert ages[0] < ages[1] or first.content == second.content, name
                if _shown(first) != _shown(second):
                    assert first.content.sequence < second.content.sequence, name

    def correct(self, user: str) -> None:
        contacts = {each.user_id: each for each in self.harness.event().contacts}
        before = contacts[user].email
        other = address(user) if before == address(f"{user}2") else address(f"{user}2")
        contacts[user] = Contact(user, other)
        self.change(contacts=tuple(contacts.values()))

    def repeats(self) -> int:
        # Only consecutive mails with equal content are repeats, not a change and its reversal.
        return sum(
            first.content == second.content
            for name in NAMES
            for first, second in pairwise(self.harness.mail.to(address(name)))
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
_CORRECT: st.SearchStrategy[Step] = st.tuples(st.just("correct"), st.sampled_from(CORRECTED))
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


def _shown(mail: InviteMail) -> tuple[Any, ...]:
    """Return what raises SEQUENCE when it changes: the method, the time and the place."""
    return mail.content.method, mail.event.interval, mail.event.location


def _played(steps: list[Step]) -> InviteSyncRun:
    run = InviteSyncRun()
    for step in steps:
        run.play(step)
    run.drain()
    return run


@thoroughly
@given(st.lists(st.one_of(_LIFE, _LIFE, _CHANNELS), max_size=20))
def test_each_person_has_exactly_one_entry_whatever_happens_to_calendars(
    steps: list[Step],
) -> None:
    run = _played(steps)

    run.check()
    run.check_sequences()
    assert run.repeats() == 0


@thoroughly
@given(st.lists(st.one_of(_LIFE, _LIFE, _CHANNELS, _MAIL, _MAIL), max_size=20))
def test_failing_mail_reaches_all_recipients_and_is_repeated_only_in_doubt(
    steps: list[Step],
) -> None:
    run = _played(steps)

    run.check()
    run.check_sequences()
    assert run.repeats() <= run.doubts


@settings(thoroughly, max_examples=60)
@given(st.lists(st.one_of(_LIFE, _CHANNELS, _MAIL), max_size=12), st.integers(1, 4))
def test_repeated_messages_send_no_mail(steps: list[Step], again: int) -> None:
    run = _played(steps)
    invites, sent = dict(run.harness.memory.invites), list(run.harness.mail.sent)

    waits = [run.harness.deliver() for _ in range(again)]

    assert [None] * again == waits
    assert invites == run.harness.memory.invites
    assert sent == run.harness.mail.sent


@thoroughly
@given(st.lists(st.one_of(_LIFE, _LIFE, _CORRECT, _MAIL), max_size=20))
def test_every_mail_is_newer_than_those_before_whatever_addresses_are_corrected(
    steps: list[Step],
) -> None:
    run = _played([("approve",), *steps])

    run.check_sequences()
    event = run.harness.event()
    if not event.is_closed:
        for contact in event.contacts:
            if contact.user_id in CORRECTED and contact.user_id in event.participants:
                assert run.harness.shows(contact.email.partition("@")[0])


def test_only_requests_and_cancellations_are_sent_in_a_valid_order() -> None:
    run = _played([("approve",), ("drain",), ("take_part", ("bob",)), ("drain",)])

    methods = [each.content.method for each in run.harness.mail.to(address("ann"))]

    assert methods == [InviteMethod.REQUEST, InviteMethod.CANCEL]
