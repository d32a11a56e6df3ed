from datetime import timedelta

import pytest

from shared.domain.copy import CopyState
from shared.domain.invite import InviteKind
from tests.support import faults
from tests.support.mail_world import MailWorld, address, session_of_ann


@pytest.fixture
def world() -> MailWorld:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_a_guest_whose_address_is_that_of_a_participant_with_a_calendar_is_left_out(
    world: MailWorld,
) -> None:
    world.connect("ann", "a1")
    world.invite_guests("ANN")

    world.drain()

    assert world.mail.sent == []
    assert world.entries("ann") == 1


def test_a_guest_who_is_a_participant_by_mail_too_is_invited_once(world: MailWorld) -> None:
    world.invite_guests("Ann")

    world.drain()

    assert [address("ann")] == [each.address for each in world.mail.sent]


def test_a_guest_who_turns_out_to_be_a_participant_stays_with_mail() -> None:
    world = MailWorld()
    world.book(users=("bob",))
    world.invite_guests("ann")
    world.drain()
    world.connect("ann", "a1")
    world.change(learner_ids=("ann", "bob"))
    world.drain()
    world.invite_guests()
    world.drain()

    assert world.said("ann") == ["REQUEST 0"]
    assert world.held() == []
    assert (InviteKind.PARTICIPANT, "ann") == (
        world.invite_of("ann").kind,
        world.invite_of("ann").user_id,
    )


def test_who_was_mailed_stays_with_mail_when_they_connect(world: MailWorld) -> None:
    world.drain()
    world.connect("ann", "a1")
    world.change(title="Review")

    world.drain()

    assert world.held() == []
    assert world.said("ann") == ["REQUEST 0", "REQUEST 0"]


def test_a_calendar_that_breaks_is_replaced_by_mail_and_cleared_once_it_works_again(
    world: MailWorld,
) -> None:
    world.connect("ann", "a1")
    world.drain()
    world.revoke("ann", "a1")
    world.move()
    world.drain()
    broken = world.entries("ann")
    world.connect("ann", "a1")
    world.move()
    world.drain()

    assert broken == 1
    assert world.held() == []
    assert world.said("ann") == ["REQUEST 1", "REQUEST 2"]
    assert world.entries("ann") == 1


def test_a_calendar_that_refuses_is_cleared_of_what_it_held_in_favour_of_mail(
    world: MailWorld,
) -> None:
    world.connect("ann", "a1")
    world.drain()
    world.calendar.fail("a1", faults.REFUSED)
    world.move()

    waits = world.drain()

    assert waits == [timedelta(seconds=1)]
    assert world.held() == []
    assert CopyState.REMOVED is world.state()
    assert world.said("ann") == ["REQUEST 1"]


def test_who_has_another_calendar_that_works_needs_no_mail(world: MailWorld) -> None:
    world.connect("ann", "a1")
    world.connect("ann", "a2")
    world.calendar.fail("a1", faults.REFUSED)

    world.drain()

    assert world.mail.sent == []
    assert world.held("a2") == ["Coaching"]
