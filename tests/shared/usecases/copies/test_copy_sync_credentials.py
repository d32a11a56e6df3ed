from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import CopyState
from shared.domain.errors import ProviderMisconfigured
from tests.support import faults
from tests.support.sync_world import SyncWorld


@pytest.fixture
def world() -> SyncWorld:
    """One session of Ann, who has one calendar."""
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    return world


def test_a_dead_credential_marks_the_connection_once(world: SyncWorld) -> None:
    world.revoke("ann", "a1")
    world.book("s2")

    waits = [*world.drain("s1"), *world.drain("s2")]

    connection = world.connection("ann", "a1")
    assert connection
    assert waits == []
    assert world.people.marks == ["a1"]
    assert ConnectionStatus.RECONNECT_REQUIRED is connection.status
    assert [world.state("a1", each) for each in ("s1", "s2")] == [CopyState.RECONNECT_REQUIRED] * 2
    assert world.copy("a1", "s2").error == "invalid_grant"


def test_reconnecting_heals_the_next_copy_and_the_next_message_of_an_old_one(
    world: SyncWorld,
) -> None:
    world.revoke("ann", "a1")
    world.drain()
    world.connect("ann", "a1")
    world.book("s2")

    world.drain("s1")
    world.drain("s2")

    assert [world.held("a1", each) for each in ("s1", "s2")] == [["Coaching"]] * 2


def test_a_connection_renewed_during_the_call_is_not_called_broken(world: SyncWorld) -> None:
    world.revoke("ann", "a1")

    class Renewing:
        """The user reconnects while the old credential is being refused."""

        def mark_connection(self, *args: Any, **named: Any) -> bool:
            world.connect("ann", "a1")
            return world.people.mark_connection(*args, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(world.people, name)

    wait = world.syncing(people=Renewing()).reconcile("s1", now=world.at)
    world.drain()

    assert timedelta(seconds=1) == wait
    assert world.people.marks == []
    assert CopyState.SYNCED is world.state()


def test_a_copy_in_a_disconnected_calendar_stays_and_is_told_as_failed(world: SyncWorld) -> None:
    world.drain()
    world.people.remove_connection("ann", "a1")
    world.cancel()

    waits = world.drain()

    assert waits == []
    assert CopyState.FAILED is world.state()
    assert world.copy().error == "The calendar was disconnected; its copy stays as it was."


def test_a_calendar_disconnected_before_anything_was_written_holds_nothing(
    world: SyncWorld,
) -> None:
    world.calendar.fail("a1", faults.ERROR_503)
    world.deliver()
    world.people.remove_connection("ann", "a1")
    world.cancel()

    world.drain()

    assert CopyState.REMOVED is world.state()


def test_a_calendar_disconnected_before_a_create_was_answered_may_hold_it(
    world: SyncWorld,
) -> None:
    world.calendar.fail("a1", faults.TIMES_OUT_DONE)
    world.deliver()
    world.people.remove_connection("ann", "a1")
    world.cancel()

    world.drain()

    assert world.held() == ["Coaching"]
    assert CopyState.FAILED is world.state()


def test_a_provider_this_stack_does_not_know_is_tried_on(world: SyncWorld) -> None:
    world.connect("ann", "g1", provider=Provider.GOOGLE)

    wait = world.deliver()

    assert timedelta(seconds=2) == wait
    assert world.copy("g1").error == "no client for google"
    assert world.held("a1") == ["Coaching"]


@pytest.mark.parametrize("then", [faults.DEAD, faults.REFUSED])
def test_a_create_without_an_answer_is_not_forgotten_over_another_failure(
    world: SyncWorld, then: faults.Fault
) -> None:
    world.calendar.fail("a1", faults.TIMES_OUT_DONE, then)
    world.drain()
    world.people.remove_connection("ann", "a1")
    world.cancel()

    world.drain()

    assert world.held() == ["Coaching"]
    assert world.state() is CopyState.FAILED


def test_our_own_wrong_credentials_disconnect_nobody_and_are_tried_on(world: SyncWorld) -> None:
    world.calendar.fail("a1", faults.Fault(lambda: ProviderMisconfigured("invalid_client")))

    waits = world.drain()

    assert waits == [timedelta(seconds=2)]
    assert world.people.marks == []
    assert world.held() == ["Coaching"]
