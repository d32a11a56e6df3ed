"""The record of an invite stays small, and one that cannot be stored sends no mail repeatedly."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from shared.domain import invite_steps
from shared.domain.invite import KEPT_ATTEMPTS, DeliveryState, Invite
from shared.ports import RecordRejected
from shared.usecases.invitations.delivery import Delivery, NotificationOutcome
from tests.support.invite_memory import HookedInvites
from tests.support.limit_counts import MemorySuppressions
from tests.support.mail_harness import MailHarness, session_of_ann
from tests.support.mailed import attempt, invite, notification
from tests.support.memory import Memory, MemoryInvites
from tests.support.meter import FakeMeter

CHANGES: dict[str, Callable[[MailHarness], Any]] = {
    "move": MailHarness.move,
    "resend": lambda harness: harness.request_resend("ann"),
    "rename": lambda harness: harness.change(title=f"Title {harness.event().version}"),
}


class RejectingInvites(MemoryInvites):
    """A store that rejects some writes of invites, by their number, or all longer ones."""

    def __init__(self, memory: Memory, rejected: range, *, accepts_shortened: bool = True) -> None:
        super().__init__(memory)
        self._rejected, self._accepts_shortened, self.writes = rejected, accepts_shortened, 0

    @override
    def save_invite(self, invite: Invite) -> Invite:
        self.writes += 1
        is_shortened = all(each.message_id is None for each in invite.attempts)
        if self.writes in self._rejected and not (is_shortened and self._accepts_shortened):
            raise RecordRejected("too large")
        return super().save_invite(invite)


@given(names=st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=2 * KEPT_ATTEMPTS))
def test_an_invite_keeps_its_last_attempts_and_counts_all(names: list[str]) -> None:
    harness = session_of_ann()
    harness.drain()
    for name in names:
        CHANGES[name](harness)
        harness.drain()

    stored = harness.invite_of("ann")
    numbers = [each.number for each in stored.attempts]
    total = len(names) + 1
    assert total == stored.attempt_count == len(harness.mails_to("ann"))
    assert sorted(set(numbers)) == numbers
    assert min(total, KEPT_ATTEMPTS) == len(numbers)
    kept = range(total - len(numbers) + 2, total + 1)
    assert list(kept) == numbers[1:]


def test_many_resends_of_an_update_are_still_updates() -> None:
    harness = session_of_ann()
    harness.drain()
    harness.move()
    harness.drain()
    for _ in range(2 * KEPT_ATTEMPTS):
        harness.request_resend("ann")
        harness.drain()

    stored = harness.invite_of("ann")
    assert invite_steps.is_update(stored)
    assert [1, 24] == [each.number for each in stored.attempts[:2]]


def test_a_notification_of_a_dropped_attempt_changes_nothing_but_a_complaint_counts() -> None:
    stored = invite(*(attempt(number, message_id=f"m-{number}") for number in range(5, 25)))
    store, suppressions = HookedInvites(stored), MemorySuppressions()
    delivery = Delivery(
        invites=store, suppressions=suppressions, pause=lambda _: None, meter=FakeMeter()
    )

    bounced = delivery.record(notification(DeliveryState.BOUNCED, message_id="old"))
    before = dict(suppressions.since)
    delivery.record(notification(DeliveryState.COMPLAINT, message_id="old"))
    later = delivery.record(notification(DeliveryState.BOUNCED, message_id="old", attempt=25))

    assert (NotificationOutcome.KNOWN, NotificationOutcome.UNKNOWN_MAIL) == (bounced, later)
    assert (stored,) == store.invites("session-1")
    assert ([], [stored.id]) == (list(before), list(suppressions.since))


def test_a_record_that_is_rejected_before_the_mail_sends_none_and_is_not_retried(
    caplog: pytest.LogCaptureFixture,
) -> None:
    harness = MailHarness()
    harness.book(users=("ann",))
    invites = RejectingInvites(harness.memory, range(1, 100), accepts_shortened=False)
    harness.sync = harness.worker(invites=invites)

    assert harness.drain() == []
    assert harness.mails_to("ann") == []
    assert "invite cannot be stored" in caplog.messages


def test_a_record_that_is_rejected_after_the_mail_is_shortened_and_not_sent_again() -> None:
    harness = session_of_ann()
    harness.drain()
    harness.move()
    invites = RejectingInvites(harness.memory, range(2, 100))
    harness.sync = harness.worker(invites=invites)

    harness.drain()
    for _ in range(3):
        harness.drain()

    stored = harness.invite_of("ann")
    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1"]
    assert [(2, DeliveryState.SENT)] == [(each.number, each.status) for each in stored.attempts]
    assert harness.sweep().waiting == 0
    harness.sync = harness.worker()
    harness.move()
    harness.drain()
    assert 3 == harness.invite_of("ann").attempt_count


def test_a_shortened_record_keeps_what_decides_about_the_next_mail() -> None:
    sent = attempt(7, status=DeliveryState.SENT, message_id="m-7", diagnostic="x" * 1000)

    (kept,) = invite_steps.shortened(invite(attempt(6), sent)).attempts

    assert replace(sent, message_id=None, diagnostic=None) == kept
