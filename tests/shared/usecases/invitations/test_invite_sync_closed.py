"""Mail and copies of sessions that are over, that were closed with a reason, or were reopened."""

from datetime import datetime, timedelta

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState
from tests.support.mail_harness import THROTTLED, MailHarness, address, session_of_ann
from tests.support.sync_harness import START

END = START + timedelta(days=10, hours=1)


def closing(role: str, *, at: datetime = START, version: int = 2) -> AuditEntry:
    action = AuditAction.CANCELLED
    return AuditEntry(action=action, actor_id="ann", role=role, at=at, version=version)


def cancel(harness: MailHarness, role: str = "Coach", *, reason: str | None = None) -> None:
    harness.change(
        status=EventStatus.CANCELLED,
        sequence=1,
        reason=reason,
        audit=(closing(role, at=harness.at),),
    )


def test_cancelling_after_the_end_sends_nothing_and_leaves_copies_as_they_were() -> None:
    harness = session_of_ann()
    harness.change(learner_ids=("ann", "bob"))
    harness.connect("bob", "b1")
    harness.invite_guests("gus")
    harness.drain()
    harness.at = END

    cancel(harness)
    waits = harness.drain()

    assert waits == []
    assert {name: harness.mails_to(name) for name in ("ann", "gus")} == {
        "ann": ["REQUEST 0"],
        "gus": ["REQUEST 0"],
    }
    assert harness.copy_titles("b1") == ["Coaching"]


def test_cancelling_before_the_end_removes_the_copy_even_if_that_happens_later() -> None:
    harness = session_of_ann()
    harness.connect("ann", "a1")
    harness.drain()
    cancel(harness)
    harness.at = END

    harness.drain()

    assert harness.copy_titles("a1") == []


def test_no_one_is_invited_after_the_end() -> None:
    harness = session_of_ann()
    harness.at = END

    assert harness.drain() == []

    assert harness.mail.sent == []
    assert harness.memory.unsynced == {}


def test_a_mail_that_could_not_be_sent_before_the_end_is_given_up() -> None:
    harness = session_of_ann()
    harness.mail.fail(address("ann"), THROTTLED)
    harness.sync.reconcile("s1", now=harness.at)
    assert harness.attempt_of("ann").is_unsent
    harness.at = END

    assert harness.drain() == []

    attempt = harness.attempt_of("ann")
    assert harness.mail.sent == []
    assert attempt.status is DeliveryState.FAILED
    assert "over before" in str(attempt.diagnostic)


def test_a_resend_that_was_requested_before_the_end_is_dropped() -> None:
    harness = session_of_ann()
    harness.drain()
    harness.request_resend("ann")
    harness.at = END

    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert not harness.invite_of("ann").resend


def test_a_cancellation_says_why() -> None:
    harness = session_of_ann()
    harness.invite_guests("gus")
    harness.drain()

    cancel(harness, reason="I am ill.")
    harness.drain()

    reasons = {each.address: each.reason for each in harness.mail.sent[2:]}
    assert reasons == {address("ann"): "I am ill.", address("gus"): "I am ill."}


def test_what_a_learner_wrote_is_not_sent_to_guests() -> None:
    harness = session_of_ann()
    harness.invite_guests("gus")
    harness.drain()

    cancel(harness, "Learner", reason="Your bank: verify your account")
    harness.drain()

    reasons = {each.address: each.reason for each in harness.mail.sent[2:]}
    assert reasons == {address("ann"): "Your bank: verify your account", address("gus"): None}


def test_a_reopened_session_is_invited_to_again() -> None:
    harness = session_of_ann()
    harness.drain()
    cancel(harness)
    harness.drain()

    harness.change(status=EventStatus.SCHEDULED, sequence=2, reason=None)
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1", "REQUEST 2"]
    assert harness.shows("ann")


def test_a_session_reopened_as_pending_before_its_cancellation_was_sent_still_sends_it() -> None:
    harness = session_of_ann()
    harness.drain()
    cancel(harness)

    harness.change(status=EventStatus.PENDING_APPROVAL, sequence=2)
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 2"]
    assert not harness.shows("ann")
