"""What others write at the same time, around asking for mail and replacing guests."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import LostRace
from shared.domain.invite import DeliveryState, GuestList
from shared.domain.role import Role
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.guests import Guest, Guests
from shared.usecases.invitations.report import Invites
from tests.support.mail_world import MailWorld, address

ADMIN = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))


class Rivalled:
    """An invite store in which somebody writes just before each of our first writes."""

    def __init__(self, world: MailWorld, rival: Callable[[], Any], times: int) -> None:
        self._world, self._rival, self._left = world, rival, times

    def __getattr__(self, name: str) -> Any:
        if name.startswith("save") and self._left:
            self._left -= 1
            self._rival()
        return getattr(self._world.invites, name)


@pytest.fixture
def world() -> MailWorld:
    """A session of Ann, who was mailed in vain."""
    world = MailWorld()
    world.book()
    world.drain()
    world.notify("ann", DeliveryState.BOUNCED)
    return world


def rename(world: MailWorld) -> None:
    invite = world.invite_of("ann")
    world.invites.save_invite(replace(invite, name=f"{invite.name}."))


def resending(world: MailWorld, store: Any) -> Invites:
    audiences = AudienceReader(
        events=world.events, people=world.people, invites=world.invites, has_mail=True
    )
    return Invites(audiences=audiences, invites=store)


def test_a_request_for_one_more_mail_survives_other_writers(world: MailWorld) -> None:
    store = Rivalled(world, lambda: rename(world), 3)

    resent = resending(world, store).resend(ADMIN, "s1", addresses=(), force=False, now=world.at)

    assert resent.resent == (address("ann"),)
    assert (True, "None...") == (world.invite_of("ann").resend, world.invite_of("ann").name)


def test_a_request_that_never_wins_is_told(world: MailWorld) -> None:
    store = Rivalled(world, lambda: rename(world), 1000)

    with pytest.raises(LostRace):
        resending(world, store).resend(ADMIN, "s1", addresses=(), force=False, now=world.at)


def test_two_who_ask_at_once_ask_for_one_mail(world: MailWorld) -> None:
    store = Rivalled(world, lambda: world.ask_again("ann"), 1)

    resending(world, store).resend(ADMIN, "s1", addresses=(), force=True, now=world.at)
    world.drain()

    assert world.said("ann") == ["REQUEST 0"] * 2


def replacing(world: MailWorld, store: Any) -> GuestList:
    return (
        Guests(events=world.events, invites=store)
        .replace(
            ADMIN, "s1", session_type="group", guests=[Guest(email=address("hal"))], now=world.at
        )
        .guest_list
    )


def test_of_two_who_replace_the_guests_at_once_the_later_one_decides(world: MailWorld) -> None:
    store = Rivalled(world, lambda: world.invite_guests("gus"), 1)

    kept = replacing(world, store)

    assert [address("hal")] == [each.email for each in kept.attendees]
    assert kept == world.invites.guest_list("s1")


def test_guests_who_stay_keep_the_time_they_were_added(world: MailWorld) -> None:
    world.invite_guests("HAL")
    added = world.at
    world.at = added.replace(year=2027)

    kept = replacing(world, world.invites)

    assert [added] == [each.added_at for each in kept.attendees]


def test_replacing_that_never_wins_is_told(world: MailWorld) -> None:
    guests = iter(range(1000))
    store = Rivalled(world, lambda: world.invite_guests(f"g{next(guests)}"), 1000)

    with pytest.raises(LostRace):
        replacing(world, store)
