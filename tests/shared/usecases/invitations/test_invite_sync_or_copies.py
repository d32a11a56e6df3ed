from datetime import timedelta

import pytest

from shared.domain.copy import CopyState
from shared.domain.invite import InviteKind
from tests.support import request_faults
from tests.support.mail_harness import MailHarness, address, session_of_ann


@pytest.fixture
def harness() -> MailHarness:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_a_guest_with_the_address_of_a_participant_with_a_calendar_is_left_out(
    harness: MailHarness,
) -> None:
    harness.connect("ann", "a1")
    harness.invite_guests("ANN")

    harness.drain()

    assert harness.mail.sent == []
    assert harness.entries("ann") == 1


def test_a_guest_who_is_also_a_mailed_participant_is_invited_once(harness: MailHarness) -> None:
    harness.invite_guests("Ann")

    harness.drain()

    assert [address("ann")] == [each.address for each in harness.mail.sent]


def test_a_guest_who_becomes_a_participant_keeps_getting_mail() -> None:
    harness = MailHarness()
    harness.book(users=("bob",))
    harness.invite_guests("ann")
    harness.drain()
    harness.connect("ann", "a1")
    harness.change(learner_ids=("ann", "bob"))
    harness.drain()
    harness.invite_guests()
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert harness.copy_titles() == []
    assert (InviteKind.PARTICIPANT, "ann") == (
        harness.invite_of("ann").kind,
        harness.invite_of("ann").user_id,
    )


def test_a_mailed_participant_who_connects_keeps_getting_mail(harness: MailHarness) -> None:
    harness.drain()
    harness.connect("ann", "a1")
    harness.change(title="Review")

    harness.drain()

    assert harness.copy_titles() == []
    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 0"]


def test_a_broken_calendar_is_replaced_by_mail_and_cleared_after_repair(
    harness: MailHarness,
) -> None:
    harness.connect("ann", "a1")
    harness.drain()
    harness.revoke("ann", "a1")
    harness.move()
    harness.drain()
    broken = harness.entries("ann")
    harness.connect("ann", "a1")
    harness.move()
    harness.drain()

    assert broken == 1
    assert harness.copy_titles() == []
    assert harness.mails_to("ann") == ["REQUEST 1", "REQUEST 2"]
    assert harness.entries("ann") == 1


def test_a_calendar_that_rejects_copies_is_cleared_and_replaced_by_mail(
    harness: MailHarness,
) -> None:
    harness.connect("ann", "a1")
    harness.drain()
    harness.calendar.fail("a1", request_faults.REJECTED)
    harness.move()

    waits = harness.drain()

    assert waits == [timedelta(seconds=1)]
    assert harness.copy_titles() == []
    assert CopyState.REMOVED is harness.state()
    assert harness.mails_to("ann") == ["REQUEST 1"]


def test_a_participant_with_another_working_calendar_gets_no_mail(harness: MailHarness) -> None:
    harness.connect("ann", "a1")
    harness.connect("ann", "a2")
    harness.calendar.fail("a1", request_faults.REJECTED)

    harness.drain()

    assert harness.mail.sent == []
    assert harness.copy_titles("a2") == ["Coaching"]
