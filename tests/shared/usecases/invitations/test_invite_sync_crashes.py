"""A worker killed at each of its calls in turn, while people are told by mail."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import faults
from tests.support.mail_world import MailWorld
from tests.support.traps import Trap, trapped

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

MOST_CALLS = 80
NAMES = ("ann", "bob", "gus")


def _break_calendar(world: MailWorld) -> None:
    world.revoke("bob", "b1")
    world.move()


def _refuse_copy(world: MailWorld) -> None:
    world.calendar.fail("b1", faults.REFUSED)
    world.move()


def _reconnect(world: MailWorld) -> None:
    _break_calendar(world)
    world.drain()
    world.connect("bob", "b1")
    world.move()


def _swap_guests(world: MailWorld) -> None:
    world.invite_guests("hal")


def _ask_again(world: MailWorld) -> None:
    world.ask_again("ann")


CHANGES: dict[str, Callable[[MailWorld], Any]] = {
    "invited": lambda world: world.at,
    "moved": MailWorld.move,
    "cancelled": MailWorld.cancel,
    "left": lambda world: world.change(learner_ids=("bob",)),
    "other guests": _swap_guests,
    "asked again": _ask_again,
    "calendar broken": _break_calendar,
    "reconnected": _reconnect,
}


def _kill() -> None:
    raise faults.Killed


def _played(changes: str, trap: Trap) -> MailWorld:
    world = MailWorld()
    _play(world, trap, CHANGES[changes], is_new=changes == "invited")
    return world


def _play(
    world: MailWorld, trap: Trap, change: Callable[[MailWorld], Any], *, is_new: bool = False
) -> None:
    """Ann gets mail, Bob has a calendar, Gus is a guest; the worker of the last step is trapped."""
    world.connect("bob", "b1")
    world.book(users=("ann", "bob"))
    world.invite_guests("gus")
    if not is_new:
        world.drain()
    change(world)
    healthy = world.sync
    world.sync = trapped(world, trap)
    world.deliver()
    world.sync = healthy
    world.drain()


def _mails(world: MailWorld) -> Counter[tuple[str, str, int, str]]:
    return Counter(
        (each.address, each.content.method.value, each.content.sequence, each.content.digest)
        for each in world.mail.sent
    )


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("changes", CHANGES)
def test_a_crash_repeats_at_most_one_mail_to_each_and_loses_none(
    changes: str, *, after: bool
) -> None:
    whole = _played(changes, Trap(MOST_CALLS * 10, _kill, after=after))
    points = 0
    for at in range(1, MOST_CALLS):
        trap = Trap(at, _kill, after=after)
        world = _played(changes, trap)
        if not trap.has_sprung:
            break
        points += 1
        expected, found = _mails(whole), _mails(world)
        assert expected.keys() == found.keys()
        assert all(found[each] - count in {0, 1} for each, count in expected.items())
        assert (found - expected).total() <= 1
        assert [whole.entries(name) for name in NAMES] == [world.entries(name) for name in NAMES]

    assert 8 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_crash_around_a_refused_copy_leaves_one_entry_by_either_channel(*, after: bool) -> None:
    for at in range(1, MOST_CALLS):
        world, trap = MailWorld(), Trap(at, _kill, after=after)
        _play(world, trap, _refuse_copy)
        assert [1, 1, 1] == [world.entries(name) for name in NAMES]
        assert len(world.said("bob")) in {0, 1, 2}
        if not trap.has_sprung:
            break

    assert world.said("bob") == ["REQUEST 1"]


def test_no_mail_goes_out_that_is_not_on_record() -> None:
    world = MailWorld()
    world.book()

    class Watched:
        """A mailer that looks at the record first."""

        def send(self, raw: bytes, *, to: str, tags: dict[str, str]) -> str:
            attempt = world.attempt_of("ann")
            assert (str(attempt.number), None) == (tags["attempt"], attempt.message_id)
            return world.mail.send(raw, to=to, tags=tags)

    world.syncing(mailer=Watched()).reconcile("s1", now=world.at)

    assert world.said("ann") == ["REQUEST 0"]
