"""Copies that became wrong while a calendar could not be reached, after it is connected again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyState
from shared.usecases.accounts.healing import Healing
from tests.support import request_faults
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.memory import MemoryParked, MemoryQueue
from tests.support.sync_harness import SyncHarness
from tests.support.three_providers import USERS, ThreeProviders

MOST_CALLS = 60
CHANGES: dict[str, Callable[[SyncHarness], Any]] = {
    "cancelled": SyncHarness.cancel,
    "renamed": lambda harness: harness.change(title="Review"),
    "left": lambda harness: harness.change(learner_ids=("bob",)),
}


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, with a copy in her calendar."""
    return with_a_copy()


def with_a_copy() -> SyncHarness:
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    harness.drain()
    return harness


def connected_again(harness: SyncHarness) -> Connection:
    """Store the connection as after connecting it again."""
    harness.advance(timedelta(minutes=1))
    fresh = harness.connect("ann", "a1")
    stored = replace(fresh, connected_at=harness.at, heal_from=harness.at)
    harness.people.save_connection(stored)
    return stored


def heal(harness: SyncHarness, *, people: Any = None) -> None:
    """Queue the sessions if that is still to be done, and deliver the queue."""
    connection = harness.connection("ann", "a1")
    assert connection is not None
    if connection.heal_from is None:
        return
    queue = MemoryQueue()
    parked = MemoryParked(harness.memory)
    healing = Healing(people=people or harness.people, queue=queue, parked_events=parked)
    healing.heal(connection, now=harness.at)
    for each in queue.sent:
        for event_id in each:
            harness.drain(event_id)


@pytest.mark.parametrize("change", CHANGES)
def test_connecting_again_corrects_the_copies(harness: SyncHarness, change: str) -> None:
    harness.revoke("ann", "a1")
    CHANGES[change](harness)
    harness.drain()
    before = harness.copy_titles()

    connected_again(harness)
    heal(harness)

    assert ["Coaching"] == before
    assert (["Review"] if change == "renamed" else []) == harness.copy_titles()
    assert frozenset() == harness.people.left_overs("ann")


@pytest.mark.parametrize("change", CHANGES)
def test_connecting_a_disconnected_calendar_again_corrects_the_copies(
    harness: SyncHarness, change: str
) -> None:
    harness.people.remove_connection("ann", "a1")
    CHANGES[change](harness)
    harness.drain()

    connected_again(harness)
    heal(harness)

    assert (["Review"] if change == "renamed" else []) == harness.copy_titles()


def test_a_new_calendar_gets_a_copy_of_every_coming_session(harness: SyncHarness) -> None:
    harness.connect("ann", "a2")
    fresh = replace(harness.connect("ann", "a3"), connected_at=harness.at, heal_from=harness.at)
    queue = MemoryQueue()
    harness.book("s2")
    harness.book("s3", users=("bob",))

    parked = MemoryParked(harness.memory)
    Healing(people=harness.people, queue=queue, parked_events=parked).heal(fresh, now=harness.at)

    assert [{"s1", "s2"}] == [set(each) for each in queue.sent]
    assert 2 == len({change for each in queue.sent for change in each.values()})


def test_a_copy_that_is_rejected_again_is_tried_once_more_only(harness: SyncHarness) -> None:
    harness.people.remove_connection("ann", "a1")
    harness.change(title="Review")
    harness.drain()
    connected_again(harness)
    harness.calendar.fail("a1", request_faults.REJECTED)

    heal(harness)
    harness.drain()

    assert CopyState.FAILED is harness.state()
    assert ["Coaching"] == harness.copy_titles()


@pytest.mark.long
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("change", CHANGES)
def test_a_process_killed_at_any_call_leaves_correct_calendars(change: str, *, after: bool) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        harness, hook = with_a_copy(), CallHook(at, _kill, after=after)
        harness.revoke("ann", "a1")
        CHANGES[change](harness)
        healthy, harness.sync = harness.sync, worker_with_hook(harness, hook)
        harness.deliver()
        harness.drain()
        connected_again(harness)
        _heal_interrupted(harness, hook)
        harness.sync = healthy
        if not hook.has_fired:
            break
        points += 1
        heal(harness)
        harness.drain()
        harness.check("s1", "ann", "a1")

    assert 5 <= points < MOST_CALLS - 1


@pytest.mark.long
@pytest.mark.parametrize("change", ["cancelled", "renamed"])
def test_connecting_again_corrects_the_copies_of_every_provider(
    three: ThreeProviders, change: str
) -> None:
    three.meet()
    three.drain()
    for provider in USERS:
        three.servers.end_grant(provider)
    CHANGES[change](three)
    three.drain()

    for provider in USERS:
        fresh = three.join(provider)
        three.advance(timedelta(minutes=1))
        stored = replace(fresh, connected_at=three.at, heal_from=three.at)
        three.people.save_connection(stored)
        queue = MemoryQueue()
        parked = MemoryParked(three.memory)
        Healing(people=three.people, queue=queue, parked_events=parked).heal(stored, now=three.at)
        for event_id in {each for sent in queue.sent for each in sent}:
            three.drain(event_id)

    expected = [] if change == "cancelled" else ["Review"]
    for provider in Provider.GOOGLE, Provider.OUTLOOK, Provider.APPLE:
        assert expected == [each.title for each in three.visible_entries(provider)]


def _heal_interrupted(harness: SyncHarness, hook: CallHook) -> None:
    try:
        heal(harness, people=hook.wrap(harness.people))
    except request_faults.ProcessKilled:
        return


def _kill() -> None:
    raise request_faults.ProcessKilled
