"""The metrics of copies and tokens. Dimensions have few values and contain no ids."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain.errors import CredentialInvalid, ProviderMisconfigured, ProviderUnavailable
from tests.support import request_faults
from tests.support.sync_harness import SyncHarness


def copies(harness: SyncHarness) -> dict[tuple[str, ...], int]:
    """Return the counts of reconciled copies, by outcome and provider."""
    return {key[1:]: number for key, number in harness.meter.counts.items() if "Copies" in key[0]}


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, who has one calendar."""
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    return harness


def test_copies_are_counted_by_provider_and_outcome(harness: SyncHarness) -> None:
    harness.calendar.fail("a1", request_faults.ERROR_503)
    harness.drain()
    harness.cancel()
    harness.drain()

    outcomes = {("later", "apple"): 1, ("synced", "apple"): 1, ("removed", "apple"): 1}
    assert outcomes == copies(harness)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(request_faults.REJECTED, "failed"), (request_faults.DEAD, "reconnect_required")],
    ids=["rejected", "invalid credential"],
)
def test_a_copy_that_fails_is_counted_by_outcome(
    harness: SyncHarness, fault: request_faults.RequestFault, outcome: str
) -> None:
    harness.calendar.fail("a1", fault)

    harness.drain()

    assert {(outcome, "apple"): 1} == copies(harness)


@pytest.mark.parametrize(
    ("error", "counted"),
    [
        (lambda: CredentialInvalid("invalid_grant"), {("ReconnectsRequired", "apple"): 1}),
        (lambda: ProviderMisconfigured("wrong secret"), {("ProviderMisconfigured", "apple"): 1}),
        (lambda: ProviderUnavailable("503"), {}),
    ],
    ids=["invalid credential", "misconfigured", "temporary"],
)
def test_token_failures_are_counted_by_provider(
    harness: SyncHarness, error: Callable[[], Exception], counted: dict[Any, int]
) -> None:
    harness.calendar.fail("a1", request_faults.RequestFault(error))

    harness.deliver()

    metrics = {"ReconnectsRequired", "ProviderMisconfigured"}
    assert counted == {key: n for key, n in harness.meter.counts.items() if key[0] in metrics}


def test_an_invalid_connection_is_counted_once_for_many_events() -> None:
    harness = SyncHarness()
    harness.connect("ann", "a1")
    for number in range(3):
        harness.book(f"s{number}")
    harness.revoke("ann", "a1")

    for number in range(3):
        harness.drain(f"s{number}")

    assert 1 == harness.meter.counts["ReconnectsRequired", "apple"]
