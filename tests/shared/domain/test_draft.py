from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.draft import session_interval
from shared.domain.errors import InvalidRequest
from shared.domain.event import Contact, EventStatus, Owner
from tests.support.platform import NOW, draft, hours

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


@given(
    coaches=st.permutations(("a", "b", "c")),
    learners=st.permutations(("d", "e", "f")),
    contacts=st.permutations((Contact("a", "a@example.org"), Contact("d", "d@example.org", "Dee"))),
)
def test_the_order_of_people_and_contacts_does_not_change_the_digest(
    coaches: list[str], learners: list[str], contacts: list[Contact]
) -> None:
    one, other = (
        draft(coach_ids=tuple(some), learner_ids=tuple(others), contacts=tuple(given_contacts))
        for some, others, given_contacts in (
            (coaches, learners, contacts),
            ("abc", "def", sorted(contacts, key=repr)),
        )
    )

    assert one.digest == other.digest


def test_a_field_that_is_given_with_its_default_does_not_change_the_digest() -> None:
    spelled_out = draft(session_link=None, location=None, contacts=(), allow_conflicts=False)

    assert draft().digest == spelled_out.digest


def test_the_digest_of_a_request_stays_the_same_across_deployments() -> None:
    assert draft().digest.startswith("7f3d420a26ede2dc2ac9fb952badb31f")


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

    assert full_day == session_interval(full_day.start, full_day.end, "UTC")
    with pytest.raises(InvalidRequest):
        session_interval(full_day.start, full_day.end + timedelta(microseconds=1), "UTC")


def test_a_session_can_last_a_whole_local_day_of_25_hours() -> None:
    midnights = [datetime(2027, month, day, tzinfo=UTC) for month, day in ((10, 31), (11, 1))]
    # The clock goes back from 03:00 to 02:00 in Berlin that night.
    start, end = midnights[0] - timedelta(hours=2), midnights[1] - timedelta(hours=1)

    assert session_interval(start, end, "Europe/Berlin").length == timedelta(hours=25)
    for zone, longer in (("UTC", timedelta(0)), ("Europe/Berlin", timedelta(microseconds=1))):
        with pytest.raises(InvalidRequest):
            session_interval(start, end + longer, zone)


def test_a_session_over_a_night_in_which_the_clock_goes_forward_can_last_24_hours() -> None:
    start = datetime(2027, 3, 27, 23, tzinfo=UTC)

    assert session_interval(start, start + timedelta(hours=24), "Europe/Berlin")
