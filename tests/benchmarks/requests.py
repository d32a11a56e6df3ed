"""Requests to DynamoDB and calendars, counted with moto, an AWS in memory."""

from datetime import date
from typing import Any

from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.role import Role
from shared.usecases.finding.calendars import Calendars
from shared.usecases.finding.months import MonthQuery
from shared.usecases.finding.slots import SlotQuery
from tests.benchmarks.figures import Figure
from tests.benchmarks.platform import in_memory_service
from tests.support.aws import counted
from tests.support.calendar_stubs import PlainVault, ReadOnlyCalendar
from tests.support.meter import FakeMeter
from tests.support.service import (
    NOW,
    User,
    call_api,
    coach,
    fresh_id,
    learner,
    months_over,
    session_body,
    slots_over,
)
from tests.support.store_samples import connection
from tests.support.token_fakes import FakeOAuth, tokens_of

CALENDARS = 3
_DAY = {"date": "2026-11-24", "role": "Coach"}
_MONTH = {"year": 2026, "month": 11, "role": "Coach"}


def figures() -> list[Figure]:
    """Count the requests for a coach and a learner with three calendars in total."""
    with in_memory_service(now=NOW):
        who, other = coach(), learner()
        pair = {"coachId": who.id, "learnerId": other.id}
        day = _sent(who, "/api/v1/available-slots", {**_DAY, **pair})
        month = _sent(who, "/api/v1/month-calendar", {**_MONTH, **pair})
        booking = _booked(who, other)
        calendar_requests = _calendar_requests(who, other)
    how = "counted on DynamoDB's client, 2 people"
    reads = [each for each in booking if each != "TransactWriteItems"]
    return [
        Figure(name="DynamoDB requests of a slots call", value=len(day), bound=4, how=how),
        Figure(name="DynamoDB requests of a month call", value=len(month), bound=4, how=how),
        # The fifth read is the caller's own agenda, for the limits on pending and future sessions.
        Figure(name="reads to create an event for 2", value=len(reads), bound=5, how=how),
        Figure(
            name="transactions to create an event for 2",
            value=len(booking) - len(reads),
            bound=1,
            how=how,
        ),
        *calendar_requests,
    ]


def _sent(who: User, path: str, query: dict[str, Any]) -> list[str]:
    with counted(wiring.tables()) as sent:
        response = call_api("GET", path, who, query=query)
    if response.status != 200:
        raise RuntimeError(f"{path} returned {response.json}")
    return sent


def _booked(who: User, other: User) -> list[str]:
    with counted(wiring.tables()) as sent:
        response = call_api("POST", "/api/v1/events", who, body=session_body(who.id, other.id))
    if response.status != 201:
        raise RuntimeError(f"booking returned {response.json}")
    return sent


def _calendar_requests(who: User, other: User) -> list[Figure]:
    for user in (who, who, other):
        calendar = connection(fresh_id("c"), user_id=user.id, status=ConnectionStatus.ACTIVE)
        wiring.people_store().save_connection(calendar)
    pair: dict[str, Any] = {
        "role": Role.COACH,
        "coach_ids": (who.id,),
        "learner_ids": (other.id,),
    }
    day, month, oauth = ReadOnlyCalendar(), ReadOnlyCalendar(), FakeOAuth()
    of_day, of_month = (_calendars(provider, oauth) for provider in (day, month))
    caller = Caller(user_id=who.id, roles=frozenset({Role.COACH}))
    slots_over(of_day).on(caller, SlotQuery(day=date(2026, 11, 24), **pair), now=NOW)
    query = MonthQuery(year=2026, month=11, **pair)
    months_over(of_month).of(caller, query, now=NOW)
    how = f"counted, {CALENDARS} calendars"
    tokens = [
        Figure(
            name="token requests of both calls with valid tokens",
            value=len(oauth.refreshed),
            bound=0,
            how=how,
        ),
    ]
    return tokens + [
        Figure(
            name=f"calendar requests of a {name} call",
            value=len(provider.lookups),
            bound=CALENDARS,
            how=how,
        )
        for name, provider in (("slots", day), ("month", month))
    ]


def _calendars(provider: ReadOnlyCalendar, oauth: FakeOAuth) -> Calendars:
    tokens = tokens_of(wiring.people_store(), PlainVault(), oauth=oauth)
    return Calendars(providers=provider, tokens=tokens, meter=FakeMeter())
