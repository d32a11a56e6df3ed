from datetime import timedelta
from typing import Any

import pytest

from shared.domain.invite import DeliveryState
from tests.support.mail_harness import MailHarness, session_of_ann


@pytest.fixture
def harness() -> MailHarness:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_a_notification_before_the_send_is_recorded_counts(harness: MailHarness) -> None:
    class Early:
        """A mailer whose mail is delivered before `send` returns."""

        def send(self, raw: bytes, *, to: str, tags: dict[str, str]) -> str:
            harness.record_delivery("ann", DeliveryState.DELIVERED)
            return harness.mail.send(raw, to=to, tags=tags)

    harness.worker(mailer=Early()).reconcile("s1", now=harness.at)
    harness.drain()

    newest = harness.attempt_of("ann")
    assert DeliveryState.DELIVERED is newest.status
    assert newest.message_id is not None
    assert harness.mails_to("ann") == ["REQUEST 0"]


class Contended:
    """An invite store with a concurrent write before each of our writes from number `first` on."""

    def __init__(self, harness: MailHarness, first: int) -> None:
        self._harness, self._first, self._writes = harness, first, 0

    def __getattr__(self, name: str) -> Any:
        if name == "save_invite":
            self._writes += 1
            if self._writes >= self._first:
                self._harness.request_resend("ann")
        return getattr(self._harness.invites, name)


def test_a_mail_claimed_by_another_worker_is_not_sent(harness: MailHarness) -> None:
    harness.drain()
    harness.move()

    wait = harness.worker(invites=Contended(harness, 1)).reconcile("s1", now=harness.at)

    assert timedelta(seconds=1) == wait
    assert harness.mails_to("ann") == ["REQUEST 0"]


def test_a_result_that_cannot_be_recorded_repeats_the_mail_once(
    harness: MailHarness,
) -> None:
    harness.drain()
    harness.move()

    wait = harness.worker(invites=Contended(harness, 2)).reconcile("s1", now=harness.at)
    harness.drain()

    assert timedelta(seconds=1) == wait
    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1", "REQUEST 1"]
