from datetime import timedelta

import pytest

from shared.domain.invite import DeliveryState
from tests.support.mail_harness import REJECTED, THROTTLED, MailHarness, address, session_of_ann


@pytest.fixture
def harness() -> MailHarness:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_failing_mail_waits_longer_each_time_and_does_not_delay_other_mail(
    harness: MailHarness,
) -> None:
    harness.invite_guests("gus")
    harness.mail.fail(address("ann"), *[THROTTLED] * 12)

    first = harness.deliver()
    others = harness.mails_to("gus")
    waits = [first, *harness.drain()[1:]] if first else []

    assert others == ["REQUEST 0"]
    assert waits == sorted(waits)
    assert timedelta(minutes=5) == waits[-1]
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert len(harness.invite_of("ann").attempts) == 1


def test_rejected_mail_has_a_reason_and_is_not_retried_until_the_event_changes(
    harness: MailHarness,
) -> None:
    harness.mail.fail(address("ann"), REJECTED)
    harness.drain()
    harness.drain()
    attempt = harness.attempt_of("ann")
    harness.move()
    harness.drain()

    assert (DeliveryState.FAILED, "address rejected") == (attempt.status, attempt.diagnostic)
    assert harness.mails_to("ann") == ["REQUEST 1"]


def test_a_mail_that_cannot_be_written_is_rejected(harness: MailHarness) -> None:
    class Unwritable:
        """A writer that rejects a line break."""

        def write(self, _: object) -> bytes:
            raise ValueError("line break")

    harness.sync = harness.worker(writer=Unwritable())

    assert harness.drain() == []
    assert DeliveryState.FAILED is harness.attempt_of("ann").status


def test_a_resent_mail_has_the_same_content(harness: MailHarness) -> None:
    harness.drain()
    harness.move()
    harness.drain()
    harness.record_delivery("ann", DeliveryState.BOUNCED)
    harness.request_resend("ann")

    harness.drain()
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1", "REQUEST 1"]
    assert not harness.invite_of("ann").resend
    assert DeliveryState.SENT is harness.invite_of("ann").status


def test_a_resend_request_together_with_a_change_sends_one_mail(harness: MailHarness) -> None:
    harness.drain()
    harness.request_resend("ann")
    harness.move()

    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1"]


def test_a_resend_request_for_a_removed_recipient_repeats_the_cancellation(
    harness: MailHarness,
) -> None:
    harness.drain()
    harness.change(learner_ids=("bob",))
    harness.drain()
    harness.request_resend("ann")

    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1", "CANCEL 1"]
    assert not harness.invite_of("ann").resend


def test_a_suppressed_address_gets_mail_only_on_request(
    harness: MailHarness,
) -> None:
    harness.drain()
    harness.record_delivery(
        "ann", DeliveryState.BOUNCED, bounce_type="Permanent/OnAccountSuppressionList"
    )
    harness.move()
    harness.drain()
    before = harness.mails_to("ann")
    harness.request_resend("ann")
    harness.drain()

    assert before == ["REQUEST 0"]
    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1"]
