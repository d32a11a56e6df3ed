"""A large group session through its whole life: calendars of three kinds, mail and guests."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from tests.support import faults
from tests.support.calendars import MemoryProviders
from tests.support.mail_world import THROTTLED, MailWorld, address

COACH = "coach"
GOOGLE = tuple(f"google-{n}" for n in range(10))
OUTLOOK = tuple(f"outlook-{n}" for n in range(10))
BY_MAIL = tuple(f"mail-{n}" for n in range(10))
GUESTS = tuple(f"guest-{n}" for n in range(5))
EVERYBODY = (COACH, *GOOGLE, *OUTLOOK, *BY_MAIL, *GUESTS)


@pytest.fixture
def world() -> MailWorld:
    """One coach, thirty learners and five guests, not told anything yet."""
    world = MailWorld()
    world.providers = MemoryProviders(dict.fromkeys(Provider, world.calendar))
    world.sync = world.syncing()
    for name, provider in (
        (COACH, Provider.APPLE),
        *((each, Provider.GOOGLE) for each in GOOGLE),
        *((each, Provider.OUTLOOK) for each in OUTLOOK),
    ):
        world.connect(name, f"{name}-1", provider=provider)
    world.book(users=(*GOOGLE, *OUTLOOK, *BY_MAIL), coach_ids=(COACH,))
    world.invite_guests(*GUESTS)
    return world


def entries(world: MailWorld) -> Counter[int]:
    return Counter(world.entries(each) for each in EVERYBODY)


def test_everybody_is_invited_moved_and_cancelled_once(world: MailWorld) -> None:
    seen: list[Any] = []
    for change in (None, world.move, world.cancel):
        if change:
            world.advance(timedelta(hours=1))
            change()
        assert world.drain() == []
        seen.append((entries(world), len(world.mail.sent), len(world.calendar.calls)))

    assert seen == [
        (Counter({1: 36}), 15, 21),
        (Counter({1: 36}), 30, 42),
        (Counter({0: 36}), 45, 63),
    ]
    assert {tuple(world.said(each)) for each in (*BY_MAIL, *GUESTS)} == {
        ("REQUEST 0", "REQUEST 1", "CANCEL 2")
    }
    assert world.calendar.mails_sent == 0


def test_those_in_trouble_hold_up_nobody_and_get_there_too(world: MailWorld) -> None:
    for name in BY_MAIL[:3]:
        world.mail.fail(address(name), *[THROTTLED] * 4)
    for name in GOOGLE[:2]:
        world.calendar.fail(f"{name}-1", faults.ERROR_503)
    world.revoke(OUTLOOK[0], f"{OUTLOOK[0]}-1")
    world.calendar.fail(f"{OUTLOOK[1]}-1", faults.REFUSED)

    first = world.deliver()
    reached = entries(world)[1]
    world.drain()

    assert first is not None
    assert reached >= 36 - 7
    assert entries(world) == Counter({1: 36})
    assert [world.said(each) for each in OUTLOOK[:2]] == [["REQUEST 0"]] * 2
