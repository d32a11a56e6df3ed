import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import CopyState
from shared.domain.retry import LONGEST_WAIT
from tests.support import request_faults
from tests.support.sync_harness import SyncHarness
from tests.support.waiting import until

BUSY = request_faults.too_many(timedelta(seconds=1))


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, who has one calendar."""
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    return harness


@pytest.mark.parametrize(
    "fault", [request_faults.ERROR_503, request_faults.ERROR_500, request_faults.TIMES_OUT]
)
def test_a_temporary_fault_is_retried(
    harness: SyncHarness, fault: request_faults.RequestFault
) -> None:
    harness.calendar.fail("a1", fault)

    waits = harness.drain()

    assert len(waits) == 1
    assert harness.copy_titles() == ["Coaching"]
    assert CopyState.SYNCED is harness.state()
    assert harness.copy().error is None


def test_waits_double_up_to_five_minutes(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", *[BUSY] * 12)

    waits = harness.drain()

    seconds = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300]
    assert [timedelta(seconds=each) for each in seconds] == waits


def test_waits_start_again_with_a_new_version(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", *[request_faults.ERROR_503] * 3)
    before = [harness.deliver() for _ in range(2)]
    harness.change(title="Review")

    after = harness.deliver()

    assert [timedelta(seconds=each) for each in (2, 4)] == before
    assert timedelta(seconds=2) == after
    assert harness.copy().attempts == 1


def test_no_wait_is_under_a_second_whatever_the_jitter(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", request_faults.ERROR_503)

    wait = harness.worker(jitter=lambda _: timedelta(0)).reconcile("s1", now=harness.at)

    assert timedelta(seconds=1) == wait


def test_retry_after_is_the_minimum_wait(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", request_faults.too_many(timedelta(seconds=120)))

    assert [timedelta(seconds=120)] == harness.drain()


def test_retry_after_applies_when_another_calendar_causes_an_earlier_run(
    harness: SyncHarness,
) -> None:
    harness.connect("ann", "a2")
    harness.calendar.fail("a1", request_faults.too_many(timedelta(seconds=120)))
    harness.calendar.fail("a2", request_faults.ERROR_503)

    waits = harness.drain()

    assert [timedelta(seconds=2), timedelta(seconds=118)] == waits
    assert harness.calendar.calls.count(("create", "a1")) == 2


def test_retry_after_applies_to_a_change_made_meanwhile(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", request_faults.too_many(timedelta(seconds=120)))
    harness.deliver()
    harness.advance(timedelta(seconds=20))
    harness.change(title="Review")

    wait = harness.deliver()

    assert timedelta(seconds=100) == wait
    assert len(harness.calendar.calls) == 1


def test_a_rejected_copy_is_failed_with_the_reason(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", request_faults.REJECTED)

    waits = harness.drain()

    assert waits == []
    assert CopyState.FAILED is harness.state()
    assert harness.copy().error == "403 rejected"


def test_a_rejecting_calendar_does_not_delay_the_others(harness: SyncHarness) -> None:
    harness.connect("bob", "b1")
    harness.change(learner_ids=("ann", "bob"))
    harness.calendar.fail("a1", request_faults.REJECTED)

    harness.drain()

    assert harness.copy_titles("b1") == ["Coaching"]


def test_a_hanging_calendar_does_not_delay_the_others(harness: SyncHarness) -> None:
    harness.connect("bob", "b1")
    harness.change(learner_ids=("ann", "bob"))
    released = threading.Event()
    harness.calendar.fail("a1", request_faults.blocked_until(released))
    worker = threading.Thread(target=harness.deliver)
    worker.start()

    written = until(lambda: harness.copy_titles("b1") == ["Coaching"])
    while_hanging = harness.copy_titles("a1")
    released.set()
    worker.join()

    assert written
    assert while_hanging == []
    assert harness.copy_titles("a1") == ["Coaching"]


def test_a_copy_of_an_unavailable_connection_waits_and_its_record_is_not_written() -> None:
    """A newer version stored the connection; after a rollback this version must not touch it."""
    harness = SyncHarness(has_mail=True)
    harness.people.save_connection(
        replace(
            harness.connect("ann", "a1"),
            provider=Provider.UNKNOWN,
            status=ConnectionStatus.UNAVAILABLE,
        )
    )
    harness.book()

    wait = harness.deliver()

    assert wait == LONGEST_WAIT
    assert harness.events.find_with_copies("s1")[1] == ()
    assert harness.mail.sent == []
