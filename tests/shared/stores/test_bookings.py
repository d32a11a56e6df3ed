from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.errors import LostRace
from shared.domain.event import Event, EventStatus
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.table import ReadIncomplete
from shared.stores.tables import Tables
from tests.support.aws import Aws, counted, responding_with
from tests.support.store_samples import DAY, hours, session

pytestmark = pytest.mark.long

ONE_DAY = timedelta(days=1)
TOMORROW = hours(9, day=DAY + ONE_DAY)


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def agenda_of(people: DynamoPeople, user_id: str) -> dict[str, Any]:
    days = people.agenda(user_id, DAY - 3 * ONE_DAY, DAY + 3 * ONE_DAY)
    return {key: interval for day in days for key, interval in day.sessions.items()}


def version_of(people: DynamoPeople, user_id: str) -> int:
    (day,) = people.agenda(user_id, DAY, DAY)
    return day.version


def test_agendas_are_returned_for_every_person_and_day_that_matters(
    bookings: DynamoBookings,
) -> None:
    bookings.commit(session(), previous=None)

    agendas = bookings.agendas(["coach-1", "stranger", "coach-1"], hours(23, 2))

    expected = [
        AgendaDay(user_id="coach-1", day=DAY - ONE_DAY),
        AgendaDay(
            user_id="coach-1",
            day=DAY,
            version=1,
            sessions={"1-a": hours(9)},
        ),
        AgendaDay(user_id="coach-1", day=DAY + ONE_DAY),
        *(AgendaDay(user_id="stranger", day=DAY + n * ONE_DAY) for n in (-1, 0, 1)),
    ]
    assert expected == list(agendas)


def test_agendas_are_read_a_hundred_days_per_request(
    bookings: DynamoBookings, tables: Tables
) -> None:
    with counted(tables) as sent:
        agendas = bookings.agendas([f"u{n}" for n in range(60)], hours(9))

    assert len(agendas) == 120
    assert sent == ["BatchGetItem", "BatchGetItem"]


def test_a_booking_with_all_agendas_seen_is_one_request(
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
    assert {"other": hours(20), event_id: hours(9)} == agenda_of(people, "coach-1")
    bookings.commit(moved, previous=booked)
    assert {"other": hours(20), event_id: hours(11)} == agenda_of(people, "coach-1")
    bookings.commit(changed(moved, status=EventStatus.CANCELLED), previous=moved)
    assert {"other": hours(20)} == agenda_of(people, "coach-1")


def test_a_session_moves_to_another_day_and_back(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    booked = session()
    moved = changed(booked, interval=TOMORROW)
    bookings.commit(booked, previous=None)

    bookings.commit(moved, previous=booked)
    assert agenda_of(people, "coach-1") == {"1-a": TOMORROW}
    bookings.commit(changed(moved, interval=hours(9)), previous=moved)
    assert {"1-a": hours(9)} == agenda_of(people, "coach-1")


def test_a_removed_participant_is_free_and_an_added_one_is_not(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)

    bookings.commit(changed(session(), learner_ids=("learner-2",)), previous=session())

    assert agenda_of(people, "learner-1") == {}
    assert {"1-a": hours(9)} == agenda_of(people, "learner-2")


def test_a_second_event_with_the_same_id_is_a_lost_race(
    bookings: DynamoBookings, events: DynamoEvents, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)

    with pytest.raises(LostRace):
        bookings.commit(session(interval=TOMORROW), previous=None)

    assert session() == events.find("1-a")
    assert {"1-a": hours(9)} == agenda_of(people, "coach-1")


def test_a_change_based_on_an_old_version_is_a_lost_race(
    bookings: DynamoBookings, events: DynamoEvents, people: DynamoPeople
) -> None:
    bookings.commit(session(), previous=None)
    first = changed(session(), interval=hours(11))
    bookings.commit(first, previous=session())

    with pytest.raises(LostRace):
        bookings.commit(changed(session(), interval=TOMORROW), previous=session())

    assert first == events.find("1-a")
    assert {"1-a": hours(11)} == agenda_of(people, "coach-1")


@pytest.mark.parametrize("version", [1, 3])
def test_a_version_that_does_not_follow_raises_value_error(
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
def test_a_concurrent_write_to_a_guarded_day_is_a_lost_race(
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


def test_agendas_of_unguarded_users_may_change_concurrently(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    bookings.commit(session("a"), previous=None)
    seen = bookings.agendas(["coach-1", "learner-1"], hours(9))
    bookings.commit(session("b"), previous=None, seen=seen)
    bookings.commit(session("c"), previous=None, seen=seen)

    assert {"a", "b", "c"} == agenda_of(people, "learner-1").keys()
    assert version_of(people, "learner-1") == 3


def test_the_second_of_two_first_sessions_of_a_day_must_read_again(
    bookings: DynamoBookings, people: DynamoPeople
) -> None:
    seen = bookings.agendas(["coach-1", "learner-1"], hours(9))
    bookings.commit(session("a"), previous=None, seen=seen)

    with pytest.raises(LostRace):
        bookings.commit(session("b"), previous=None, seen=seen)
    bookings.commit(session("b"), previous=None)

    assert {"a", "b"} == agenda_of(people, "learner-1").keys()


def unprocessed(tables: Tables, *user_ids: str) -> dict[str, object]:
    keys = [{"pk": {"S": user}, "sk": {"S": f"agenda#{DAY}"}} for user in user_ids]
    name = tables.connections.name
    return {"Responses": {name: []}, "UnprocessedKeys": {name: {"Keys": keys}}}


def test_unprocessed_keys_are_read_again(moto_aws: Aws) -> None:
    waits: list[float] = []
    tables = moto_aws.tables(sleep=waits.append)
    bookings = DynamoBookings(tables, pause=lambda _: None)
    bookings.commit(session(), previous=None)

    with responding_with(
        tables, "BatchGetItem", unprocessed(tables, "coach-1"), unprocessed(tables, "coach-1")
    ):
        agendas = bookings.agendas(["coach-1"], hours(9))

    assert {"1-a": hours(9)} == agendas[1].sessions
    assert len(waits) == 2


def test_keys_that_stay_unprocessed_raise_instead_of_reading_as_an_empty_agenda(
    moto_aws: Aws,
) -> None:
    waits: list[float] = []
    tables = moto_aws.tables(sleep=waits.append)

    with (
        responding_with(tables, "BatchGetItem", *[unprocessed(tables, "coach-1")] * 9),
        pytest.raises(ReadIncomplete, match="throttling"),
    ):
        DynamoBookings(tables, pause=lambda _: None).agendas(["coach-1"], hours(9))

    assert len(waits) == 4
