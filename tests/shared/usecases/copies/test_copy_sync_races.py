"""Two workers on one event: the one stopped at each of its calls while the other runs."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from shared.domain.errors import LostRace
from shared.domain.event import EventStatus
from tests.support import faults
from tests.support.sync_world import SyncWorld
from tests.support.traps import Trap, crossing, trapped


def _cancelled_unheard(world: SyncWorld) -> None:
    world.cancel()
    world.calendar.fail("a1", faults.TIMES_OUT_DONE)


MOST_CALLS = 60
FIRST: dict[str, Callable[[SyncWorld], Any]] = {
    "creates": lambda world: world.at,
    "updates": lambda world: (world.drain(), world.change(title="Review")),
    "removes": lambda world: (world.drain(), world.change(learner_ids=("bob",))),
    "creates anew": lambda world: (
        world.drain(),
        world.calendar.lose_all("a1"),
        world.change(title="Review"),
    ),
}
MEANWHILE: dict[str, Callable[[SyncWorld], Any]] = {
    "nothing changes": lambda world: world.at,
    "it is changed": lambda world: world.change(title="Third", learner_ids=("ann",)),
    "it is cancelled": SyncWorld.cancel,
    "it is cancelled and the answer lost": _cancelled_unheard,
}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize(("first", "meanwhile"), list(product(FIRST, MEANWHILE)))
def test_two_workers_on_one_event_end_right_wherever_they_cross(
    first: str, meanwhile: str, *, after: bool
) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        world = crossing()
        world.connect("ann", "a1")
        world.book()
        FIRST[first](world)

        def other(world: SyncWorld = world) -> None:
            MEANWHILE[meanwhile](world)
            world.deliver()

        trap = Trap(at, other, after=after)
        trapped(world, trap).reconcile("s1", now=world.at)
        if not trap.has_sprung:
            break
        points += 1
        world.drain()
        world.check("s1", "ann", "a1")

    assert 4 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("seed", range(8))
def test_workers_in_threads_of_their_own_end_right(seed: int) -> None:
    world = crossing()
    for name in ("a1", "a2"):
        world.connect("ann", name)
    world.book()
    last = {"status": EventStatus.CANCELLED} if seed % 2 else {"title": "Last"}

    def work() -> None:
        for _ in range(6):
            world.sync.reconcile("s1", now=world.at)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for title in ("Second", "Third", "Fourth"):
        world.change(title=title)
    world.change(**last)
    for each in workers:
        each.join()
    world.drain()

    world.check("s1", "ann", "a1")
    world.check("s1", "ann", "a2")


def test_a_worker_that_keeps_losing_gives_the_message_back() -> None:
    world = crossing()
    world.connect("ann", "a1")
    world.book()

    class Contested:
        """Somebody else writes between every read and write of the record."""

        def save_copy(self, copy: Any) -> Any:
            kept = world.memory.copies.get(("s1", "a1"))
            if kept:
                world.events.save_copy(kept)
            return world.events.save_copy(copy)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.events, name)

    with pytest.raises(LostRace, match="ask again later"):
        world.syncing(events=Contested()).reconcile("s1", now=world.at)
    world.drain()

    assert world.held() == ["Coaching"]


def test_a_calendar_that_another_is_writing_to_is_tried_later() -> None:
    world = SyncWorld()
    connection = world.connect("ann", "a1")
    world.book()
    with world.turns.of(connection):
        wait = world.deliver()
        calls = len(world.calendar.calls)
    world.drain()

    assert wait == timedelta(seconds=2)
    assert calls == 0
    assert world.held() == ["Coaching"]
