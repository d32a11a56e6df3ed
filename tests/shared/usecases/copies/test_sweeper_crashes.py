"""A worker killed at each of its calls in turn, and its message lost for good."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import EventStatus
from tests.support import faults
from tests.support.mail_world import MailWorld
from tests.support.sync_world import SyncWorld
from tests.support.traps import Trap, trapped

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

MOST_CALLS = 80
NAMES = ("ann", "bob", "gus")


def _kill() -> None:
    raise faults.Killed


def _break_calendar(world: MailWorld) -> None:
    world.revoke("bob", "b1")
    world.move()


CHANGES: dict[str, Callable[[MailWorld], Any]] = {
    "moved": MailWorld.move,
    "cancelled": MailWorld.cancel,
    "left": lambda world: world.change(learner_ids=("bob",)),
    "other guests": lambda world: world.invite_guests("hal"),
    "asked again": lambda world: world.ask_again("ann"),
    "calendar broken": _break_calendar,
}


def world_after(change: Callable[[MailWorld], Any]) -> MailWorld:
    """Ann gets mail, Bob has a calendar, Gus is a guest; all knew before the change."""
    world = MailWorld()
    world.connect("bob", "b1")
    world.book(users=("ann", "bob"))
    world.invite_guests("gus")
    world.drain()
    change(world)
    return world


def rescued(world: SyncWorld) -> None:
    """Sweep until nothing waits, working on what is put back."""
    for _ in range(3):
        for event_id in world.sweep().redriven:
            world.drain(event_id)
    assert world.sweep().waiting == 0


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_whose_message_is_lost_at_any_call_is_brought_to_everybody(
    change: Callable[[MailWorld], Any], *, after: bool
) -> None:
    whole = world_after(change)
    whole.drain()
    points = 0
    for at in range(1, MOST_CALLS):
        world, trap = world_after(change), Trap(at, _kill, after=after)
        healthy, world.sync = world.sync, trapped(world, trap)
        world.deliver()
        world.sync = healthy
        rescued(world)
        assert [whole.entries(name) for name in NAMES] == [world.entries(name) for name in NAMES]
        assert set(whole.said("ann")) == set(world.said("ann"))
        world.check("s1", "bob", "b1")
        if not trap.has_sprung:
            break
        points += 1

    assert 8 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_which_nobody_was_ever_told_is_found(
    change: Callable[[MailWorld], Any],
) -> None:
    world = world_after(change)

    swept = world.sweep()

    assert ("s1",) == swept.redriven
    assert timedelta(minutes=10) == swept.longest


def test_what_is_settled_is_not_put_back() -> None:
    for change in CHANGES.values():
        world = world_after(change)
        world.drain()
        assert world.sweep().waiting == 0


def test_a_change_during_the_work_stays_unsynced() -> None:
    world = MailWorld()
    world.book()
    trap = Trap(3, lambda: world.change(title="Review"), after=True)
    world.sync = trapped(world, trap)

    world.deliver()

    assert trap.has_sprung
    assert ("s1",) == world.sweep().redriven


def test_other_guests_during_the_work_stay_unsynced() -> None:
    world = MailWorld()
    world.book()
    world.invite_guests("gus")
    mailed = Trap(1, lambda: world.invite_guests("hal"), after=True)

    world.syncing(mailer=mailed.around(world.mail)).reconcile("s1", now=world.at)

    assert ("s1",) == world.sweep().redriven


def test_guests_of_a_session_without_an_event_wait_for_it_settled() -> None:
    world = MailWorld()
    world.invite_guests("gus")
    before = world.sweep().waiting
    world.drain()

    assert (1, 0) == (before, world.sweep().waiting)
    world.book()
    world.drain()
    assert world.said("gus") == ["REQUEST 0"]


def test_guests_are_settled_where_no_mail_is_sent_at_all() -> None:
    world = MailWorld()
    world.has_mail = False
    world.sync = world.syncing()
    world.book()
    world.invite_guests("gus")

    world.drain()

    assert world.sweep().waiting == 0


def test_a_pending_event_is_settled_and_its_approval_is_new_work() -> None:
    world = MailWorld()
    world.book(status=EventStatus.PENDING_APPROVAL)
    world.drain()
    before = world.sweep().waiting
    world.change(status=EventStatus.SCHEDULED)

    assert (0, 1) == (before, world.sweep().waiting)


def test_an_event_that_waits_for_a_provider_stays_unsynced() -> None:
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    world.calendar.fail("a1", faults.ERROR_503)

    world.deliver()

    assert world.sweep().waiting == 1


@pytest.mark.parametrize("fault", [faults.REFUSED, faults.DEAD], ids=["refused", "dead"])
def test_an_event_whose_copy_failed_for_good_is_settled(fault: faults.Fault) -> None:
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    world.calendar.fail("a1", fault)

    world.drain()

    assert world.sweep().waiting == 0
