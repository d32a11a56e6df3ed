from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay, SessionHeading
from shared.domain.errors import LostRace
from shared.domain.event import Event, EventStatus
from shared.ports import Bookings
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.table import ReadIncomplete
from shared.stores.tables import Tables
from tests.support.aws import Aws, answering, counted, without_headings
from tests.support.store_samples import DAY, hours, session

ONE_DAY = timedelta(days=1)
TOMORROW = hours(9, day=DAY + ONE_DAY)


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def held_by(people: DynamoPeople, user_id: str) -> dict[str, Any]:
    days = people.agenda(user_id, DAY - 3 * ONE_DAY, DAY + 3 * ONE_DAY)
    return {key: interval for day in days for key, interval in day.sessions.items()}


def headings_of(people: DynamoPeople, user_id: str) -> dict[str, SessionHeading]:
    (day,) = people.agenda(user_id, DAY, DAY)
    return dict(day.headings)


def version_of(people: DynamoPeople, user_id: str) -> int:
    (day,) = people.agenda(user_id, DAY, DAY)
    return day.version


def test_the_store_fills_its_port(bookings: DynamoBookings) -> None:
    port: Bookings = bookings

    assert port is bookings


def test_agendas_come_for_every_person_and_day_that_matters(bookings: DynamoBookings) -> None:
    bookings.commit(session(), previous=None)

    found = bookings.agendas(["coach-1", "nobody", "coach-1"], hours(23, 2))

    expected = [
        AgendaDay(user_id="coach-1", day=DAY - ONE_DAY),
        AgendaDay(
            user_id="coach-1",
            day=DAY,
            version=1,
            sessions={"1-a": hours(9)},
            headings={"1-a": SessionHeading(session().title, frozenset({"coach-1", "learner-1"}))},
        ),
        AgendaDay(user_id="coach-1", day=DAY + ONE_DAY),
        *(AgendaDay(user_id="nobody", day=DAY + n * ONE_DAY) for n in (-1, 0, 1)),
    ]
    assert expected == list(found)


def test_agendas_of_many_people_are_read_a_hundred_days_a_request(
    bookings: DynamoBookings, tables: Tables
) -> None:
    with counted(tables) as sent:
        found = bookings.agendas([f"u{n}" for n in range(60)], hours(9))

    assert len(found) == 120
    assert sent == ["BatchGetItem", "BatchGetItem"]


def test_a_booking_decided_on_all_it_needs_is_one_request(
    bookings: DynamoBookings, tables: Tables
) -> None:
    seen = bookings.agendas(["coach-1", "learner-1"], hours(9))

    with counted(tables) as sent:
        bookings.commit(session(), previous=None, guarded=["coach-1", "learner-1"], seen=seen)

    assert sent == ["TransactWriteItems"]


@pytest.mark.parametrize("event_id", ["1-a", "0", "S", "M", "NULL", "version", "_-_"])
def test_any_session_id_is_held_moved_and_released(
    bookings: DynamoBookings, people: DynamoPeople, event_id: str
) -> None:
    booked = session(event_id)
    moved = changed(booked, interval=hours(11))
    bookings.commit(session("other", interval=hours(20)), previous=None)

    bookings.commit(booked, previous=None)
    assert {"other": hours(20), event_id: hours(9)} == held_by(people, "coach-1")
    bookings.commit(moved, previous=booked)
    assert {"other": hours(20), event_id: hours(11)} == held_by(people, "coach-1")
    bookings.commit(changed(moved, status=EventStatus.CANCELLED), previous=moved)
    assert {"other": hours(20)} == held_by(people, "coach-1")


def test_a_session_moves_to_another_day_and_back(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    booked = session()
    moved = changed(booked, interval=TOMORROW)
    bookings.commit(booked, previous=None)

    bookings.commit(moved, previous=booked)
    assert held_by(people, "coach-1") == {"1-a": TOMORROW}
    bookings.commit(changed(moved, interval=hours(9)), previous=moved)
    assert {"1-a": hours(9)} == held_by(people, "coach-1")


def test_whoever_leaves_is_free_and_whoever_joins_is_not(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)

    bookings.commit(changed(session(), learner_ids=("learner-2",)), previous=session())

    assert held_by(people, "learner-1") == {}
    assert {"1-a": hours(9)} == held_by(people, "learner-2")


def test_every_agenda_names_the_session_and_its_people_as_they_are_now(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    renamed = changed(session(), title="New")
    grown = changed(renamed, learner_ids=("learner-1", "learner-2"))
    bookings.commit(session(), previous=None)

    bookings.commit(renamed, previous=session())
    after_renaming = [headings_of(people, each) for each in ("coach-1", "learner-1")]
    bookings.commit(grown, previous=renamed)
    after_growing = [headings_of(people, each) for each in grown.participants]

    assert [
        {"1-a": SessionHeading("New", frozenset({"coach-1", "learner-1"}))}
    ] * 2 == after_renaming
    assert [{"1-a": SessionHeading("New", frozenset(grown.participants))}] * 3 == after_growing


def test_an_item_from_before_headings_were_kept_still_holds_its_time_and_is_renamed(
    bookings: DynamoBookings, people: DynamoPeople, tables: Tables
) -> None:
    bookings.commit(session(), previous=None)
    without_headings(tables, "coach-1")
    days = people.agenda("coach-1", DAY, DAY)

    bookings.commit(changed(session(), title="New"), previous=session())

    assert ({"1-a": hours(9)}, {}) == (days[0].sessions, days[0].headings)
    assert [each.title for each in headings_of(people, "coach-1").values()] == ["New"]


def test_a_second_event_of_the_same_id_is_a_lost_race(
    bookings: DynamoBookings, events: DynamoEvents, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)

    with pytest.raises(LostRace):
        bookings.commit(session(interval=TOMORROW), previous=None)

    assert session() == events.find("1-a")
    assert {"1-a": hours(9)} == held_by(people, "coach-1")


def test_a_change_of_an_event_that_changed_meanwhile_is_a_lost_race(
    bookings: DynamoBookings, events: DynamoEvents, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)
    first = changed(session(), interval=hours(11))
    bookings.commit(first, previous=session())

    with pytest.raises(LostRace):
        bookings.commit(changed(session(), interval=TOMORROW), previous=session())

    assert first == events.find("1-a")
    assert {"1-a": hours(11)} == held_by(people, "coach-1")


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_does_not_follow_is_a_mistake(
    bookings: DynamoBookings, version: int
) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        bookings.commit(session(version=version), previous=session())


@pytest.mark.parametrize(
    "other",
    [
        session("written-before", interval=hours(3)),
        session("day-before", interval=hours(-2, 1)),
        session("day-after", interval=hours(24.5, 0.25)),
    ],
    ids=["the day itself", "the day before", "the day after"],
)
@pytest.mark.parametrize("filled", [False, True], ids=["no item yet", "an item"])
def test_a_guarded_day_written_meanwhile_is_a_lost_race(
    bookings: DynamoBookings, events: DynamoEvents, other: Event, *, filled: bool
) -> None:
    late = session(interval=hours(23.5, 1.5))
    if filled:
        bookings.commit(session("a", interval=hours(1)), previous=None)
        bookings.commit(session("b", interval=hours(-5)), previous=None)
        bookings.commit(session("c", interval=hours(30)), previous=None)
    seen = bookings.agendas(["coach-1"], late.interval)
    bookings.commit(other, previous=None)

    with pytest.raises(LostRace):
        bookings.commit(late, previous=None, guarded=["coach-1"], seen=seen)

    assert events.find(late.id) is None


def test_the_agenda_of_the_unguarded_may_change_meanwhile(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    bookings.commit(session("a"), previous=None)
    seen = bookings.agendas(["coach-1", "learner-1"], hours(9))
    bookings.commit(session("b"), previous=None, seen=seen)
    bookings.commit(session("c"), previous=None, seen=seen)

    assert {"a", "b", "c"} == held_by(people, "learner-1").keys()
    assert version_of(people, "learner-1") == 3


def test_of_two_first_sessions_of_a_day_the_later_reads_again(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    seen = bookings.agendas(["coach-1", "learner-1"], hours(9))
    bookings.commit(session("a"), previous=None, seen=seen)

    with pytest.raises(LostRace):
        bookings.commit(session("b"), previous=None, seen=seen)
    bookings.commit(session("b"), previous=None)

    assert {"a", "b"} == held_by(people, "learner-1").keys()


def unread(tables: Tables, *user_ids: str) -> dict[str, object]:
    keys = [{"pk": {"S": user}, "sk": {"S": f"agenda#{DAY}"}} for user in user_ids]
    name = tables.connections.name
    return {"Responses": {name: []}, "UnprocessedKeys": {name: {"Keys": keys}}}


def test_keys_dynamodb_left_unread_are_asked_for_again(moto_aws: Aws) -> None:
    waited: list[float] = []
    tables = moto_aws.tables(sleep=waited.append)
    bookings = DynamoBookings(tables)
    bookings.commit(session(), previous=None)

    with answering(tables, "BatchGetItem", unread(tables, "coach-1"), unread(tables, "coach-1")):
        found = bookings.agendas(["coach-1"], hours(9))

    assert {"1-a": hours(9)} == found[1].sessions
    assert len(waited) == 2


def test_keys_left_unread_for_ever_are_an_error_not_an_empty_agenda(moto_aws: Aws) -> None:
    waited: list[float] = []
    tables = moto_aws.tables(sleep=waited.append)

    with (
        answering(tables, "BatchGetItem", *[unread(tables, "coach-1")] * 9),
        pytest.raises(ReadIncomplete, match="throttling"),
    ):
        DynamoBookings(tables).agendas(["coach-1"], hours(9))

    assert len(waited) == 4
