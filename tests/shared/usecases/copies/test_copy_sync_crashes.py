"""A worker killed at each of its calls in turn."""

from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.support import request_faults
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.sync_harness import SyncHarness

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

MOST_CALLS = 60
CHANGES: dict[str, list[Callable[[SyncHarness], Any]]] = {
    "created": [],
    "updated": [lambda harness: harness.change(title="Review")],
    "updated and back": [
        lambda harness: harness.change(title="Review"),
        lambda harness: harness.change(title="Coaching"),
    ],
    "cancelled": [SyncHarness.cancel],
    "left": [lambda harness: harness.change(learner_ids=("bob",))],
    "left and joined again": [
        lambda harness: harness.change(learner_ids=("bob",)),
        lambda harness: harness.change(learner_ids=("ann",)),
    ],
}


def _cancel_a_day_later(harness: SyncHarness) -> None:
    harness.advance(timedelta(days=1))
    harness.cancel()


def _disconnect_and_cancel(harness: SyncHarness) -> None:
    harness.people.remove_connection("ann", "a1")
    harness.cancel()


DELETED_BY_USER = "updated after its user deleted it"
_DELETE_AND_UPDATE: list[Callable[[SyncHarness], Any]] = [
    lambda harness: harness.calendar.delete_all("a1"),
    lambda harness: harness.change(title="Review"),
]
AFTERWARDS: dict[str, Callable[[SyncHarness], Any]] = {
    "then nothing": lambda harness: harness.at,
    "then cancelled": SyncHarness.cancel,
    "then cancelled a day later": _cancel_a_day_later,
    "then changed back": lambda harness: harness.change(title="Coaching", learner_ids=("ann",)),
    "then disconnected and cancelled": _disconnect_and_cancel,
}


CASES = [
    *product(CHANGES, AFTERWARDS),
    *product([DELETED_BY_USER], ["then nothing", "then cancelled", "then cancelled a day later"]),
]


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize(("changes", "afterwards"), CASES)
def test_a_worker_killed_at_any_call_leaves_correct_calendars(
    changes: str, afterwards: str, *, after: bool
) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        harness, hook = SyncHarness(), CallHook(at, _kill, after=after)
        _play_interrupted(harness, hook, {**CHANGES, DELETED_BY_USER: _DELETE_AND_UPDATE}[changes])
        if not hook.has_fired:
            break
        points += 1
        AFTERWARDS[afterwards](harness)
        harness.drain()
        harness.check("s1", "ann", "a1")
        harness.check("s1", "bob", "b1")

    assert 5 <= points < MOST_CALLS - 1


def _play_interrupted(
    harness: SyncHarness, hook: CallHook, changes: list[Callable[[SyncHarness], Any]]
) -> None:
    harness.connect("ann", "a1")
    harness.connect("bob", "b1")
    harness.book()
    healthy = harness.sync
    harness.sync = worker_with_hook(harness, hook)
    harness.deliver()
    for change in changes:
        change(harness)
        if not hook.has_fired or len(changes) > 1:
            harness.deliver()
    harness.sync = healthy


def _kill() -> None:
    raise request_faults.ProcessKilled
