import threading
from datetime import timedelta

import pytest

from shared.domain.copy import CopyState
from tests.support import faults
from tests.support.sync_world import SyncWorld
from tests.support.waiting import until


@pytest.fixture
def world() -> SyncWorld:
    """One session of Ann, who has one calendar."""
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    return world


@pytest.mark.parametrize("fault", [faults.ERROR_503, faults.ERROR_500, faults.TIMES_OUT])
def test_a_passing_fault_is_tried_again(world: SyncWorld, fault: faults.Fault) -> None:
    world.calendar.fail("a1", fault)

    waits = world.drain()

    assert len(waits) == 1
    assert world.held() == ["Coaching"]
    assert CopyState.SYNCED is world.state()
    assert world.copy().error is None


def test_waits_double_up_to_five_minutes(world: SyncWorld) -> None:
    world.calendar.fail("a1", *[faults.ERROR_503] * 12)

    waits = world.drain()

    seconds = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert [timedelta(seconds=each) for each in seconds] == waits


def test_waits_start_small_again_with_a_new_version(world: SyncWorld) -> None:
    world.calendar.fail("a1", *[faults.ERROR_503] * 4)
    before = [world.deliver() for _ in range(3)]
    world.change(title="Review")

    after = world.deliver()

    assert [timedelta(seconds=each) for each in (2, 4, 8)] == before
    assert timedelta(seconds=2) == after
    assert world.copy().attempts == 1


def test_no_wait_is_under_a_second_however_lucky_the_jitter(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.ERROR_503)

    wait = world.syncing(jitter=lambda _: timedelta(0)).reconcile("s1", now=world.at)

    assert timedelta(seconds=1) == wait


def test_retry_after_is_the_least_wait(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.too_many(timedelta(seconds=120)))

    assert [timedelta(seconds=120)] == world.drain()


def test_retry_after_holds_when_another_calendar_brings_the_message_back_sooner(
    world: SyncWorld,
) -> None:
    world.connect("ann", "a2")
    world.calendar.fail("a1", faults.too_many(timedelta(seconds=120)))
    world.calendar.fail("a2", faults.ERROR_503)

    waits = world.drain()

    assert [timedelta(seconds=2), timedelta(seconds=118)] == waits
    assert world.calendar.calls.count(("create", "a1")) == 2


def test_retry_after_holds_for_a_change_that_comes_meanwhile(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.too_many(timedelta(seconds=120)))
    world.deliver()
    world.advance(timedelta(seconds=20))
    world.change(title="Review")

    wait = world.deliver()

    assert timedelta(seconds=100) == wait
    assert len(world.calendar.calls) == 1


def test_a_refusal_stops_as_failed_with_its_reason(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.REFUSED)

    waits = world.drain()

    assert waits == []
    assert CopyState.FAILED is world.state()
    assert world.copy().error == "403 refused"


def test_one_calendar_that_refuses_keeps_no_other_waiting(world: SyncWorld) -> None:
    world.connect("bob", "b1")
    world.change(learner_ids=("ann", "bob"))
    world.calendar.fail("a1", faults.REFUSED)

    world.drain()

    assert world.held("b1") == ["Coaching"]


def test_a_calendar_that_hangs_keeps_no_other_waiting(world: SyncWorld) -> None:
    world.connect("bob", "b1")
    world.change(learner_ids=("ann", "bob"))
    released = threading.Event()
    world.calendar.fail("a1", faults.held_until(released))
    worker = threading.Thread(target=world.deliver)
    worker.start()

    written = until(lambda: world.held("b1") == ["Coaching"])
    while_hanging = world.held("a1")
    released.set()
    worker.join()

    assert written
    assert while_hanging == []
    assert world.held("a1") == ["Coaching"]
