"""A worker killed at each of its calls in turn."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.support import faults
from tests.support.sync_world import SyncWorld
from tests.support.traps import Trap, trapped

# Every one of many cases; plain tests cover the same lines, and tracing these doubles their time.
pytestmark = pytest.mark.no_cover

MOST_CALLS = 60
CHANGES: dict[str, list[Callable[[SyncWorld], Any]]] = {
    "created": [],
    "updated": [lambda world: world.change(title="Review")],
    "updated and back": [
        lambda world: world.change(title="Review"),
        lambda world: world.change(title="Coaching"),
    ],
    "cancelled": [SyncWorld.cancel],
    "left": [lambda world: world.change(learner_ids=("bob",))],
    "left and joined again": [
        lambda world: world.change(learner_ids=("bob",)),
        lambda world: world.change(learner_ids=("ann",)),
    ],
}


def _cancel_a_day_later(world: SyncWorld) -> None:
    world.advance(timedelta(days=1))
    world.cancel()


def _disconnect_and_cancel(world: SyncWorld) -> None:
    world.people.remove_connection("ann", "a1")
    world.cancel()


DELETED_BY_USER = "updated after its user deleted it"
_DELETE_AND_UPDATE: list[Callable[[SyncWorld], Any]] = [
    lambda world: world.calendar.lose_all("a1"),
    lambda world: world.change(title="Review"),
]
AFTERWARDS: dict[str, Callable[[SyncWorld], Any]] = {
    "then nothing": lambda world: world.at,
    "then cancelled": SyncWorld.cancel,
    "then cancelled a day later": _cancel_a_day_later,
    "then changed back": lambda world: world.change(title="Coaching", learner_ids=("ann",)),
    "then disconnected and cancelled": _disconnect_and_cancel,
}


CASES = [
    *product(CHANGES, AFTERWARDS),
    *product([DELETED_BY_USER], ["then nothing", "then cancelled", "then cancelled a day later"]),
]


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize(("changes", "afterwards"), CASES)
def test_a_worker_killed_at_any_call_leaves_nothing_wrong(
    changes: str, afterwards: str, *, after: bool
) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        world, trap = SyncWorld(), Trap(at, _kill, after=after)
        _play_trapd(world, trap, {**CHANGES, DELETED_BY_USER: _DELETE_AND_UPDATE}[changes])
        if not trap.has_sprung:
            break
        points += 1
        AFTERWARDS[afterwards](world)
        world.drain()
        world.check("s1", "ann", "a1")
        world.check("s1", "bob", "b1")

    assert 5 <= points < MOST_CALLS - 1


def _play_trapd(world: SyncWorld, trap: Trap, changes: list[Callable[[SyncWorld], Any]]) -> None:
    world.connect("ann", "a1")
    world.connect("bob", "b1")
    world.book()
    healthy = world.sync
    world.sync = trapped(world, trap)
    world.deliver()
    for change in changes:
        change(world)
        if not trap.has_sprung or len(changes) > 1:
            world.deliver()
    world.sync = healthy


def _kill() -> None:
    raise faults.Killed
