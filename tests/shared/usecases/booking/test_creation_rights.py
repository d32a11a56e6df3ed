"""Who may create which session, and who gets a session that exists already."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import (
    EventExists,
    Forbidden,
)
from shared.domain.event import Contact, EventStatus, Owner
from shared.domain.event_change import EventChange
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from tests.support.platform import (
    ADMIN,
    COACH,
    COACH_2,
    LEARNER,
    NOW,
    SERVICE,
    STRANGER,
    Platform,
    draft,
)

GROUP = (LEARNER.user_id, "learner-2")
BOTH = frozenset({Role.COACH, Role.LEARNER})


def change(session_id: str = "s1", **fields: Any) -> EventChange:
    return EventChange(session_id=session_id, fields=fields)


def request_of_learner(platform: Platform, caller: Caller = LEARNER, **changes: Any) -> Any:
    fields = {"owner": Owner.COACHEE, "auto_approval": False, **changes}
    return platform.book(caller=caller, **fields)


@pytest.mark.parametrize(
    ("caller", "changes"),
    [
        (LEARNER, {}),
        (replace(COACH, roles=frozenset({Role.LEARNER})), {}),
        (replace(COACH, roles=frozenset()), {}),
        (STRANGER, {}),
        (COACH, {"owner": Owner.ADMIN, "admin_id": COACH.user_id}),
        (COACH, {"owner": Owner.COACHEE}),
        (LEARNER, {"owner": Owner.COACHEE, "learner_ids": GROUP}),
        (LEARNER, {"owner": Owner.COACHEE, "coach_ids": ("coach-1", "coach-2")}),
        (LEARNER, {"owner": Owner.COACHEE, "learner_ids": ("learner-2",)}),
        (LEARNER, {"owner": Owner.COACHEE, "auto_approval": True}),
        (replace(LEARNER, roles=BOTH), {"owner": Owner.COACHEE, "auto_approval": True}),
        (LEARNER, {"owner": Owner.COACHEE, "contacts": (Contact("coach-1", "x@example.org"),)}),
        (COACH, {"allow_conflicts": True}),
    ],
)
def test_a_session_that_the_caller_may_not_create_is_rejected(
    platform: Platform, caller: Caller, changes: dict[str, Any]
) -> None:
    with pytest.raises(Forbidden, match=r"Rule .*: only an Admin or a service"):
        platform.book(caller=caller, **{"auto_approval": False, **changes})

    assert platform.bookings.commits == 0


@pytest.mark.parametrize(
    ("caller", "changes"),
    [
        (COACH, {"auto_approval": True, "learner_ids": GROUP}),
        (replace(COACH, roles=BOTH), {"auto_approval": True}),
        (COACH, {"contacts": (Contact("learner-1", "l@example.org"),)}),
        (LEARNER, {"owner": Owner.COACHEE}),
        (replace(LEARNER, roles=BOTH), {"owner": Owner.COACHEE}),
        (LEARNER, {"owner": Owner.COACHEE, "contacts": (Contact("learner-1", "l@example.org"),)}),
        (ADMIN, {"owner": Owner.COACHEE, "auto_approval": True}),
        (ADMIN, {"owner": Owner.ADMIN, "admin_id": "admin-2", "allow_conflicts": True}),
        (replace(ADMIN, roles=frozenset(Role)), {"learner_ids": GROUP}),
        (SERVICE, {"owner": Owner.ADMIN, "admin_id": "admin-2", "auto_approval": True}),
    ],
)
def test_a_session_that_the_caller_may_create_is_booked(
    platform: Platform, caller: Caller, changes: dict[str, Any]
) -> None:
    assert platform.book(caller=caller, **{"auto_approval": False, **changes}).created


def test_learners_may_approve_their_own_sessions_if_the_organization_says_so(
    platform: Platform,
) -> None:
    lenient = Policy(PolicySettings(auto_approval_roles=frozenset({Role.LEARNER})))
    own = draft(owner=Owner.COACHEE)

    view = platform.events_with(policy=lenient).create(LEARNER, own, now=NOW)

    assert view.event.status is EventStatus.SCHEDULED
    with pytest.raises(Forbidden, match="Rule autoApproval"):
        platform.events_with(policy=lenient).create(COACH, draft("s2", 12), now=NOW)


def test_a_repeated_request_succeeds_for_a_caller_who_may_not_change_the_session_any_more(
    platform: Platform,
) -> None:
    request_of_learner(platform)
    larger = change(owner=Owner.COACHEE, coach_ids=("coach-1",), learner_ids=GROUP)
    platform.events.update(ADMIN, larger, now=NOW)

    again = request_of_learner(platform)

    assert (again.created, again.event.learner_ids) == (False, GROUP)


def test_a_repeated_request_shows_nothing_to_a_caller_who_takes_no_part_any_more(
    platform: Platform,
) -> None:
    platform.book()
    handover = change(owner=Owner.COACH, coach_ids=("coach-2",), learner_ids=("learner-1",))
    platform.events.update(ADMIN, handover, now=NOW)

    with pytest.raises(EventExists):
        platform.book()


@pytest.mark.parametrize("caller", [STRANGER, LEARNER, COACH_2])
def test_the_request_of_another_user_is_not_repeated(platform: Platform, caller: Caller) -> None:
    platform.book(auto_approval=False)

    with pytest.raises(Forbidden):
        platform.book(caller=caller, auto_approval=False)
