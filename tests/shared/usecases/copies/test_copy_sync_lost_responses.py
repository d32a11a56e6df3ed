import pytest

from shared.domain.copy import CopyState
from shared.domain.copy_steps import UNSETTLED_FOR
from tests.support import request_faults
from tests.support.sync_harness import SyncHarness


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, who has one calendar."""
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    return harness


def test_a_deleted_copy_recreated_without_a_response_is_removed_by_a_cancel(
    harness: SyncHarness,
) -> None:
    harness.drain()
    harness.calendar.delete_all("a1")
    harness.change(title="Review")
    harness.calendar.fail("a1", request_faults.RequestFault(), request_faults.TIMES_OUT_DONE)
    harness.deliver()
    made = harness.copy_titles()
    harness.cancel()

    harness.drain()

    assert made == ["Review"]
    assert harness.copy_titles() == []


@pytest.mark.parametrize("lost", [request_faults.TIMES_OUT_DONE, request_faults.KILLED_AFTER])
def test_a_title_changed_back_after_a_lost_response_is_written_again(
    harness: SyncHarness, lost: request_faults.RequestFault
) -> None:
    harness.drain()
    harness.calendar.fail("a1", lost)
    harness.change(title="Review")
    harness.deliver()
    harness.change(title="Coaching")

    harness.drain()

    assert harness.copy_titles() == ["Coaching"]


@pytest.mark.parametrize("lost", [request_faults.TIMES_OUT_DONE, request_faults.KILLED_AFTER])
def test_a_participant_who_rejoins_after_a_lost_response_has_a_copy(
    harness: SyncHarness, lost: request_faults.RequestFault
) -> None:
    harness.drain()
    harness.calendar.fail("a1", lost)
    harness.change(learner_ids=("bob",))
    harness.deliver()
    harness.change(learner_ids=("ann",))

    harness.drain()

    assert harness.copy_titles() == ["Coaching"]


@pytest.mark.parametrize("late", [request_faults.TIMES_OUT_LATE, request_faults.KILLED_LATE])
@pytest.mark.parametrize("between", ["nothing", "a retry that succeeds"])
def test_a_create_executed_after_the_removal_is_removed_again(
    harness: SyncHarness, late: request_faults.RequestFault, between: str
) -> None:
    harness.calendar.fail("a1", late)
    wait = harness.deliver()
    assert wait
    harness.at += wait
    if between != "nothing":
        harness.deliver()
    harness.cancel()
    harness.deliver()
    harness.calendar.apply_late_requests()
    landed = harness.copy_titles()

    harness.drain()

    assert landed == ["Coaching"]
    assert harness.copy_titles() == []
    assert CopyState.REMOVED is harness.state()


def test_a_removal_is_pending_while_an_earlier_create_may_still_be_executed(
    harness: SyncHarness,
) -> None:
    harness.calendar.fail("a1", request_faults.TIMES_OUT)
    harness.deliver()
    harness.cancel()

    wait = harness.deliver()

    assert wait == UNSETTLED_FOR
    assert CopyState.PENDING is harness.state()


def test_a_removal_after_a_confirmed_create_is_final_immediately(harness: SyncHarness) -> None:
    harness.drain()
    harness.cancel()

    assert harness.deliver() is None
