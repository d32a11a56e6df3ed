"""Creating a session again whose event was cancelled or declined, or has expired."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import EventCancelled, EventExists, Forbidden, SlotTaken
from shared.domain.event import EventStatus, Owner
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, STRANGER, Platform, draft, hours

Close = Callable[[Platform], Any]
CLOSE: dict[str, Close] = {
    "cancelled": lambda platform: platform.events.cancel(COACH, "s1", reason="Ill.", now=NOW),
    "declined": lambda platform: platform.events.decline(ADMIN, "s1", now=NOW),
}


@pytest.fixture(params=CLOSE)
def closed(platform: Platform, request: pytest.FixtureRequest) -> Platform:
    """A platform with a closed session."""
    platform.book(auto_approval=False)
    CLOSE[request.param](platform)
    return platform


@pytest.mark.parametrize("changes", [{"auto_approval": False}, {"start": 14}])
def test_a_late_retry_does_not_revive_a_closed_session(
    closed: Platform, changes: dict[str, Any]
) -> None:
    for caller in (COACH, ADMIN):
        with pytest.raises(EventCancelled, match="reopen: true"):
            closed.book(caller=caller, **changes)

    assert closed.agenda() == {}


def test_a_session_is_booked_again_under_its_id_only_on_request(closed: Platform) -> None:
    view = closed.book(start=14, reopen=True)

    assert view.created
    assert (view.event.version, view.event.sequence, view.event.reason) == (3, 2, None)
    assert view.event.status is EventStatus.SCHEDULED
    assert closed.agenda() == closed.agenda("learner-1") == {"s1": hours(14)}
    assert [each.action.value for each in closed.memory.events["s1"].audit] == [
        "created",
        "reopened",
    ]


def test_the_same_body_for_a_session_that_was_reopened_returns_it(closed: Platform) -> None:
    first = closed.book(start=14, reopen=True)

    for reopen in (True, False):
        again = closed.book(start=14, reopen=reopen)
        assert (again.created, again.event) == (False, first.event)
    with pytest.raises(EventExists):
        closed.book(start=9, reopen=True)


def test_an_expired_session_is_reopened_before_the_sweep(platform: Platform) -> None:
    platform.book(auto_approval=False)
    later = hours(9).start

    with pytest.raises(EventCancelled, match="not approved in time"):
        platform.events.create(COACH, draft(start=14), now=later)
    view = platform.events.create(COACH, draft(start=14, reopen=True), now=later)

    assert (view.event.version, platform.agenda()) == (2, {"s1": hours(14)})


def test_the_participants_must_be_free_again(closed: Platform) -> None:
    closed.book("s2", 9)

    with pytest.raises(SlotTaken):
        closed.book(start=9, reopen=True)


@pytest.mark.parametrize("reopen", [True, False])
def test_an_outsider_sees_only_that_the_id_is_taken(closed: Platform, reopen: bool) -> None:  # noqa: FBT001 - a parameter
    fields: dict[str, Any] = {"coach_ids": (STRANGER.user_id,), "reopen": reopen}

    with pytest.raises(EventExists):
        closed.book(caller=STRANGER, **fields)


def test_only_those_who_may_cancel_a_session_may_reopen_it(platform: Platform) -> None:
    group = ("learner-1", "learner-2")
    platform.book(learner_ids=group)
    platform.events.cancel(COACH, "s1", now=NOW)
    own: dict[str, Any] = {"owner": Owner.COACHEE, "auto_approval": False, "reopen": True}

    with pytest.raises(Forbidden, match="Rule cancel"):
        platform.book(caller=LEARNER, **own)


def test_the_learner_of_a_pair_may_reopen_it_without_its_guests(closed: Platform) -> None:
    own: dict[str, Any] = {"owner": Owner.COACHEE, "auto_approval": False, "reopen": True}

    view = closed.book(caller=LEARNER, **own)

    assert (view.event.owner, view.event.first_version) == (Owner.COACHEE, 3)
    assert view.event.status is EventStatus.PENDING_APPROVAL


@pytest.mark.parametrize("caller", [COACH, ADMIN])
def test_a_coach_or_an_admin_reopens_it_with_its_guests(closed: Platform, caller: Caller) -> None:
    view = closed.book(caller=caller, reopen=True)

    assert view.event.first_version == 1
    assert view.event.created_by
    assert view.event.created_by.actor_id == caller.user_id


def test_an_admin_replaces_a_closed_event_with_which_an_outsider_blocked_the_id(
    platform: Platform,
) -> None:
    blocked: dict[str, Any] = {"coach_ids": (STRANGER.user_id,), "learner_ids": ("learner-9",)}
    platform.book(caller=STRANGER, auto_approval=False, **blocked)
    platform.events.cancel(STRANGER, "s1", now=NOW)

    view = platform.events.create(ADMIN, draft(), now=NOW)

    assert view.created
    assert [each.action.value for each in view.event.audit] == ["created", "replaced"]


def test_a_live_session_is_not_reopened(platform: Platform) -> None:
    platform.book()

    with pytest.raises(EventExists):
        platform.book(start=14, reopen=True)
    assert not platform.book(reopen=True).created


def test_a_reader_without_the_role_learns_that_it_is_closed_but_may_not_create(
    closed: Platform,
) -> None:
    without_role = replace(COACH, roles=frozenset())

    with pytest.raises(Forbidden, match=r"Rule create\.coach"):
        closed.book(caller=without_role, reopen=True)
