import pytest

from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState, InviteKind
from tests.support.mail_world import MailWorld, address, session_of_ann


@pytest.fixture
def world() -> MailWorld:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_who_has_no_calendar_is_invited_by_mail_and_told_nothing_twice(world: MailWorld) -> None:
    waits = world.drain()
    world.drain()

    assert waits == []
    assert world.said("ann") == ["REQUEST 0"]
    assert (InviteKind.PARTICIPANT, "ann", DeliveryState.SENT) == (
        world.invite_of("ann").kind,
        world.invite_of("ann").user_id,
        world.invite_of("ann").status,
    )


def test_a_mail_bears_the_ids_and_the_uid_of_its_session(world: MailWorld) -> None:
    world.drain()

    (mail,) = world.mail.sent
    assert mail.uid == "s1@mail.example"
    assert world.mail.tags == [{"event": "s1", "invite": world.invite_of("ann").id, "attempt": "1"}]


def test_who_has_a_calendar_gets_a_copy_and_no_mail(world: MailWorld) -> None:
    world.connect("ann", "a1")

    world.drain()

    assert world.mail.sent == []
    assert world.held() == ["Coaching"]


def test_somebody_without_any_address_is_reached_in_no_way() -> None:
    world = MailWorld()
    world.book(contacts=())

    assert world.drain() == []
    assert world.memory.invites == {}


def test_every_change_that_shows_is_told_and_no_other(world: MailWorld) -> None:
    world.drain()
    world.change(title="Review")
    world.drain()
    world.change(request_digest="other")
    world.drain()
    world.move()
    world.drain()
    world.change(location="Room 2", sequence=2)
    world.drain()

    assert world.said("ann") == ["REQUEST 0", "REQUEST 0", "REQUEST 1", "REQUEST 2"]
    assert [each.is_update for each in world.mail.sent] == [False, True, True, True]
    assert {each.uid for each in world.mail.sent} == {"s1@mail.example"}


def test_a_cancelled_event_is_cancelled_for_everybody_who_was_invited(world: MailWorld) -> None:
    world.invite_guests("gus")
    world.drain()
    world.cancel()
    world.drain()
    world.drain()

    assert [world.said(name) for name in ("ann", "gus")] == [["REQUEST 0", "CANCEL 1"]] * 2


def test_an_event_cancelled_before_anybody_was_told_mails_nobody(world: MailWorld) -> None:
    world.cancel()

    world.drain()

    assert world.mail.sent == []


def test_nothing_is_sent_while_an_event_is_pending(world: MailWorld) -> None:
    world.book("s2", status=EventStatus.PENDING_APPROVAL)
    world.invite_guests("gus", event_id="s2")
    world.drain("s2")
    before = list(world.mail.sent)
    world.change("s2", status=EventStatus.SCHEDULED)
    world.drain("s2")

    assert before == []
    assert {address("ann"), address("gus")} == {each.address for each in world.mail.sent}


def test_who_leaves_is_sent_a_cancellation_and_who_returns_an_invitation(world: MailWorld) -> None:
    world.drain()
    world.change(learner_ids=("bob",))
    world.drain()
    gone = world.shows("ann")
    world.change(learner_ids=("ann",))
    world.drain()

    assert world.said("ann") == ["REQUEST 0", "CANCEL 1", "REQUEST 2"]
    assert not gone
    assert world.shows("ann")


def test_guests_who_stay_are_told_nothing_when_others_come_and_go(world: MailWorld) -> None:
    world.invite_guests("gus", "hal")
    world.drain()
    world.invite_guests("gus", "ivy")
    world.drain()

    assert world.said("gus") == ["REQUEST 0"]
    assert world.said("hal") == ["REQUEST 0", "CANCEL 1"]
    assert world.said("ivy") == ["REQUEST 0"]


def test_guests_set_before_there_is_an_event_wait_for_it() -> None:
    world = MailWorld()
    world.invite_guests("gus")
    world.deliver()
    world.book(users=())
    world.drain()

    assert world.said("gus") == ["REQUEST 0"]


def test_an_address_no_mail_can_be_sent_to_is_as_good_as_none() -> None:
    world = MailWorld()
    world.people.remember("ann", email="ann at work", roles=frozenset())
    world.book()

    world.drain()

    assert world.said("ann") == ["REQUEST 0"]


def test_a_stack_that_sends_no_mail_leaves_everybody_to_copies() -> None:
    world = MailWorld()
    world.has_mail = False
    world.sync = world.syncing()
    world.book()

    assert world.drain() == []
    assert world.memory.invites == {}
