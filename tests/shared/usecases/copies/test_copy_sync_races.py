"""Two workers on one event: one is stopped at each of its calls while the other runs."""

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from shared.domain.errors import LostRace
from shared.domain.event import EventStatus
from shared.domain.retry import TRIES
from tests.support import request_faults
from tests.support.call_hooks import CallHook, overlapping_workers, worker_with_hook
from tests.support.sync_harness import SyncHarness


def _cancel_with_lost_response(harness: SyncHarness) -> None:
    harness.cancel()
    harness.calendar.fail("a1", request_faults.TIMES_OUT_DONE)


MOST_CALLS = 60
FIRST: dict[str, Callable[[SyncHarness], Any]] = {
    "creates": lambda harness: harness.at,
    "updates": lambda harness: (harness.drain(), harness.change(title="Review")),
    "removes": lambda harness: (harness.drain(), harness.change(learner_ids=("bob",))),
    "creates again": lambda harness: (
        harness.drain(),
        harness.calendar.delete_all("a1"),
        harness.change(title="Review"),
    ),
}
MEANWHILE: dict[str, Callable[[SyncHarness], Any]] = {
    "nothing changes": lambda harness: harness.at,
    "it is changed": lambda harness: harness.change(title="Third", learner_ids=("ann",)),
    "it is cancelled": SyncHarness.cancel,
    "it is cancelled and the response lost": _cancel_with_lost_response,
}


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize(("first", "meanwhile"), list(product(FIRST, MEANWHILE)))
def test_two_workers_on_one_event_leave_a_correct_calendar_wherever_they_overlap(
    first: str, meanwhile: str, *, after: bool
) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        harness = overlapping_workers()
        harness.connect("ann", "a1")
        harness.book()
        FIRST[first](harness)

        def other(harness: SyncHarness = harness) -> None:
            MEANWHILE[meanwhile](harness)
            harness.deliver()

        hook = CallHook(at, other, after=after)
        worker_with_hook(harness, hook).reconcile("s1", now=harness.at)
        if not hook.has_fired:
            break
        points += 1
        harness.drain()
        harness.check("s1", "ann", "a1")

    assert 4 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("seed", range(8))
def test_concurrent_workers_leave_correct_calendars(seed: int) -> None:
    harness = overlapping_workers()
    for name in ("a1", "a2"):
        harness.connect("ann", name)
    harness.book()
    last = {"status": EventStatus.CANCELLED} if seed % 2 else {"title": "Last"}

    def work() -> None:
        for _ in range(6):
            harness.sync.reconcile("s1", now=harness.at)

    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for title in ("Second", "Third", "Fourth"):
        harness.change(title=title)
    harness.change(**last)
    for each in workers:
        each.join()
    harness.drain()

    harness.check("s1", "ann", "a1")
    harness.check("s1", "ann", "a2")


def test_a_worker_that_keeps_losing_races_fails_the_message() -> None:
    harness, pauses = overlapping_workers(), list[int]()
    harness.connect("ann", "a1")
    harness.book()

    class ContestedEvents:
        """Another worker writes between every read and write of the record."""

        def save_copy(self, copy: Any) -> Any:
            stored = harness.memory.copies.get(("s1", "a1"))
            if stored:
                harness.events.save_copy(stored)
            return harness.events.save_copy(copy)

        def __getattr__(self, name: str) -> Any:
            return getattr(harness.events, name)

    with pytest.raises(LostRace, match="Retry later"):
        harness.worker(events=ContestedEvents(), pause=pauses.append).reconcile(
            "s1", now=harness.at
        )
    harness.drain()

    assert pauses == list(range(1, TRIES))
    assert harness.copy_titles() == ["Coaching"]


def test_a_calendar_locked_by_another_worker_is_retried_later() -> None:
    harness = SyncHarness()
    connection = harness.connect("ann", "a1")
    harness.book()
    with harness.write_lock.of(connection):
        wait = harness.deliver()
        calls = len(harness.calendar.calls)
    harness.drain()

    assert wait == timedelta(seconds=6)
    assert calls == 0
    assert harness.copy().attempts == 1, "an attempt without a call does not count"
    assert harness.copy_titles() == ["Coaching"]
