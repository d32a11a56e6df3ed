"""Who may change a session, and which parts of a request need a right."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import (
    Forbidden,
    NotFound,
    SlotTaken,
)
from shared.domain.event import Contact, Owner
from shared.domain.event_change import EventChange
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from tests.support.platform import (
    ADMIN,
    COACH,
    COACH_2,
    LEARNER,
    NOW,
    STRANGER,
    Platform,
    hours,
    moved,
)

GROUP = (LEARNER.user_id, "learner-2")


def change(session_id: str = "s1", **fields: Any) -> EventChange:
    return EventChange(session_id=session_id, fields=fields)


def by_learner(start: float, **fields: Any) -> EventChange:
    """Return a move as a learner's client sends it: with owner COACHEE and everyone stored."""
    request = moved(start)
    return replace(request, fields={**request.fields, "owner": Owner.COACHEE, **fields})


def test_a_learner_moves_a_session_without_becoming_its_owner(platform: Platform) -> None:
    platform.book()

    view = platform.events.update(LEARNER, by_learner(14), now=NOW)

    assert (view.event.interval, view.event.owner) == (hours(14), Owner.COACH)
    with pytest.raises(Forbidden, match=r"Rule edit\.details"):
        platform.events.update(LEARNER, change(title="Mine"), now=NOW)


@pytest.mark.parametrize(
    "request_",
    [
        change(title="x"),
        change(owner=Owner.COACH, title="x"),
        change(owner=Owner.COACHEE, title="x"),
        change(owner=Owner.COACHEE),
        change(session_link="https://evil.example.org/"),
        change(location="Elsewhere"),
        by_learner(9),
        by_learner(14, coach_ids=("coach-2",)),
        by_learner(14, learner_ids=GROUP),
        by_learner(9, owner=Owner.ADMIN, admin_id="learner-1"),
        by_learner(14, contacts=(Contact("coach-1", "thief@example.org"),)),
        by_learner(14, title="x"),
    ],
)
def test_a_learner_cannot_change_what_belongs_to_the_coach(
    platform: Platform, request_: EventChange
) -> None:
    before = platform.book().event

    with pytest.raises(Forbidden):
        platform.events.update(LEARNER, request_, now=NOW)

    assert platform.store.find("s1") == before


def test_a_learner_edits_a_session_that_belongs_to_learners(platform: Platform) -> None:
    platform.book(caller=LEARNER, owner=Owner.COACHEE, auto_approval=False)

    view = platform.events.update(LEARNER, change(title="Exam", location="Room 2"), now=NOW)

    assert (view.event.title, view.event.location) == ("Exam", "Room 2")


def test_a_user_sets_only_the_own_contact(platform: Platform) -> None:
    of_coach = Contact("coach-1", "c@example.org")
    platform.book(contacts=(of_coach,), learner_ids=GROUP)
    own = Contact("learner-1", "l@example.org")

    view = platform.events.update(LEARNER, change(contacts=(own,)), now=NOW)

    assert set(view.event.contacts) == {of_coach, own}
    view = platform.events.update(LEARNER, change(contacts=()), now=NOW)
    assert view.event.contacts == (of_coach,)


GROUP_CALLS: Mapping[str, Callable[[Platform, Caller], Any]] = {
    "title": lambda platform, who: platform.events.update(who, change(title="x"), now=NOW),
    "link": lambda platform, who: platform.events.update(
        who, change(session_link="https://x.example"), now=NOW
    ),
    "move": lambda platform, who: platform.events.update(
        who, by_learner(14, learner_ids=GROUP), now=NOW
    ),
    "take it over": lambda platform, who: platform.events.update(who, by_learner(9), now=NOW),
    "cancel": lambda platform, who: platform.events.cancel(who, "s1", now=NOW),
    "approve": lambda platform, who: platform.events.approve(
        who, "s1", allow_conflicts=False, now=NOW
    ),
}


@pytest.mark.parametrize("call", GROUP_CALLS)
def test_a_learner_of_a_group_changes_nothing(platform: Platform, call: str) -> None:
    platform.book(learner_ids=GROUP, auto_approval=False)

    with pytest.raises(Forbidden):
        GROUP_CALLS[call](platform, LEARNER)

    assert platform.bookings.commits == 1


@pytest.mark.parametrize("caller", [LEARNER, replace(LEARNER, roles=frozenset())])
def test_an_update_that_repeats_what_is_stored_needs_no_right(
    platform: Platform, caller: Caller
) -> None:
    platform.book(learner_ids=GROUP)
    same = moved(9)

    view = platform.events.update(
        caller, replace(same, fields={**same.fields, "learner_ids": GROUP[::-1]}), now=NOW
    )

    assert (view.event.version, platform.bookings.commits) == (1, 1)


@pytest.mark.parametrize(
    ("settings", "call"),
    [
        (
            PolicySettings(learners_may_move=False),
            lambda events: events.update(LEARNER, by_learner(14), now=NOW),
        ),
        (
            PolicySettings(learners_may_cancel=False),
            lambda events: events.cancel(LEARNER, "s1", now=NOW),
        ),
    ],
)
def test_an_organization_can_leave_moving_and_cancelling_to_coaches(
    platform: Platform, settings: PolicySettings, call: Callable[[Any], Any]
) -> None:
    platform.book()

    with pytest.raises(Forbidden, match=r"a coach of the session, or the learner .* LEARNERS_MAY"):
        call(platform.events_with(policy=Policy(settings)))


def test_a_coach_hands_a_session_over_to_a_colleague_who_is_free(platform: Platform) -> None:
    platform.book()
    handover = change(owner=Owner.COACH, coach_ids=("coach-2",), learner_ids=("learner-1",))

    view = platform.events.update(COACH, handover, now=NOW)

    assert view.event.coach_ids == ("coach-2",)
    assert platform.events.read(COACH_2, "s1", now=NOW).event == view.event
    with pytest.raises(NotFound):
        platform.events.read(COACH, "s1", now=NOW)


def test_a_session_is_not_handed_over_to_a_busy_colleague(platform: Platform) -> None:
    platform.book()
    platform.book("s2", coach_ids=("coach-2",), learner_ids=("x",), caller=COACH_2)
    handover = change(owner=Owner.COACH, coach_ids=("coach-2",), learner_ids=("learner-1",))

    with pytest.raises(SlotTaken, match="coach-2"):
        platform.events.update(COACH, handover, now=NOW)


@pytest.mark.parametrize(
    ("sent", "roles"), [(ADMIN, ()), (COACH, ()), (COACH, (Role.LEARNER,)), (STRANGER, tuple(Role))]
)
def test_only_the_role_in_the_token_makes_a_participant_more_than_a_reader(
    platform: Platform, sent: Caller, roles: tuple[Role, ...]
) -> None:
    platform.book(admin_id=ADMIN.user_id)
    caller = replace(sent, roles=frozenset(roles))

    if caller.is_admin:
        assert platform.events.read(caller, "s1", now=NOW)
    else:
        with pytest.raises(NotFound):
            platform.events.read(caller, "s1", now=NOW)
