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


def test_the_order_of_people_does_not_make_another_request() -> None:
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
def test_any_other_word_makes_another_request(changes: dict[str, Any]) -> None:
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
def test_a_draft_that_breaks_a_rule_names_the_field(changes: dict[str, Any], field: str) -> None:
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
def test_a_draft_at_the_edge_of_a_rule_is_taken(changes: dict[str, Any]) -> None:
    assert draft(**changes).event(now=NOW).id == "s1"


def test_a_session_of_one_day_is_the_longest() -> None:
    longest = hours(9, 24)

    assert longest == session_interval(longest.start, longest.end)
    with pytest.raises(InvalidRequest):
        session_interval(longest.start, longest.end + timedelta(microseconds=1))


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
def test_a_change_of_time_names_what_of_owner_and_people_is_missing(
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
def test_what_owner_needs_is_enough(change: EventChange) -> None:
    applied = change.apply(draft().event(now=NOW), now=NOW)

    change.check_owner()

    assert applied.version == 2


def test_a_change_without_difference_is_the_very_same_event() -> None:
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
def test_the_sequence_grows_with_time_and_place_and_the_version_always(
    change: EventChange, sequence: int
) -> None:
    event = draft().event(now=NOW)

    after = change.apply(event, now=hours(1).start)

    assert (after.version, after.sequence, after.updated_at) == (2, sequence, hours(1).start)


def test_a_running_session_may_be_changed_but_not_begun_anew_in_the_past() -> None:
    event = draft().event(now=NOW)
    later = hours(9.5).start

    longer = EventChange(session_id="s1", end=hours(9, 2).end).apply(event, now=later)

    assert longer.interval == hours(9, 2)
    with pytest.raises(StartInPast):
        EventChange(session_id="s1", start=hours(9.25).start).apply(event, now=later)


def test_a_change_that_leaves_owner_without_its_people_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        EventChange(session_id="s1", fields={"learner_ids": ()}).apply(
            draft().event(now=NOW), now=NOW
        )


@pytest.mark.parametrize(
    ("owner", "passes", "stops"),
    [(Owner.COACH, COACH, LEARNER), (Owner.COACHEE, LEARNER, COACH), (Owner.ADMIN, ADMIN, COACH)],
)
def test_only_the_owner_acts_and_admin_for_everybody(owner: Owner, passes: Any, stops: Any) -> None:
    event = draft(owner=owner, admin_id="admin-1").event(now=NOW)

    check_owner_is(passes, event)
    check_owner_is(replace(STRANGER, roles=ADMIN.roles), event)
    with pytest.raises(Forbidden):
        check_owner_is(stops, event)
