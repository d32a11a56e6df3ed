from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import CopyState
from shared.domain.errors import ProviderMisconfigured
from tests.support import request_faults
from tests.support.sync_harness import SyncHarness


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, who has one calendar."""
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    return harness


def test_an_invalid_credential_marks_the_connection_once(harness: SyncHarness) -> None:
    harness.revoke("ann", "a1")
    harness.book("s2")

    waits = [*harness.drain("s1"), *harness.drain("s2")]

    connection = harness.connection("ann", "a1")
    assert connection
    assert waits == []
    assert harness.people.marks == ["a1"]
    assert ConnectionStatus.RECONNECT_REQUIRED is connection.status
    assert [harness.state("a1", each) for each in ("s1", "s2")] == [
        CopyState.RECONNECT_REQUIRED
    ] * 2
    assert harness.copy("a1", "s2").error == "invalid_grant"


def test_reconnecting_repairs_new_copies_and_old_ones_with_their_next_message(
    harness: SyncHarness,
) -> None:
    harness.revoke("ann", "a1")
    harness.drain()
    harness.connect("ann", "a1")
    harness.book("s2")

    harness.drain("s1")
    harness.drain("s2")

    assert [harness.copy_titles("a1", each) for each in ("s1", "s2")] == [["Coaching"]] * 2


def test_a_connection_renewed_during_the_call_is_not_marked(harness: SyncHarness) -> None:
    harness.revoke("ann", "a1")

    class Renewing:
        """The user reconnects while the provider rejects the old credential."""

        def mark_connection(self, *args: Any, **named: Any) -> bool:
            harness.connect("ann", "a1")
            return harness.people.mark_connection(*args, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(harness.people, name)

    wait = harness.worker(people=Renewing()).reconcile("s1", now=harness.at)
    harness.drain()

    assert timedelta(seconds=1) == wait
    assert harness.people.marks == []
    assert CopyState.SYNCED is harness.state()


def test_a_copy_in_a_disconnected_calendar_stays_and_is_failed(
    harness: SyncHarness,
) -> None:
    harness.drain()
    harness.people.remove_connection("ann", "a1")
    harness.cancel()

    waits = harness.drain()

    assert waits == []
    assert CopyState.FAILED is harness.state()
    assert harness.copy().error == "The calendar was disconnected; its copy stays unchanged."


def test_a_calendar_disconnected_before_the_first_write_has_no_entry(
    harness: SyncHarness,
) -> None:
    harness.calendar.fail("a1", request_faults.ERROR_503)
    harness.deliver()
    harness.people.remove_connection("ann", "a1")
    harness.cancel()

    harness.drain()

    assert CopyState.REMOVED is harness.state()


def test_a_calendar_disconnected_during_a_create_may_have_the_entry(
    harness: SyncHarness,
) -> None:
    harness.calendar.fail("a1", request_faults.TIMES_OUT_DONE)
    harness.deliver()
    harness.people.remove_connection("ann", "a1")
    harness.cancel()

    harness.drain()

    assert harness.copy_titles() == ["Coaching"]
    assert CopyState.FAILED is harness.state()


def test_an_unconfigured_provider_is_retried(harness: SyncHarness) -> None:
    harness.connect("ann", "g1", provider=Provider.GOOGLE)

    wait = harness.deliver()

    assert timedelta(seconds=2) == wait
    assert harness.copy("g1").error == "no client for google"
    assert harness.copy_titles("a1") == ["Coaching"]


@pytest.mark.parametrize("then", [request_faults.DEAD, request_faults.REJECTED])
def test_a_create_without_a_response_stays_unsettled_after_another_failure(
    harness: SyncHarness, then: request_faults.RequestFault
) -> None:
    harness.calendar.fail("a1", request_faults.TIMES_OUT_DONE, then)
    harness.drain()
    harness.people.remove_connection("ann", "a1")
    harness.cancel()

    harness.drain()

    assert harness.copy_titles() == ["Coaching"]
    assert harness.state() is CopyState.FAILED


def test_a_misconfigured_provider_is_retried_and_disconnects_no_user(harness: SyncHarness) -> None:
    harness.calendar.fail(
        "a1", request_faults.RequestFault(lambda: ProviderMisconfigured("invalid_client"))
    )

    waits = harness.drain()

    assert waits == [timedelta(seconds=2)]
    assert harness.people.marks == []
    assert harness.copy_titles() == ["Coaching"]
