"""Who may approve and cancel a session, and in which version."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import (
    Forbidden,
    VersionConflict,
)
from shared.domain.event import Owner
from shared.domain.event_change import EventChange
from tests.support.platform import (
    ADMIN,
    COACH,
    LEARNER,
    NOW,
    SERVICE,
    STRANGER,
    Platform,
    moved,
)

GROUP = (LEARNER.user_id, "learner-2")


def change(session_id: str = "s1", **fields: Any) -> EventChange:
    return EventChange(session_id=session_id, fields=fields)


def by_learner(start: float, **fields: Any) -> EventChange:
    """Return a move as a learner's client sends it: with owner COACHEE and everyone stored."""
    request = moved(start)
    return replace(request, fields={**request.fields, "owner": Owner.COACHEE, **fields})


@pytest.mark.parametrize("caller", [ADMIN, SERVICE])
def test_an_admin_and_a_service_may_do_everything(platform: Platform, caller: Caller) -> None:
    platform.book(learner_ids=GROUP, auto_approval=False)

    changed = platform.events.update(caller, change(title="By the platform"), now=NOW)
    approved = platform.events.approve(
        caller, "s1", allow_conflicts=False, expected_version=2, now=NOW
    )
    cancelled = platform.events.cancel(caller, "s1", expected_version=3, now=NOW)

    assert [each.event.version for each in (changed, approved, cancelled)] == [2, 3, 4]
    assert [each.actor_id for each in cancelled.audit or ()] == ["coach-1", *[caller.user_id] * 3]


@pytest.mark.parametrize("session_id", ["s1", "unknown"])
@pytest.mark.parametrize("caller", [COACH, LEARNER, STRANGER])
def test_only_an_admin_approves_and_others_learn_of_no_session(
    platform: Platform, caller: Caller, session_id: str
) -> None:
    platform.book(auto_approval=False)

    with pytest.raises(Forbidden, match="Rule approve"):
        platform.events.approve(caller, session_id, allow_conflicts=False, now=NOW)


def test_an_admin_approves_only_the_version_they_have_read(platform: Platform) -> None:
    platform.book(auto_approval=False)
    platform.events.update(LEARNER, by_learner(14), now=NOW)

    def approve(version: int) -> Any:
        return platform.events.approve(
            ADMIN, "s1", allow_conflicts=False, expected_version=version, now=NOW
        )

    with pytest.raises(VersionConflict):
        approve(1)
    assert approve(2).event.version == approve(2).event.version == approve(3).event.version == 3
    with pytest.raises(VersionConflict):
        approve(1)


def test_a_caller_cancels_only_the_version_they_have_read(platform: Platform) -> None:
    platform.book()
    platform.events.update(COACH, moved(14), now=NOW)

    with pytest.raises(VersionConflict):
        platform.events.cancel(COACH, "s1", expected_version=1, now=NOW)
    first = platform.events.cancel(COACH, "s1", expected_version=2, now=NOW)

    assert platform.events.cancel(COACH, "s1", expected_version=2, now=NOW).event == first.event
