"""An erasure whose worker is killed at each of its calls in turn ends as if it had not been."""

import pytest

from shared.domain.connection import Provider
from shared.domain.event import Contact, EventStatus
from shared.domain.invite import invite_id
from tests.shared.usecases.erasure.test_erasure import ANN, google_account, pair
from tests.support.call_hooks import CallHook
from tests.support.erasure_harness import ErasureHarness
from tests.support.request_faults import ProcessKilled

pytestmark = [pytest.mark.no_cover]

MOST_CALLS = 400


def prepared() -> ErasureHarness:
    """Ann has a past session, a coming one, a group, a cancelled one and two accounts."""
    harness = ErasureHarness()
    harness.people.save_profile("ann", email=ANN, roles=frozenset())
    harness.connect("ann", "a1")
    google_account(harness, "g1")
    harness.connect("cora", "c1")
    harness.providers = type(harness.providers)(
        dict.fromkeys((Provider.APPLE, Provider.GOOGLE), harness.calendar)
    )
    harness.sync = harness.worker()
    contacts = (Contact("ann", ANN, "Ann Other"),)
    pair(harness, "past", days=-3)
    pair(harness, "coming")
    pair(harness, "group", days=2, learner_ids=("ann", "bob"), session_link=None, title="G")
    pair(harness, "cancelled", days=3, contacts=contacts)
    harness.settle()
    harness.cancel("cancelled")
    harness.settle()
    harness.suppressions.suppress_address(invite_id(ANN), since=harness.at)
    harness.request()
    return harness


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_worker_killed_at_any_call_is_resumed(*, after: bool) -> None:
    points = 0
    for at in range(1, MOST_CALLS):
        harness, hook = prepared(), CallHook(at, _kill, after=after)
        _play_interrupted(harness, hook)
        if not hook.has_fired:
            break
        points += 1
        harness.finish()
        _check(harness)

    assert points > 40


def _kill() -> None:
    raise ProcessKilled


def _play_interrupted(harness: ErasureHarness, hook: CallHook) -> None:
    """Continue the erasure with a worker that is killed once, until it is or the erasure ends."""
    worker = harness.eraser(hook.wrap)
    try:
        while (wait := harness.erase_once(worker=worker)) is not None:
            harness.advance(wait)
    except ProcessKilled:
        harness.settle()


def _check(harness: ErasureHarness) -> None:
    texts = ("'ann'", '"ann"', "ann@", "Ann Other", invite_id(ANN))
    assert harness.traces(*texts) == []
    assert "refresh-g1" in harness.oauth.revoked
    assert harness.event("coming").status is EventStatus.CANCELLED
    assert harness.event("group").learner_ids == ("bob",)
    assert {len(harness.calendar.copies(name, "coming")) for name in ("a1", "g1", "c1")} == {0}
    assert len(harness.event("past").learner_ids) == 1
