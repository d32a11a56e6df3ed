"""Moves of more people than one transaction can hold and release."""

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
from tests.support.aws import Aws, answering, cancelled_by, counted, fresh_account
from tests.support.store_samples import DAY, hours, session

ONE_DAY = timedelta(days=1)
TOMORROW = hours(9, day=DAY + ONE_DAY)
CROWD = tuple(f"l{n}" for n in range(52))


@pytest.fixture
def tables(ministack_url: str) -> Tables:
    """Both tables on a real server, which takes a hundred actions in a stride; moto does not."""
    return Aws(create_resources(ministack_url, account=fresh_account())).tables()


def changed(event: Event, **changes: Any) -> Event:
    return replace(event, version=event.version + 1, **changes)


def held_by(people: DynamoPeople, user_id: str) -> dict[str, Any]:
    days = people.agenda(user_id, DAY - 3 * ONE_DAY, DAY + 3 * ONE_DAY)
    return {key: interval for day in days for key, interval in day.sessions.items()}


@pytest.fixture
def crowd(bookings: DynamoBookings) -> Event:
    """A group session of fifty-two people, too many for one transaction that is booked."""
    event = session(coach_ids=(), learner_ids=CROWD)
    bookings.commit(event, previous=None)
    return event


def shown(bookings: DynamoBookings) -> list[dict[str, Any]]:
    """Return what the agenda of each of the crowd shows around the day."""
    days = bookings.agendas(CROWD, hours(9, 24))
    return [
        {key: held for day in days if day.user_id == each for key, held in day.sessions.items()}
        for each in CROWD
    ]


def interrupted(bookings: DynamoBookings, tables: Tables, event: Event) -> Event:
    """Move the event to tomorrow, and fail right after the transaction."""
    moved = changed(event, interval=TOMORROW)
    crash = {"Error": {"Code": "AccessDeniedException", "Message": "crash"}}
    with answering(tables, "GetItem", crash):
        bookings.commit(moved, previous=event)
    return moved


def test_a_crowd_moves_to_another_day_whole(
    bookings: DynamoBookings, events: DynamoEvents, crowd: Event
) -> None:
    moved = changed(crowd, interval=TOMORROW)

    bookings.commit(moved, previous=crowd)

    assert moved == events.find(crowd.id)
    assert shown(bookings) == [{"1-a": TOMORROW}] * len(CROWD)


def test_a_move_cut_short_blocks_too_much_until_it_is_settled(
    bookings: DynamoBookings,
    tables: Tables,
    crowd: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    moved = interrupted(bookings, tables, crowd)

    left = [day for day in bookings.agendas(CROWD, hours(9)) if day.sessions]
    bookings.release_stale_holds(moved.id)

    assert len(left) == 5
    assert shown(bookings) == [{"1-a": TOMORROW}] * len(CROWD)
    assert [each.levelname for each in caplog.records] == ["WARNING"]


def test_an_event_whose_move_is_not_settled_loses_one_race_and_then_changes(
    bookings: DynamoBookings, tables: Tables, crowd: Event
) -> None:
    moved = interrupted(bookings, tables, crowd)
    back = changed(moved, interval=hours(9))

    with pytest.raises(LostRace):
        bookings.commit(back, previous=moved)
    bookings.commit(back, previous=moved)

    assert shown(bookings) == [{"1-a": hours(9)}] * len(CROWD)


def test_settling_is_idempotent_and_leaves_other_sessions_alone(
    bookings: DynamoBookings, tables: Tables, people: DynamoPeople, crowd: Event
) -> None:
    bookings.commit(session("other", learner_ids=(CROWD[-1],)), previous=None)
    moved = interrupted(bookings, tables, crowd)

    bookings.release_stale_holds(moved.id)
    with counted(tables) as sent:
        bookings.release_stale_holds(moved.id)
        bookings.release_stale_holds("unknown")

    assert {"other": hours(9), "1-a": TOMORROW} == held_by(people, CROWD[-1])
    assert sent == ["GetItem", "GetItem"]


def test_settling_goes_on_though_a_day_was_deleted_by_hand(
    bookings: DynamoBookings, tables: Tables, crowd: Event
) -> None:
    moved = interrupted(bookings, tables, crowd)
    tables.connections.delete((CROWD[-1], f"agenda#{DAY}"))

    bookings.release_stale_holds(moved.id)

    assert shown(bookings) == [{"1-a": TOMORROW}] * len(CROWD)


def test_settling_gives_up_when_others_keep_writing(
    bookings: DynamoBookings,
    tables: Tables,
    crowd: Event,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    moved = interrupted(bookings, tables, crowd)
    busy = cancelled_by("None", "TransactionConflict")

    with answering(tables, "TransactWriteItems", *[busy] * 50), pytest.raises(LostRace):
        bookings.release_stale_holds(moved.id)
    bookings.release_stale_holds(moved.id)

    assert len([each for each in caplog.records if each.levelname == "INFO"]) == 10


def test_cancelling_a_crowd_frees_everybody(bookings: DynamoBookings, crowd: Event) -> None:
    bookings.commit(changed(crowd, status=EventStatus.CANCELLED), previous=crowd)

    assert shown(bookings) == [{}] * len(CROWD)
