import pytest

from shared.domain.copy import CopyState
from shared.domain.copy_steps import SETTLE
from tests.support import faults
from tests.support.sync_world import SyncWorld


@pytest.fixture
def world() -> SyncWorld:
    """One session of Ann, who has one calendar."""
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    return world


def test_what_was_gone_and_created_anew_without_an_answer_is_found_by_a_cancel(
    world: SyncWorld,
) -> None:
    world.drain()
    world.calendar.lose_all("a1")
    world.change(title="Review")
    world.calendar.fail("a1", faults.Fault(), faults.TIMES_OUT_DONE)
    world.deliver()
    made = world.held()
    world.cancel()

    world.drain()

    assert made == ["Review"]
    assert world.held() == []


@pytest.mark.parametrize("lost", [faults.TIMES_OUT_DONE, faults.KILLED_AFTER])
def test_a_title_changed_and_changed_back_around_a_lost_answer_is_written_back(
    world: SyncWorld, lost: faults.Fault
) -> None:
    world.drain()
    world.calendar.fail("a1", lost)
    world.change(title="Review")
    world.deliver()
    world.change(title="Coaching")

    world.drain()

    assert world.held() == ["Coaching"]


@pytest.mark.parametrize("lost", [faults.TIMES_OUT_DONE, faults.KILLED_AFTER])
def test_who_leaves_and_joins_again_around_a_lost_answer_has_a_copy(
    world: SyncWorld, lost: faults.Fault
) -> None:
    world.drain()
    world.calendar.fail("a1", lost)
    world.change(learner_ids=("bob",))
    world.deliver()
    world.change(learner_ids=("ann",))

    world.drain()

    assert world.held() == ["Coaching"]


@pytest.mark.parametrize("late", [faults.TIMES_OUT_LATE, faults.KILLED_LATE])
@pytest.mark.parametrize("between", ["nothing", "a retry that succeeds"])
def test_a_create_carried_out_after_the_removal_ends_removed(
    world: SyncWorld, late: faults.Fault, between: str
) -> None:
    world.calendar.fail("a1", late)
    wait = world.deliver()
    assert wait
    world.at += wait
    if between != "nothing":
        world.deliver()
    world.cancel()
    world.deliver()
    world.calendar.land()
    landed = world.held()

    world.drain()

    assert landed == ["Coaching"]
    assert world.held() == []
    assert CopyState.REMOVED is world.state()


def test_a_removal_is_told_as_pending_while_an_earlier_create_may_land(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.TIMES_OUT)
    world.deliver()
    world.cancel()

    wait = world.deliver()

    assert wait == SETTLE
    assert CopyState.PENDING is world.state()


def test_a_removal_after_a_create_that_was_answered_is_final_at_once(world: SyncWorld) -> None:
    world.drain()
    world.cancel()

    assert world.deliver() is None
