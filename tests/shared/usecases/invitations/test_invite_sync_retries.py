from datetime import timedelta

import pytest

from shared.domain.invite import DeliveryState
from tests.support.mail_world import REFUSED, THROTTLED, MailWorld, address, session_of_ann


@pytest.fixture
def world() -> MailWorld:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


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
