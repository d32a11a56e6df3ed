"""What operations ask of DynamoDB and of calendars: counted in an AWS in memory."""

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
from tests.support.calendar_fakes import OpenVault, Shelf
from tests.support.meter import FakeMeter
from tests.support.service import (
    NOW,
    User,
    ask,
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
    """Count for a coach and a learner, three calendars between them."""
    with in_memory_service(now=NOW):
        who, other = coach(), learner()
        pair = {"coachId": who.id, "learnerId": other.id}
        day = _sent(who, "/api/v1/available-slots", {**_DAY, **pair})
        month = _sent(who, "/api/v1/month-calendar", {**_MONTH, **pair})
        booking = _booked(who, other)
        asked = _calendars_asked(who, other)
    how = "counted on DynamoDB's client, 2 people"
    reads = [each for each in booking if each != "TransactWriteItems"]
    return [
        Figure(name="DynamoDB requests of a slots call", value=len(day), bound=4, how=how),
        Figure(name="DynamoDB requests of a month call", value=len(month), bound=4, how=how),
        Figure(name="reads to create an event for 2", value=len(reads), bound=4, how=how),
        Figure(
            name="transactions to create an event for 2",
            value=len(booking) - len(reads),
            bound=1,
            how=how,
        ),
        *asked,
    ]


def _sent(who: User, path: str, query: dict[str, Any]) -> list[str]:
    with counted(wiring.tables()) as sent:
        answer = ask("GET", path, who, query=query)
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.json}")
    return sent


def _booked(who: User, other: User) -> list[str]:
    with counted(wiring.tables()) as sent:
        answer = ask("POST", "/api/v1/events", who, body=session_body(who.id, other.id))
    if answer.status != 201:
        raise RuntimeError(f"booking answered {answer.json}")
    return sent


def _calendars_asked(who: User, other: User) -> list[Figure]:
    for each in (who, who, other):
        kept = connection(fresh_id("c"), user_id=each.id, status=ConnectionStatus.ACTIVE)
        wiring.people().save_connection(kept)
    pair: dict[str, Any] = {
        "role": Role.COACH,
        "coach_ids": (who.id,),
        "learner_ids": (other.id,),
    }
    day, month, oauth = Shelf(), Shelf(), FakeOAuth()
    of_day, of_month = (_calendars(shelf, oauth) for shelf in (day, month))
    slots_over(of_day).on(SlotQuery(day=date(2026, 11, 24), **pair), now=NOW)
    query = MonthQuery(year=2026, month=11, **pair)
    months_over(of_month).of(Caller(user_id=who.id), query, now=NOW)
    how = f"counted, {CALENDARS} calendars"
    tokens = [
        Figure(
            name="requests to token endpoints of both, tokens valid",
            value=len(oauth.refreshed),
            bound=0,
            how=how,
        ),
    ]
    return tokens + [
        Figure(
            name=f"look-ups in calendars of a {name} call",
            value=len(shelf.asked),
            bound=CALENDARS,
            how=how,
        )
        for name, shelf in (("slots", day), ("month", month))
    ]


def _calendars(shelf: Shelf, oauth: FakeOAuth) -> Calendars:
    tokens = tokens_of(wiring.people(), OpenVault(), oauth=oauth)
    return Calendars(providers=shelf, tokens=tokens, meter=FakeMeter())
