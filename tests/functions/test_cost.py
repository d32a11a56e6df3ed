"""How many DynamoDB and provider requests each operation costs."""

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
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.service import (
    NOW,
    User,
    admin,
    book,
    calendars_over,
    call_api,
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
def parallel_reads_only(number: int) -> Iterator[None]:
    """Release DynamoDB reads only once `number` of them wait; sequential reads would all fail."""
    gate = Barrier(number, timeout=10)
    events: Any = wiring.tables().client.client.meta.events

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
    """A coach and a learner with windows, holidays and sessions."""
    who, other = coach(), learner()
    for each, role in ((who, "Coach"), (other, "Learner")):
        zone = {"role": role, "timezone": "Europe/Berlin"}
        off = {"name": "x", "role": role, "startDate": "2026-12-24", "endDate": "2026-12-26"}
        call_api("PUT", "/api/v1/availability/timezone", each, body=zone)
        call_api("POST", "/api/v1/holidays", each, body=off)
    book(who, who.id, other.id)
    return who, other


def caller_for(who: User) -> Caller:
    """The caller of a coach's token."""
    return Caller(user_id=who.id, roles=frozenset({Role.COACH}))


@pytest.mark.parametrize("more", [{}, {"timezone": "Asia/Kolkata"}])
def test_slots_cost_two_queries_per_person_in_one_parallel_round(more: dict[str, str]) -> None:
    who, other = people()
    query = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}

    with parallel_reads_only(4), counted(wiring.tables()) as sent:
        response = call_api("GET", "/api/v1/available-slots", who, query={**query, **more})

    assert response.status == 200
    assert sent == ["Query"] * 4


def test_a_reschedule_costs_one_read_of_the_session_more() -> None:
    who, other = people()
    moving = book(
        who, who.id, other.id, startTime="2026-11-24T14:00:00Z", endTime="2026-11-24T15:00:00Z"
    )
    pair = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}
    query = {**pair, "sessionId": moving["id"]}

    with counted(wiring.tables()) as plain:
        call_api("GET", "/api/v1/available-slots", who, query=query)
    with counted(wiring.tables()) as sent:
        response = call_api(
            "GET", "/api/v1/available-slots", who, query={**query, "reschedule": "true"}
        )

    assert response.status == 200
    assert plain == ["Query"] * 4
    assert sent == ["GetItem", *plain]


def test_a_question_that_the_caller_may_not_ask_reads_nothing() -> None:
    who, other = people()
    query = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}

    with counted(wiring.tables()) as sent:
        response = call_api("GET", "/api/v1/available-slots", coach(), query=query)

    assert response.status == 403
    assert sent == []


@pytest.mark.parametrize("caller_kind", ["coach", "learner", "Admin"])
def test_a_month_costs_as_much_as_a_day_for_every_caller(caller_kind: str) -> None:
    who, other = people()
    caller = {"coach": who, "learner": other, "Admin": admin()}[caller_kind]
    pair = {"role": "Coach", "coachId": who.id, "learnerId": other.id}
    month = {**pair, "year": 2026, "month": 11}

    with parallel_reads_only(4), counted(wiring.tables()) as sent:
        response = call_api("GET", "/api/v1/month-calendar", caller, query=month)

    assert (response.status, len(response.data["days"])) == (200, 30)
    assert sent == ["Query"] * 4


def test_a_month_with_a_session_of_many_people_costs_one_request_more() -> None:
    who = coach()
    book(admin(), who.id, [fresh_id("learner") for _ in range(17)])
    query = {"role": "Coach", "coachId": who.id, "year": 2026, "month": 11}

    with counted(wiring.tables()) as sent:
        response = call_api("GET", "/api/v1/month-calendar", who, query=query)

    shown = [each["title"] for day in response.data["days"] for each in day["sessions"]]
    assert (shown, sent) == (["First steps"], ["Query", "Query", "BatchGetItem"])


def test_an_admin_reads_consulted_people_for_a_day_and_all_people_for_a_month() -> None:
    who, other = people()
    group = {"role": "Admin", "coachId": who.id, "learnerIds": [other.id, learner().id]}
    day = {**group, "date": "2026-11-24"}
    month = {**group, "year": 2026, "month": 11}

    with parallel_reads_only(2), counted(wiring.tables()) as for_the_day:
        call_api("GET", "/api/v1/available-slots-admin", admin(), query=day)
    with parallel_reads_only(6), counted(wiring.tables()) as for_the_month:
        call_api("GET", "/api/v1/month-calendar-admin", admin(), query=month)

    assert for_the_day == ["Query"] * 2
    assert for_the_month == ["Query"] * 6


def test_a_month_reads_each_connected_calendar_once() -> None:
    who, other = people()
    for each in (who, who, other):
        connections = connection(fresh_id("c"), user_id=each.id, status=ConnectionStatus.ACTIVE)
        wiring.people_store().save_connection(connections)
    query = MonthQuery(
        year=2026, month=11, role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    provider = ReadOnlyCalendar()
    caller = caller_for(who)

    with counted(wiring.tables()) as sent:
        view = months_over(calendars_over(provider)).of(caller, query, now=NOW)

    assert (
        len(view.sources)
        == len(provider.lookups)
        == len({account for account, _ in provider.lookups})
        == 3
    )
    assert sent == ["Query"] * 4


def test_slots_read_each_connected_calendar_once() -> None:
    who, other = people()
    owners = (who, who, other)
    connections = [
        connection(fresh_id("c"), user_id=each.id, status=ConnectionStatus.ACTIVE)
        for each in owners
    ]
    for each in connections:
        wiring.people_store().save_connection(each)
    query = SlotQuery(
        day=date(2026, 11, 24), role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    provider = ReadOnlyCalendar()

    with counted(wiring.tables()) as sent:
        day = slots_over(calendars_over(provider)).on(caller_for(who), query, now=NOW)

    assert len(day.sources) == 3
    assert sorted(account for account, _ in provider.lookups) == sorted(
        each.id for each in connections
    )
    assert sent == ["Query"] * 4


def test_a_calendar_that_must_be_reconnected_is_not_read() -> None:
    who, other = people()
    wiring.people_store().save_connection(connection(fresh_id("c"), user_id=who.id))
    query = SlotQuery(
        day=date(2026, 11, 24), role=Role.COACH, coach_ids=(who.id,), learner_ids=(other.id,)
    )
    provider = ReadOnlyCalendar()

    slots_over(calendars_over(provider)).on(caller_for(who), query, now=NOW)

    assert provider.lookups == []


def test_booking_for_two_costs_one_parallel_round_of_reads_and_one_transaction() -> None:
    who, other = people()
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    body = session_body(who.id, other.id, **times)

    with parallel_reads_only(5), counted(wiring.tables()) as sent:
        response = call_api("POST", "/api/v1/events", who, body=body)

    assert response.status == 201
    assert sent[-1] == "TransactWriteItems"
    # The third query is for the limits on sessions per user, which an Admin does not have.
    assert sorted(sent[:-1]) == ["BatchGetItem", "GetItem", "Query", "Query", "Query"]


def test_booking_by_an_admin_costs_no_read_for_limits() -> None:
    who, other = people()
    times = {"startTime": "2026-11-24T14:00:00Z", "endTime": "2026-11-24T15:00:00Z"}
    body = session_body(who.id, other.id, **times)

    with parallel_reads_only(4), counted(wiring.tables()) as sent:
        response = call_api("POST", "/api/v1/events", admin(), body=body)

    assert response.status == 201
    assert sorted(sent[:-1]) == ["BatchGetItem", "GetItem", "Query", "Query"]


def test_a_day_list_costs_one_count_only_if_it_is_about_another_user() -> None:
    who, other = people()
    day = {"date": "2026-11-25", "timezone": "UTC"}

    with counted(wiring.tables()) as own:
        call_api("GET", "/api/v1/events", who, query=day)
    with counted(wiring.tables()) as of_another:
        call_api("GET", "/api/v1/events", who, query={**day, "userId": other.id})

    assert of_another.count("UpdateItem") == 1
    assert "UpdateItem" not in own


def test_marking_an_event_as_settled_costs_one_write() -> None:
    who, other = coach(), learner()
    event_id = book(who, who.id, other.id)["sessionId"]

    with counted(wiring.tables()) as sent:
        wiring.copy_sync().reconcile(event_id, now=NOW)

    assert sent[-1] == "UpdateItem"
    assert not {"PutItem", "UpdateItem", "TransactWriteItems"}.intersection(sent[:-1])
