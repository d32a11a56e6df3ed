"""A worker killed at each of its calls in turn, whose message is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from shared.domain.sweep import MAX_TRIES
from tests.support import request_faults
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.mail_harness import MailHarness
from tests.support.sync_harness import SyncHarness

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

MOST_CALLS = 80
NAMES = ("ann", "bob", "gus")


def _kill() -> None:
    raise request_faults.ProcessKilled


def _break_calendar(harness: MailHarness) -> None:
    harness.revoke("bob", "b1")
    harness.move()


CHANGES: dict[str, Callable[[MailHarness], Any]] = {
    "moved": MailHarness.move,
    "cancelled": MailHarness.cancel,
    "left": lambda harness: harness.change(learner_ids=("bob",)),
    "other guests": lambda harness: harness.invite_guests("hal"),
    "resend requested": lambda harness: harness.request_resend("ann"),
    "calendar broken": _break_calendar,
}


def harness_after(change: Callable[[MailHarness], Any]) -> MailHarness:
    """Ann gets mail, Bob has a calendar, Gus is a guest; all were synced before the change.

    The session is in a month, so that it is not over when the event is parked.
    """
    harness = MailHarness()
    harness.connect("bob", "b1")
    start = harness.at + timedelta(days=30)
    harness.book(users=("ann", "bob"), interval=Interval(start, start + timedelta(hours=1)))
    harness.invite_guests("gus")
    harness.drain()
    change(harness)
    return harness


def sweep_all(harness: SyncHarness) -> None:
    """Sweep and reconcile the re-queued events until none is unsynced."""
    for _ in range(3):
        for event_id in harness.sweep().redriven:
            harness.drain(event_id)
    assert harness.sweep().waiting == 0


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_whose_message_is_lost_at_any_call_reaches_all_participants(
    change: Callable[[MailHarness], Any], *, after: bool
) -> None:
    whole = harness_after(change)
    whole.drain()
    points = 0
    for at in range(1, MOST_CALLS):
        harness, hook = harness_after(change), CallHook(at, _kill, after=after)
        healthy, harness.sync = harness.sync, worker_with_hook(harness, hook)
        harness.deliver()
        harness.sync = healthy
        sweep_all(harness)
        assert [whole.entries(name) for name in NAMES] == [harness.entries(name) for name in NAMES]
        assert set(whole.mails_to("ann")) == set(harness.mails_to("ann"))
        harness.check("s1", "bob", "b1")
        if not hook.has_fired:
            break
        points += 1

    assert 8 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_without_any_message_is_found(
    change: Callable[[MailHarness], Any],
) -> None:
    harness = harness_after(change)

    report = harness.sweep()

    assert ("s1",) == report.redriven
    assert timedelta(minutes=10) == report.longest


def test_a_synced_event_is_not_requeued() -> None:
    for change in CHANGES.values():
        harness = harness_after(change)
        harness.drain()
        assert harness.sweep().waiting == 0


def test_a_change_during_the_run_stays_unsynced() -> None:
    harness = MailHarness()
    harness.book()
    hook = CallHook(3, lambda: harness.change(title="Review"), after=True)
    harness.sync = worker_with_hook(harness, hook)

    harness.deliver()

    assert hook.has_fired
    assert ("s1",) == harness.sweep().redriven


def test_a_guest_list_changed_during_the_run_stays_unsynced() -> None:
    harness = MailHarness()
    harness.book()
    harness.invite_guests("gus")
    mailed = CallHook(1, lambda: harness.invite_guests("hal"), after=True)

    harness.worker(mailer=mailed.wrap(harness.mail)).reconcile("s1", now=harness.at)

    assert ("s1",) == harness.sweep().redriven


def test_guests_of_a_session_without_an_event_are_marked_synced() -> None:
    harness = MailHarness()
    harness.invite_guests("gus")
    before = harness.sweep().waiting
    harness.drain()

    assert (1, 0) == (before, harness.sweep().waiting)
    harness.book()
    harness.drain()
    assert harness.mails_to("gus") == ["REQUEST 0"]


def test_guests_are_marked_synced_by_a_stack_that_sends_no_mail() -> None:
    harness = MailHarness()
    harness.has_mail = False
    harness.sync = harness.worker()
    harness.book()
    harness.invite_guests("gus")

    harness.drain()

    assert harness.sweep().waiting == 0


def test_a_pending_event_is_synced_and_its_approval_makes_it_unsynced() -> None:
    harness = MailHarness()
    harness.book(status=EventStatus.PENDING_APPROVAL)
    harness.drain()
    before = harness.sweep().waiting
    harness.change(status=EventStatus.SCHEDULED)

    assert (0, 1) == (before, harness.sweep().waiting)


def test_an_event_that_waits_for_a_provider_stays_unsynced() -> None:
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    harness.calendar.fail("a1", request_faults.ERROR_503)

    harness.deliver()

    assert harness.sweep().waiting == 1


@pytest.mark.parametrize(
    "fault", [request_faults.REJECTED, request_faults.DEAD], ids=["rejected", "invalid credential"]
)
def test_an_event_whose_copy_failed_permanently_is_synced(
    fault: request_faults.RequestFault,
) -> None:
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    harness.calendar.fail("a1", fault)

    harness.drain()

    assert harness.sweep().waiting == 0


def park(harness: MailHarness) -> None:
    """Sweep every hour, while no message arrives, until the event is parked."""
    for _ in range(MAX_TRIES + 2):
        harness.advance(timedelta(minutes=50))
        if harness.sweep().parked:
            return
    raise AssertionError


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_of_a_parked_event_is_found_and_reaches_all_participants(
    change: Callable[[MailHarness], Any],
) -> None:
    harness = harness_after(change)
    park(harness)
    before = harness.sweep().waiting

    change(harness)

    assert (0, ("s1",)) == (before, harness.sweep().redriven)
    sweep_all(harness)
    whole = harness_after(change)
    change(whole)
    whole.drain()
    assert [whole.entries(name) for name in NAMES] == [harness.entries(name) for name in NAMES]
