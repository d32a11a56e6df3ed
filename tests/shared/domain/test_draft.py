from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.draft import EventChange, check_owner_is, session_interval
from shared.domain.errors import Forbidden, InvalidRequest, OwnerRequired, StartInPast
from shared.domain.event import EventStatus, Owner
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, STRANGER, draft, hours

MANY = tuple(f"learner-{n}" for n in range(51))


def fields_of(caught: Any) -> list[str]:
    """Return the fields an error names."""
    return [each.field for each in caught.value.problems]


def test_a_draft_becomes_the_first_version_of_its_event() -> None:
    event = draft(location="Room 2").event(now=NOW)

    assert (event.id, event.version, event.sequence) == ("s1", 1, 0)
    assert (event.interval, event.location) == (hours(9), "Room 2")
    assert (event.created_at, event.updated_at) == (NOW, NOW)
    assert event.status is EventStatus.SCHEDULED


def test_the_order_of_people_does_not_change_the_digest() -> None:
    one = draft(coach_ids=("a", "b"), learner_ids=("c", "d"))

    assert one.digest == draft(coach_ids=("b", "a"), learner_ids=("d", "c")).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other"},
        {"start": 8},
        {"owner": Owner.COACHEE},
        {"auto_approval": False},
        {"location": "Room 2"},
    ],
)
def test_any_other_change_changes_the_digest(changes: dict[str, Any]) -> None:
    assert draft().digest != draft(**changes).digest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"owner": Owner.COACH, "coach_ids": ()}, "coachId"),
        ({"owner": Owner.COACH, "learner_ids": ()}, "learnerId"),
        ({"owner": Owner.COACHEE, "coach_ids": ()}, "coachId"),
        ({"owner": Owner.ADMIN}, "adminId"),
        (
            {"owner": Owner.ADMIN, "admin_id": "a", "coach_ids": (), "learner_ids": ()},
            "coachId",
        ),
        ({"learner_ids": MANY}, "learnerId"),
        ({"end": hours(9).start}, "endTime"),
        ({"end": hours(8).start}, "endTime"),
        ({"end": hours(9, 24.5).end}, "endTime"),
    ],
)
def test_an_invalid_draft_names_the_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        draft(**changes).event(now=NOW)

    assert fields_of(caught) == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"owner": Owner.ADMIN, "admin_id": "a", "coach_ids": ()},
        {"owner": Owner.ADMIN, "admin_id": "a", "learner_ids": ()},
        {"learner_ids": MANY[:49]},
        {"end": hours(9, 24).end},
    ],
)
def test_a_draft_at_a_limit_is_accepted(changes: dict[str, Any]) -> None:
    assert draft(**changes).event(now=NOW).id == "s1"


def test_a_session_can_last_at_most_one_day() -> None:
    full_day = hours(9, 24)

    assert full_day == session_interval(full_day.start, full_day.end)
    with pytest.raises(InvalidRequest):
        session_interval(full_day.start, full_day.end + timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({}, ["owner"]),
        ({"owner": Owner.COACH}, ["coachId", "learnerId"]),
        ({"owner": Owner.COACHEE, "coach_ids": ("c",)}, ["learnerId"]),
        ({"owner": Owner.COACH, "learner_ids": ("l",)}, ["coachId"]),
        ({"owner": Owner.ADMIN}, ["adminId", "coachId"]),
        ({"owner": Owner.ADMIN, "admin_id": "a"}, ["coachId"]),
        ({"owner": Owner.ADMIN, "learner_ids": ("l",)}, ["adminId"]),
    ],
)
def test_a_change_of_time_names_the_missing_owner_and_participants(
    fields: dict[str, Any], missing: list[str]
) -> None:
    with pytest.raises(OwnerRequired) as caught:
        EventChange(session_id="s1", fields=fields, start=NOW).check_owner()

    assert fields_of(caught) == missing


@pytest.mark.parametrize(
    "change",
    [
        EventChange(session_id="s1", end=NOW),
        EventChange(session_id="s1", fields={"coach_ids": ("c",)}),
        EventChange(session_id="s1", fields={"learner_ids": ("l",)}),
        EventChange(session_id="s1", fields={"admin_id": "a"}),
    ],
)
def test_any_change_of_time_or_people_needs_owner(change: EventChange) -> None:
    with pytest.raises(OwnerRequired):
        change.check_owner()


@pytest.mark.parametrize(
    "change",
    [
        EventChange(session_id="s1", fields={"title": "Review"}),
        EventChange(
            session_id="s1",
            fields={"owner": Owner.COACH, "coach_ids": ("c",), "learner_ids": ("l",)},
            start=hours(8).start,
        ),
        EventChange(
            session_id="s1",
            fields={"owner": Owner.ADMIN, "admin_id": "a", "coach_ids": ("c",)},
            start=hours(8).start,
        ),
    ],
    ids=["text only", "owner with people", "admin with a coach"],
)
def test_owner_with_its_required_participants_is_enough(change: EventChange) -> None:
    applied = change.apply(draft().event(now=NOW), now=NOW)

    change.check_owner()

    assert applied.version == 2


def test_a_change_without_a_difference_returns_the_same_object() -> None:
    event = draft().event(now=NOW)

    same = EventChange(session_id="s1", fields={"title": event.title}).apply(
        event, now=hours(1).end
    )

    assert same is event


@pytest.mark.parametrize(
    ("change", "sequence"),
    [
        (EventChange(session_id="s1", fields={"title": "Review"}), 0),
        (EventChange(session_id="s1", fields={"location": "Room 2"}), 1),
        (EventChange(session_id="s1", end=hours(9, 2).end), 1),
        (EventChange(session_id="s1", start=hours(8).start), 1),
    ],
)
def test_time_and_place_increment_the_sequence_and_every_change_the_version(
    change: EventChange, sequence: int
) -> None:
    event = draft().event(now=NOW)

    after = change.apply(event, now=hours(1).start)

    assert (after.version, after.sequence, after.updated_at) == (2, sequence, hours(1).start)


def test_a_running_session_can_be_changed_but_not_moved_to_another_past_start() -> None:
    event = draft().event(now=NOW)
    later = hours(9.5).start

    longer = EventChange(session_id="s1", end=hours(9, 2).end).apply(event, now=later)

    assert longer.interval == hours(9, 2)
    with pytest.raises(StartInPast):
        EventChange(session_id="s1", start=hours(9.25).start).apply(event, now=later)


def test_a_change_that_removes_the_participants_owner_needs_is_rejected() -> None:
    with pytest.raises(InvalidRequest):
        EventChange(session_id="s1", fields={"learner_ids": ()}).apply(
            draft().event(now=NOW), now=NOW
        )


@pytest.mark.parametrize(
    ("owner", "allowed", "denied"),
    [(Owner.COACH, COACH, LEARNER), (Owner.COACHEE, LEARNER, COACH), (Owner.ADMIN, ADMIN, COACH)],
)
def test_only_the_owner_or_an_admin_may_act(owner: Owner, allowed: Any, denied: Any) -> None:
    event = draft(owner=owner, admin_id="admin-1").event(now=NOW)

    check_owner_is(allowed, event)
    check_owner_is(replace(STRANGER, roles=ADMIN.roles), event)
    with pytest.raises(Forbidden):
        check_owner_is(denied, event)
