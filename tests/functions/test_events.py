"""Booking: POST /api/v1/events and reading what was booked."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.api import Answer
from tests.support.service import (
    User,
    admin,
    ask,
    book,
    coach,
    dump,
    fresh_id,
    learner,
    session_body,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

EVENTS = "/api/v1/events"


def post(who: User, body: dict[str, Any]) -> Answer:
    return ask("POST", EVENTS, who, body=body)


def refused(who: User, body: dict[str, Any]) -> tuple[int, str]:
    before = dump()
    answer = post(who, body)
    assert before == dump()
    return answer.status, answer.code


def test_a_booked_event_is_told_in_full() -> None:
    who, other, boss = coach(), learner(), admin()
    body = session_body(
        who.id,
        [other.id],
        adminId=boss.id,
        title="Überblick 🗓",
        timezone="Asia/Kolkata",
        location="Room 2",
        sessionLink="https://meet.example/x?y=1",
        contacts=[{"userId": other.id, "email": "ada@example.org", "name": "Ada"}],
    )

    answer = post(who, body)

    assert answer.status == 201
    assert {
        "id": body["sessionId"],
        "sessionId": body["sessionId"],
        "title": "Überblick 🗓",
        "sessionLink": "https://meet.example/x?y=1",
        "startTime": "2026-11-24T10:00:00Z",
        "endTime": "2026-11-24T11:00:00Z",
        "timezone": "Asia/Kolkata",
        "location": "Room 2",
        "owner": "COACH",
        "coachId": [who.id],
        "learnerId": [other.id],
        "adminId": boss.id,
        "status": "SCHEDULED",
        "version": 1,
        "warnings": [],
        "sync": [],
        "createdAt": "2026-11-23T08:00:00Z",
        "updatedAt": "2026-11-23T08:00:00Z",
    } == answer.data


def test_what_is_left_out_has_its_default() -> None:
    who, other = coach(), learner()

    event = book(who, who.id, other.id, autoApproval=...)

    assert (
        event["status"],
        event["timezone"],
        event["location"],
        event["sessionLink"],
        event["adminId"],
    ) == ("PENDING_APPROVAL", "UTC", None, None, None)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z"),
        ("2026-11-24t10:00:00z", "2026-11-24t11:00:00z"),
        ("2026-11-24T15:30:00+05:30", "2026-11-24T06:00:00-05:00"),
        ("2026-11-24T10:00:00", "2026-11-24T11:00:00.000000"),
        ("2026-11-24T10:00:00-00:00", "2026-11-24T11:00Z"),
    ],
)
def test_instants_are_read_with_any_offset_and_told_in_utc(start: str, end: str) -> None:
    who, other = coach(), learner()

    event = book(who, who.id, other.id, startTime=start, endTime=end)

    assert (
        event["startTime"],
        event["endTime"],
    ) == ("2026-11-24T10:00:00Z", "2026-11-24T11:00:00Z")


@pytest.mark.parametrize("owner", ["COACH", "coach", "Coach"])
def test_owners_are_read_in_any_case(owner: str) -> None:
    who, other = coach(), learner()

    assert book(who, who.id, other.id, owner=owner)["owner"] == "COACH"


def test_ids_may_be_integers_and_are_told_as_strings() -> None:
    event = book(admin(), [7001, "7002"], 7003, owner="COACH")

    assert (event["coachId"], event["learnerId"]) == (["7001", "7002"], ["7003"])


def test_the_same_person_twice_takes_part_once() -> None:
    who, other = coach(), learner()

    assert [other.id] == book(who, who.id, [other.id, other.id])["learnerId"]


def test_the_same_body_again_answers_the_event_and_does_nothing() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    first = post(who, body)
    before = dump()

    again = post(who, {**body, "owner": "coach", "startTime": "2026-11-24T11:00:00+01:00"})

    assert (200, first.data) == (again.status, again.data)
    assert before == dump()


def test_the_same_body_answers_even_after_changes_and_cancelling() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    post(who, body)
    ask("POST", f"{EVENTS}/cancel", who, body={"sessionId": body["sessionId"]})

    again = post(who, body)

    assert (again.status, again.data["status"], again.data["version"]) == (200, "CANCELLED", 2)


def test_another_body_for_the_same_session_is_refused() -> None:
    who, other = coach(), learner()
    body = session_body(who.id, other.id)
    post(who, body)

    answer = refused(who, {**body, "title": "Another"})

    assert answer == (409, "EVENT_EXISTS")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"coachId": ...}, "coachId"),
        ({"learnerId": ...}, "learnerId"),
        ({"learnerId": []}, "learnerId"),
        ({"owner": "COACHEE", "coachId": ...}, "coachId"),
        ({"owner": "ADMIN"}, "adminId"),
        ({"owner": "ADMIN", "adminId": "a", "coachId": ..., "learnerId": ...}, "coachId"),
    ],
)
def test_each_owner_needs_its_participants(changes: dict[str, Any], field: str) -> None:
    boss = admin()
    body = session_body(boss.id, "l", **changes)

    answer = post(boss, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [field] == [each["field"] for each in answer.json["error"]["details"]]


@pytest.mark.parametrize(("owner", "place"), [("COACH", 0), ("COACHEE", 1), ("ADMIN", 2)])
def test_only_the_owner_named_or_an_admin_may_book(owner: str, place: int) -> None:
    people = [coach(), learner(), coach()]
    body = session_body(people[0].id, people[1].id, adminId=people[2].id, owner=owner)

    answers = [refused(each, body) for each in people if each is not people[place]]

    assert answers == [(403, "FORBIDDEN")] * 2
    assert post(people[place], body).status == 201


def test_an_admin_may_book_for_others() -> None:
    assert book(admin(), coach().id, learner().id)["owner"] == "COACH"


@pytest.mark.parametrize(
    ("start", "end", "status"),
    [
        ("2026-11-24T10:00:00Z", "2026-11-24T10:00:00Z", 400),
        ("2026-11-24T10:00:00Z", "2026-11-24T09:59:59Z", 400),
        ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00Z", 201),
        ("2026-11-24T10:00:00Z", "2026-11-25T10:00:00.000001Z", 400),
        ("2199-12-31T23:00:00Z", "2199-12-31T23:59:59.999999Z", 201),
    ],
)
def test_a_session_lasts_more_than_nothing_and_at_most_a_day(
    start: str, end: str, status: int
) -> None:
    who = coach()

    answer = post(who, session_body(who.id, learner().id, startTime=start, endTime=end))

    assert status == answer.status


@pytest.mark.parametrize(
    ("start", "status"), [("2026-11-23T08:00:00Z", 201), ("2026-11-23T07:59:59.999999Z", 400)]
)
def test_a_session_may_start_now_but_not_before(start: str, status: int) -> None:
    who = coach()
    body = session_body(who.id, learner().id, startTime=start, endTime="2026-11-23T09:00:00Z")

    answer = post(who, body)

    assert status == answer.status
    assert status == 201 or answer.code == "START_IN_PAST"


def test_fifty_people_may_take_part_and_no_more() -> None:
    who = coach()
    many = [fresh_id("many") for _ in range(50)]

    assert post(who, session_body(who.id, many[:49])).status == 201
    assert refused(who, session_body(who.id, many)) == (400, "VALIDATION_ERROR")
    assert refused(who, session_body(who.id, [*many, "one-more"])) == (400, "VALIDATION_ERROR")


GROUPS = [
    (1, 1, {"coach", "learner"}),
    (1, 2, {"coach"}),
    (1, 0, {"coach"}),
    (2, 1, {"learner"}),
    (0, 1, {"learner"}),
    (2, 2, set()),
    (2, 0, set()),
]


@pytest.mark.parametrize(("coaches", "learners", "consulted"), GROUPS)
@pytest.mark.parametrize("taken", ["coach", "learner"])
def test_only_the_people_consulted_must_be_free(
    coaches: int, learners: int, consulted: set[str], taken: str
) -> None:
    boss = admin()
    who = [fresh_id("coach") for _ in range(coaches)]
    others = [fresh_id("learner") for _ in range(learners)]
    for each in who if taken == "coach" else others:
        book(boss, each, fresh_id())

    answer = post(boss, session_body(who, others, owner="ADMIN", adminId=boss.id))

    is_free = taken not in consulted
    assert (201 if is_free else 409) == answer.status
    assert is_free or answer.code == "SLOT_TAKEN"


def test_a_session_occupies_all_its_participants_once_booked() -> None:
    boss, who, others = admin(), coach(), [learner(), learner()]
    book(boss, who.id, [each.id for each in others], adminId=boss.id)

    answers = [
        refused(boss, session_body(fresh_id(), others[1].id)),
        refused(boss, session_body(boss.id, fresh_id())),
    ]

    assert answers == [(409, "SLOT_TAKEN")] * 2


def test_a_pending_event_holds_its_time() -> None:
    boss, who = admin(), coach()
    book(who, who.id, learner().id, autoApproval=False)

    assert refused(boss, session_body(who.id, learner().id)) == (409, "SLOT_TAKEN")


def test_touching_sessions_do_not_conflict() -> None:
    who = coach()
    book(who, who.id, learner().id)
    after = {"startTime": "2026-11-24T11:00:00Z", "endTime": "2026-11-24T12:00:00Z"}
    before = {"startTime": "2026-11-24T09:00:00Z", "endTime": "2026-11-24T10:00:00Z"}

    for times in (after, before):
        assert book(who, who.id, learner().id, **times)["status"] == "SCHEDULED"


def test_a_session_that_runs_on_from_the_day_before_conflicts() -> None:
    who = coach()
    times = {"startTime": "2026-11-23T20:00:00Z", "endTime": "2026-11-24T10:00:00.000001Z"}
    book(who, who.id, learner().id, **times)

    assert refused(who, session_body(who.id, learner().id)) == (409, "SLOT_TAKEN")


def alternatives(answer: Answer) -> list[tuple[datetime, datetime]]:
    assert (answer.status, answer.code) == (409, "SLOT_TAKEN")
    return [
        (datetime.fromisoformat(each["startTime"]), datetime.fromisoformat(each["endTime"]))
        for each in answer.json["error"]["alternatives"]
    ]


@pytest.mark.parametrize(
    "length",
    [timedelta(minutes=60), timedelta(minutes=90), timedelta(minutes=45, seconds=30)],
)
def test_alternatives_are_the_next_five_of_the_same_length_that_suit_both(
    length: timedelta,
) -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    later = {"startTime": "2026-11-24T12:00:00Z", "endTime": "2026-11-24T17:00:00Z"}
    book(boss, fresh_id(), other.id, **later)
    start = datetime.fromisoformat("2026-11-24T10:00:00Z")
    body = session_body(who.id, other.id, endTime=(start + length).isoformat())

    offered = alternatives(post(boss, body))

    assert len(offered) == 5
    assert {length} == {end - begin for begin, end in offered}
    assert sorted(offered) == offered
    # The coach is taken 10-11 and the learner 12-17, so nothing fits that day but 11-12.
    fits = length <= timedelta(hours=1)
    assert fits == (offered[0][0] == start + timedelta(hours=1))
    assert all(begin.hour >= 9 and begin - start <= timedelta(days=14) for begin, _ in offered)


def test_an_alternative_can_be_booked() -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    body = session_body(who.id, other.id)
    begin, end = alternatives(post(boss, body))[-1]

    answer = post(boss, {**body, "startTime": begin.isoformat(), "endTime": end.isoformat()})

    assert answer.status == 201


def test_without_a_free_time_there_are_no_alternatives() -> None:
    boss, who, other = admin(), coach(), learner()
    nothing = {"role": "Coach", "timezone": "UTC", "availability": {}}
    ask("PUT", "/api/v1/availability", who, body=nothing)
    book(boss, who.id, fresh_id())

    assert alternatives(post(boss, session_body(who.id, other.id))) == []


def test_windows_and_holidays_do_not_bind_a_booking() -> None:
    who, other = coach(), learner()
    body = {"name": "Off", "role": "Coach", "startDate": "2026-11-24", "endDate": "2026-11-24"}
    ask("POST", "/api/v1/holidays", who, body=body)
    night = {"startTime": "2026-11-24T01:00:00Z", "endTime": "2026-11-24T02:00:00Z"}

    assert book(who, who.id, other.id, **night)["status"] == "SCHEDULED"


def connect(user: User, status: ConnectionStatus) -> str:
    made = connection(
        fresh_id("c"), user_id=user.id, provider=Provider.GOOGLE, status=status, last_error=None
    )
    wiring.people().save_connection(made)
    return made.id


@pytest.mark.parametrize("status", list(ConnectionStatus))
def test_a_calendar_that_cannot_be_read_refuses_the_booking(status: ConnectionStatus) -> None:
    who, other = coach(), learner()
    connect(other, status)

    answer = refused(who, session_body(who.id, other.id))

    assert answer == (409, "CALENDAR_UNREADABLE")


def test_a_calendar_of_somebody_not_consulted_is_not_asked() -> None:
    who, one, other = coach(), learner(), learner()
    broken = connect(one, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(who, who.id, [one.id, other.id])

    assert [
        {
            "userId": one.id,
            "connectionId": broken,
            "provider": "google",
            "state": event["sync"][0]["state"],
            "attempts": 0,
            "error": event["sync"][0]["error"],
            "updatedAt": "2026-11-23T08:00:00Z",
        }
    ] == event["sync"]


def test_a_pending_event_is_written_to_no_calendar() -> None:
    who, one = coach(), learner()
    connect(one, ConnectionStatus.ACTIVE)

    event = book(who, who.id, [one.id, fresh_id()], autoApproval=False)

    assert event["sync"] == []


def test_allow_conflicts_is_for_admin_only() -> None:
    who = coach()

    answer = refused(who, session_body(who.id, learner().id, allowConflicts=True))

    assert answer == (403, "FORBIDDEN")


def test_allow_conflicts_books_despite_either_and_warns_of_both() -> None:
    boss, who, other = admin(), coach(), learner()
    book(boss, who.id, fresh_id())
    connect(other, ConnectionStatus.RECONNECT_REQUIRED)

    event = book(boss, who.id, other.id, allowConflicts=True)

    assert len(event["warnings"]) == 2
    assert who.id in event["warnings"][0]
    assert "could not be read" in event["warnings"][1]


def test_the_participants_and_admin_may_read_an_event_and_nobody_else() -> None:
    who, other = coach(), learner()
    event = book(who, who.id, other.id)
    path = f"{EVENTS}/{event['id']}"

    for reader in (who, other, admin()):
        assert event == ask("GET", path, reader).data
    answer = ask("GET", path, coach())
    assert (answer.status, answer.code) == (404, "NOT_FOUND")
