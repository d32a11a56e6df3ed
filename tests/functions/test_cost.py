"""How many requests an operation costs: what counts on Lambda is what is asked and sent."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from threading import Barrier
from typing import Any

import pytest

from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.role import Role
from shared.usecases.finding.months import MonthQuery
from shared.usecases.finding.slots import SlotQuery
from tests.support.aws import counted
from tests.support.calendar_fakes import Shelf
from tests.support.service import (
    NOW,
    User,
    admin,
    ask,
    book,
    calendars_over,
    coach,
    fresh_id,
    learner,
    months_over,
    session_body,
    slots_over,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")


READS = ("GetItem", "BatchGetItem", "Query")


@contextmanager
def only_together(number: int) -> Iterator[None]:
    """Let reads of DynamoDB go only when so many of them wait; requests in turn would all fail."""
    gate = Barrier(number, timeout=10)
    events: Any = wiring.tables().connection.client.meta.events

    def wait(**_: object) -> None:
        gate.wait()

    for name in READS:
        events.register(f"before-send.dynamodb.{name}", wait)
    try:
        yield
    finally:
        for name in READS:
            events.unregister(f"before-send.dynamodb.{name}", wait)


def people() -> tuple[User, User]:
    """A coach and a learner with a past: windows, holidays and sessions."""
    who, other = coach(), learner()
    for each, role in ((who, "Coach"), (other, "Learner")):
        zone = {"role": role, "timezone": "Europe/Berlin"}
        off = {"name": "x", "role": role, "startDate": "2026-12-24", "endDate": "2026-12-26"}
        ask("PUT", "/api/v1/availability/timezone", each, body=zone)
        ask("POST", "/api/v1/holidays", each, body=off)
    book(who, who.id, other.id)
    return who, other


@pytest.mark.parametrize("more", [{}, {"timezone": "Asia/Kolkata"}])
def test_slots_cost_two_queries_a_person_in_one_wave(more: dict[str, str]) -> None:
    who, other = people()
    query = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}

    with only_together(4), counted(wiring.tables()) as sent:
        answer = ask("GET", "/api/v1/available-slots", who, query={**query, **more})

    assert answer.status == 200
    assert sent == ["Query"] * 4


@pytest.mark.parametrize("asking", ["coach", "learner", "stranger", "Admin"])
def test_a_month_costs_what_a_day_costs_whoever_asks(asking: str) -> None:
    who, other = people()
    caller = {"coach": who, "learner": other, "stranger": coach(), "Admin": admin()}[asking]
    pair = {"role": "Coach", "coachId": who.id, "learnerId": other.id}
    month = {**pair, "year": 2026, "month": 11}

    with only_together(4), counted(wiring.tables()) as sent:
        answer = ask("GET", "/api/v1/month-calendar", caller, query=month)

    assert (answer.status, len(answer.data["days"])) == (200, 30)
    assert sent == ["Query"] * 4


def test_admin_pays_for_those_consulted_on_a_day_and_for_those_named_in_a_month() -> None:
    who, other = people()
    group = {"role": "Admin", "coachId": who.id, "learnerIds": [other.id, learner().id]}
    day = {**group, "date": "2026-11-24"}
    month = {**group, "year": 2026, "month": 11}

    with only_together(2), counted(wiring.tables()) as for_the_day:
        ask("GET", "/api/v1/available-slots-admin", admin(), query=day)
    with only_together(6), counted(wiring.tables()) as for_the_month:
        ask("GET", "/api/v1/month-calendar-admin", admin(), query=month)

    assert for_the_day == ["Query"] * 2
    assert for_the_month == ["Query"] * 6


def test_a_month_asks_each_connected_calendar_once() -> None:
    who, other = people()
    for each in (who, who, other):
        kept = connection(fresh_id("c"), user_id=each.id, status=ConnectionStatus.ACTIVE)
        wiring.people().save_connection(kept)
    query = MonthQuery(
        year=2026, month=11, role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    shelf = Shelf()
    caller = Caller(user_id=who.id)

    with counted(wiring.tables()) as sent:
        view = months_over(calendars_over(shelf)).of(caller, query, now=NOW)

    assert len(view.sources) == len(shelf.asked) == len({asked for asked, _ in shelf.asked}) == 3
    assert sent == ["Query"] * 4


def test_slots_ask_each_connected_calendar_once() -> None:
    who, other = people()
    owners = (who, who, other)
    kept = [
        connection(fresh_id("c"), user_id=each.id, status=ConnectionStatus.ACTIVE)
        for each in owners
    ]
    for each in kept:
        wiring.people().save_connection(each)
    query = SlotQuery(
        day=date(2026, 11, 24), role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    shelf = Shelf()

    with counted(wiring.tables()) as sent:
        day = slots_over(calendars_over(shelf)).on(query, now=NOW)

    assert len(day.sources) == 3
    assert sorted(asked for asked, _ in shelf.asked) == sorted(each.id for each in kept)
    assert sent == ["Query"] * 4


def test_a_calendar_that_must_be_reconnected_is_not_asked() -> None:
    who, other = people()
    wiring.people().save_connection(connection(fresh_id("c"), user_id=who.id))
    query = SlotQuery(
        day=date(2026, 11, 24), role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    shelf = Shelf()

    slots_over(calendars_over(shelf)).on(query, now=NOW)

    assert shelf.asked == []


def test_an_event_for_two_costs_one_wave_of_reads_and_one_transaction() -> None:
    who, other = people()
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    body = session_body(who.id, other.id, **times)

    with only_together(4), counted(wiring.tables()) as sent:
        answer = ask("POST", "/api/v1/events", who, body=body)

    assert answer.status == 201
    assert sent[-1] == "TransactWriteItems"
    assert sorted(sent[:-1]) == ["BatchGetItem", "GetItem", "Query", "Query"]


def test_noting_that_an_event_is_settled_costs_one_write_when_all_is_done() -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with counted(wiring.tables()) as sent:
        wiring.calendar_sync().reconcile(event_id, now=NOW)

    assert sent[-1] == "UpdateItem"
    assert not {"PutItem", "UpdateItem", "TransactWriteItems"}.intersection(sent[:-1])
