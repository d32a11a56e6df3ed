"""Moving sessions with more participants than one transaction can move."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from infra.local.aws import create_resources
from shared.domain.errors import LostRace
from shared.domain.event import Event, EventStatus
from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from tests.support.aws import Aws, counted, fresh_account, responding_with, transaction_cancelled
from tests.support.store_samples import DAY, hours, session

pytestmark = pytest.mark.long

ONE_DAY = timedelta(days=1)
TOMORROW = hours(9, day=DAY + ONE_DAY)
CROWD = tuple(f"l{n}" for n in range(52))


@pytest.fixture
def tables(ministack_url: str) -> Tables:
    """Both tables on a real server: moto is too slow with a hundred actions."""
    return Aws(create_resources(ministack_url, account=fresh_account())).tables()


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def agenda_of(people: DynamoPeople, user_id: str) -> dict[str, Any]:
    days = people.agenda(user_id, DAY - 3 * ONE_DAY, DAY + 3 * ONE_DAY)
    return {key: interval for day in days for key, interval in day.sessions.items()}


@pytest.fixture
def crowd(bookings: DynamoBookings) -> Event:
    """A booked group session of 52 people, too many to move in one transaction."""
    event = session(coach_ids=(), learner_ids=CROWD)
    bookings.commit(event, previous=None)
    return event


def agendas_of_crowd(bookings: DynamoBookings) -> list[dict[str, Any]]:
    """Return the agenda around the day of each participant."""
    days = bookings.agendas(CROWD, hours(9, 24))
    return [
        {
            key: interval
            for day in days
            if day.user_id == each
            for key, interval in day.sessions.items()
        }
        for each in CROWD
    ]


def move_with_crash(bookings: DynamoBookings, tables: Tables, event: Event) -> Event:
    """Move the event to tomorrow and fail before stale holds are released."""
    moved = changed(event, interval=TOMORROW)
    crash = {"Error": {"Code": "AccessDeniedException", "Message": "crash"}}
    with responding_with(tables, "GetItem", crash):
        bookings.commit(moved, previous=event)
    return moved


def test_all_participants_move_to_another_day(
    bookings: DynamoBookings, events: DynamoEvents, crowd: Event
) -> None:
    moved = changed(crowd, interval=TOMORROW)

    bookings.commit(moved, previous=crowd)

    assert moved == events.find(crowd.id)
    assert agendas_of_crowd(bookings) == [{"1-a": TOMORROW}] * len(CROWD)


def test_an_interrupted_move_blocks_too_much_time_until_stale_holds_are_released(
    bookings: DynamoBookings,
    tables: Tables,
    crowd: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    moved = move_with_crash(bookings, tables, crowd)

    stale = [day for day in bookings.agendas(CROWD, hours(9)) if day.sessions]
    bookings.release_stale_holds(moved.id)

    assert len(stale) == 5
    assert agendas_of_crowd(bookings) == [{"1-a": TOMORROW}] * len(CROWD)
    assert [each.levelname for each in caplog.records] == ["WARNING"]


def test_an_event_with_stale_holds_loses_one_race_and_then_changes(
    bookings: DynamoBookings, tables: Tables, crowd: Event
) -> None:
    moved = move_with_crash(bookings, tables, crowd)
    back = changed(moved, interval=hours(9))

    with pytest.raises(LostRace):
        bookings.commit(back, previous=moved)
    bookings.commit(back, previous=moved)

    assert agendas_of_crowd(bookings) == [{"1-a": hours(9)}] * len(CROWD)


def test_releasing_is_idempotent_and_keeps_other_sessions(
    bookings: DynamoBookings, tables: Tables, people: DynamoPeople, crowd: Event
) -> None:
    bookings.commit(session("other", learner_ids=(CROWD[-1],)), previous=None)
    moved = move_with_crash(bookings, tables, crowd)

    bookings.release_stale_holds(moved.id)
    with counted(tables) as sent:
        bookings.release_stale_holds(moved.id)
        bookings.release_stale_holds("unknown")

    assert {"other": hours(9), "1-a": TOMORROW} == agenda_of(people, CROWD[-1])
    assert sent == ["GetItem", "GetItem"]


def test_releasing_continues_when_a_day_was_deleted_manually(
    bookings: DynamoBookings, tables: Tables, crowd: Event
) -> None:
    moved = move_with_crash(bookings, tables, crowd)
    tables.connections.delete((CROWD[-1], f"agenda#{DAY}"))

    bookings.release_stale_holds(moved.id)

    assert agendas_of_crowd(bookings) == [{"1-a": TOMORROW}] * len(CROWD)


def test_releasing_gives_up_when_other_writers_keep_winning(
    bookings: DynamoBookings,
    tables: Tables,
    crowd: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    moved = move_with_crash(bookings, tables, crowd)
    busy = transaction_cancelled("None", "TransactionConflict")

    with responding_with(tables, "TransactWriteItems", *[busy] * 50), pytest.raises(LostRace):
        bookings.release_stale_holds(moved.id)
    bookings.release_stale_holds(moved.id)

    assert len([each for each in caplog.records if each.levelname == "INFO"]) == 10


def test_cancelling_releases_the_time_of_all_participants(
    bookings: DynamoBookings, crowd: Event
) -> None:
    bookings.commit(changed(crowd, status=EventStatus.CANCELLED), previous=crowd)

    assert agendas_of_crowd(bookings) == [{}] * len(CROWD)
