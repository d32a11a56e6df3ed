from datetime import timedelta
from typing import Any

import pytest

from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState, InviteKind
from tests.support import faults
from tests.support.mail_world import REFUSED, THROTTLED, MailWorld, address


@pytest.fixture
def world() -> MailWorld:
    """One session of Ann, who has no calendar connected."""
    world = MailWorld()
    world.book()
    return world


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


def test_mail_that_cannot_go_out_now_waits_longer_each_time_and_holds_up_nobody(
    world: MailWorld,
) -> None:
    world.invite_guests("gus")
    world.mail.fail(address("ann"), *[THROTTLED] * 12)

    first = world.deliver()
    others = world.said("gus")
    waits = [first, *world.drain()[1:]] if first else []

    assert others == ["REQUEST 0"]
    assert waits == sorted(waits)
    assert timedelta(minutes=5) == waits[-1]
    assert world.said("ann") == ["REQUEST 0"]
    assert len(world.invite_of("ann").attempts) == 1


def test_mail_that_is_refused_says_why_and_is_not_tried_again_until_there_is_news(
    world: MailWorld,
) -> None:
    world.mail.fail(address("ann"), REFUSED)
    world.drain()
    world.drain()
    refused = world.attempt_of("ann")
    world.move()
    world.drain()

    assert (DeliveryState.FAILED, "address refused") == (refused.status, refused.diagnostic)
    assert world.said("ann") == ["REQUEST 1"]


def test_a_mail_no_text_can_be_written_for_is_refused(world: MailWorld) -> None:
    class Unwritable:
        """A writer that finds a line break."""

        def write(self, _: object) -> bytes:
            raise ValueError("line break")

    world.sync = world.syncing(writer=Unwritable())

    assert world.drain() == []
    assert DeliveryState.FAILED is world.attempt_of("ann").status


def test_one_more_mail_says_what_the_last_one_said(world: MailWorld) -> None:
    world.drain()
    world.move()
    world.drain()
    world.notify("ann", DeliveryState.BOUNCED)
    world.ask_again("ann")

    world.drain()
    world.drain()

    assert world.said("ann") == ["REQUEST 0", "REQUEST 1", "REQUEST 1"]
    assert not world.invite_of("ann").resend
    assert DeliveryState.SENT is world.invite_of("ann").status


def test_one_more_mail_asked_for_together_with_news_is_one_mail(world: MailWorld) -> None:
    world.drain()
    world.ask_again("ann")
    world.move()

    world.drain()

    assert world.said("ann") == ["REQUEST 0", "REQUEST 1"]


def test_one_more_mail_for_who_is_not_invited_any_more_is_none(world: MailWorld) -> None:
    world.drain()
    world.change(learner_ids=("bob",))
    world.drain()
    world.ask_again("ann")

    world.drain()

    assert world.said("ann") == ["REQUEST 0", "CANCEL 1"]
    assert not world.invite_of("ann").resend


def test_an_address_on_the_suppression_list_is_mailed_only_when_somebody_asks(
    world: MailWorld,
) -> None:
    world.drain()
    world.notify("ann", DeliveryState.BOUNCED, bounce_type="Permanent/OnAccountSuppressionList")
    world.move()
    world.drain()
    untold = world.said("ann")
    world.ask_again("ann")
    world.drain()

    assert untold == ["REQUEST 0"]
    assert world.said("ann") == ["REQUEST 0", "REQUEST 1"]


def test_a_notification_that_comes_before_our_own_record_counts(world: MailWorld) -> None:
    class Early:
        """A mailer whose mail is delivered before it has returned."""

        def send(self, raw: bytes, *, to: str, tags: dict[str, str]) -> str:
            world.notify("ann", DeliveryState.DELIVERED)
            return world.mail.send(raw, to=to, tags=tags)

    world.syncing(mailer=Early()).reconcile("s1", now=world.at)
    world.drain()

    newest = world.attempt_of("ann")
    assert DeliveryState.DELIVERED is newest.status
    assert newest.message_id is not None
    assert world.said("ann") == ["REQUEST 0"]


def test_a_person_keeps_the_address_that_has_the_invitation_unless_it_failed(
    world: MailWorld,
) -> None:
    world.drain()
    world.people.remember("ann", email="new@example.com", roles=frozenset())
    world.move()
    world.drain()
    kept = world.said("new")
    world.notify("ann", DeliveryState.BOUNCED)
    world.move()
    world.drain()

    assert kept == []
    assert world.said("new") == ["REQUEST 2"]
    assert world.said("ann") == ["REQUEST 0", "REQUEST 1", "CANCEL 2"]


def test_an_address_no_mail_can_be_sent_to_is_as_good_as_none() -> None:
    world = MailWorld()
    world.people.remember("ann", email="ann at work", roles=frozenset())
    world.book()

    world.drain()

    assert world.said("ann") == ["REQUEST 0"]


class Contended:
    """An invite store in which somebody else writes before our writes from number `first` on."""

    def __init__(self, world: MailWorld, first: int) -> None:
        self._world, self._first, self._writes = world, first, 0

    def __getattr__(self, name: str) -> Any:
        if name == "save_invite":
            self._writes += 1
            if self._writes >= self._first:
                self._world.ask_again("ann")
        return getattr(self._world.invites, name)


def test_a_mail_somebody_else_has_just_put_on_record_is_left_to_them(world: MailWorld) -> None:
    world.drain()
    world.move()

    wait = world.syncing(invites=Contended(world, 1)).reconcile("s1", now=world.at)

    assert timedelta(seconds=1) == wait
    assert world.said("ann") == ["REQUEST 0"]


def test_an_outcome_that_cannot_be_put_on_record_repeats_the_mail_once(world: MailWorld) -> None:
    world.drain()
    world.move()

    wait = world.syncing(invites=Contended(world, 2)).reconcile("s1", now=world.at)
    world.drain()

    assert timedelta(seconds=1) == wait
    assert world.said("ann") == ["REQUEST 0", "REQUEST 1", "REQUEST 1"]


def test_a_stack_that_sends_no_mail_leaves_everybody_to_copies() -> None:
    world = MailWorld()
    world.has_mail = False
    world.sync = world.syncing()
    world.book()

    assert world.drain() == []
    assert world.memory.invites == {}
