"""Guests that were prepared before their session had an event."""

from typing import Any

import pytest

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.event import Event, EventStatus
from tests.support import request_faults
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.mail_harness import THROTTLED, MailHarness, address
from tests.support.sync_harness import START

MOST_CALLS = 60


def audit(creator: str, *, version: int = 1) -> tuple[AuditEntry, ...]:
    """Return the audit of an event that a user created with that version."""
    created = AuditEntry(
        action=AuditAction.CREATED, actor_id=creator, role="Coach", at=START, version=version
    )
    return (created,)


def booked(harness: MailHarness, creator: str = "cora", **changes: Any) -> Event:
    """Write a new event of coach Cora with learner Ann."""
    return harness.book(**{"coach_ids": ("cora",), "audit": audit(creator), **changes})


def prepared(by: str, *, admin: bool = False) -> MailHarness:
    """Return a harness with a guest list that was prepared, and reconciled without an event."""
    harness = MailHarness()
    harness.invite_guests("gus", prepared_by=by, prepared_by_admin=admin)
    harness.deliver()
    return harness


def listed(harness: MailHarness) -> list[str]:
    guests = harness.invites.guest_list("s1")
    assert guests is not None
    assert guests.prepared_by is None
    return [each.email for each in guests.attendees]


@pytest.mark.parametrize(
    ("by", "admin", "creator"),
    [("cora", False, "platform"), ("carl", False, "carl"), ("boss", True, "cora")],
    ids=["coach", "creator", "Admin"],
)
def test_guests_prepared_by_creator_coach_or_admin_are_invited(
    by: str, creator: str, *, admin: bool
) -> None:
    harness = prepared(by, admin=admin)
    booked(harness, creator)

    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]
    assert listed(harness) == [address("gus")]


def test_guests_that_another_coach_planted_get_no_mail_and_are_removed() -> None:
    harness = prepared("spy")
    booked(harness)

    harness.drain()

    assert harness.mails_to("gus") == []
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert listed(harness) == []


def test_guests_planted_once_stay_removed_when_the_preparer_becomes_a_coach() -> None:
    harness = prepared("spy")
    booked(harness)
    harness.drain()

    harness.change(coach_ids=("spy",))
    harness.drain()

    assert harness.mails_to("gus") == []


def test_guests_stay_invited_when_the_session_is_handed_to_another_coach() -> None:
    harness = prepared("cora")
    booked(harness, "platform")
    harness.drain()

    harness.change(coach_ids=("carl",))
    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]


def test_a_hand_over_while_mail_waits_drops_no_guest() -> None:
    harness = prepared("cora")
    harness.mail.fail(address("ann"), *[THROTTLED] * 3)
    booked(harness, "platform")

    waits = [harness.deliver()]
    harness.change(coach_ids=("carl",))
    harness.drain()

    assert waits != [None]
    assert harness.mails_to("gus") == ["REQUEST 0"]


def test_guests_of_a_pending_event_wait_and_count_when_it_is_approved() -> None:
    harness = prepared("cora")
    booked(harness, "platform", status=EventStatus.PENDING_APPROVAL)
    harness.drain()
    harness.change(coach_ids=("carl",))
    harness.drain()
    before = list(harness.mail.sent)

    harness.change(status=EventStatus.SCHEDULED)
    harness.drain()

    assert before == []
    assert harness.mails_to("gus") == ["REQUEST 0"]


def test_guests_of_a_pending_event_are_dropped_when_it_is_replaced() -> None:
    harness = prepared("spy")
    booked(harness, "spy", coach_ids=("spy",), status=EventStatus.PENDING_APPROVAL)
    harness.drain()

    replacement = audit("platform", version=2)
    harness.change(coach_ids=("cora",), status=EventStatus.SCHEDULED, audit=replacement)
    harness.drain()

    assert harness.mails_to("gus") == []
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert listed(harness) == []


def test_a_list_stored_before_preparers_were_recorded_counts_and_is_not_written() -> None:
    harness = prepared("cora")
    harness.invite_guests("gus", prepared_by=None)
    harness.deliver()
    before = harness.invites.guest_list("s1")
    booked(harness, "platform")

    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]
    assert harness.invites.guest_list("s1") == before


def test_a_stack_that_sends_no_mail_adopts_the_guests_too() -> None:
    harness = prepared("cora")
    harness.has_mail = False
    harness.sync = harness.worker()
    booked(harness, "platform")

    harness.drain()

    assert listed(harness) == [address("gus")]


def test_a_list_that_changes_meanwhile_is_decided_upon_again() -> None:
    harness = prepared("spy")
    booked(harness)
    hook = CallHook(1, lambda: harness.invite_guests("hal", prepared_by=None), after=False)
    slow = hook.wrap(harness.invites)

    class SlowInvites:
        """An invite store in which the coach saves other guests before our first write."""

        def __getattr__(self, name: str) -> Any:
            return getattr(slow if name == "save_guest_list" else harness.invites, name)

    wait = harness.worker(invites=SlowInvites()).reconcile("s1", now=harness.at)
    harness.drain()

    assert (hook.has_fired, wait is not None) == (True, True)
    assert (harness.mails_to("gus"), harness.mails_to("hal")) == ([], ["REQUEST 0"])
    assert listed(harness) == [address("hal")]


def _kill() -> None:
    raise request_faults.ProcessKilled


@pytest.mark.no_cover
@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize(("by", "mails"), [("cora", ["REQUEST 0"]), ("spy", [])])
def test_a_crash_at_any_call_neither_drops_trusted_guests_nor_invites_planted_ones(
    by: str, mails: list[str], *, after: bool
) -> None:
    for at in range(1, MOST_CALLS):
        harness = prepared(by)
        booked(harness, "platform")
        healthy, hook = harness.sync, CallHook(at, _kill, after=after)
        harness.sync = worker_with_hook(harness, hook)
        harness.deliver()
        harness.sync = healthy
        harness.drain()
        harness.change(coach_ids=("carl",), title="Review")
        harness.drain()

        assert sorted(set(harness.mails_to("gus"))) == mails
        assert len(listed(harness)) == len(mails)
        if not hook.has_fired:
            break

    assert 8 <= at < MOST_CALLS - 1
