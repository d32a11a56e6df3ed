"""The functions as a service in this process, with people and requests to try them with."""

import itertools
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from infra.local.gateway import match
from infra.routes import ROUTES
from shared import settings, wiring
from shared.usecases.finding.calendars import Calendars
from shared.usecases.finding.days import DayList
from shared.usecases.finding.months import Months
from shared.usecases.finding.participants import Participants
from shared.usecases.finding.slots import Slots
from tests.support.api import ADMIN, COACH, LEARNER, Answer, call, token
from tests.support.aws import counted
from tests.support.calendar_fakes import OpenVault, Shelf
from tests.support.contract import answer_problems
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""The time by the service's clock in every test: a Monday, 08:00 UTC."""

WITHOUT_END = 10**9
"""How often an address may ask in tests that are not about that; each time is counted all the same.
"""
COUNTED = {
    "/api/v1/legacy/check-availability": True,
    "/api/v1/legacy/calendar-setup": True,
    "/api/v1/events": False,
}
"""The paths whose GET is counted against the caller's address, and whether with a token too."""

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still."""

    at: datetime

    def now(self) -> datetime:
        """Return the same instant always."""
        return self.at


@contextmanager
def installed(environment: Mapping[str, str], *, now: datetime = NOW) -> Iterator[None]:
    """Let the functions of this process run in that environment at that time, then undo it."""
    before = dict(os.environ)
    _forget()
    os.environ.update({"PUBLIC_REQUESTS_PER_MINUTE": str(WITHOUT_END), **environment})
    clock = wiring.set_clock(FixedClock(now))
    try:
        yield
    finally:
        wiring.set_clock(clock)
        os.environ.clear()
        os.environ.update(before)
        _forget()


def _forget() -> None:
    """Drop everything this process built from an environment."""
    for name, module in list(sys.modules.items()):
        if name.startswith("shared.") and not name.startswith("shared.domain."):
            for each in vars(module).values():
                if callable(getattr(each, "cache_clear", None)):
                    each.cache_clear()


def calendars_over(shelf: Shelf, *, deadline: timedelta = timedelta(seconds=30)) -> Calendars:
    """Return the reading of calendars, all of which hold what is on the shelf."""
    return Calendars(
        providers=shelf,
        tokens=tokens_of(wiring.people(), OpenVault()),
        meter=FakeMeter(),
        deadline=deadline,
    )


def consultation_over(calendars: Calendars) -> Participants:
    """Return the gathering of what decides about people's time, on these calendars."""
    return Participants(
        people=wiring.people(), calendars=calendars, organization=wiring.organization()
    )


def slots_over(calendars: Calendars) -> Slots:
    """Return slot finding on these calendars."""
    return Slots(
        consultation=consultation_over(calendars),
        organization=wiring.organization(),
        rules=wiring.slot_rules(),
        meter=FakeMeter(),
    )


def months_over(calendars: Calendars) -> Months:
    """Return the month view on these calendars."""
    organization = wiring.organization()
    return Months(
        consultation=Participants(
            people=wiring.people(), calendars=calendars, organization=organization
        ),
        events=wiring.event_store(),
        organization=organization,
        rules=wiring.slot_rules(),
    )


def days_over(calendars: Calendars) -> DayList:
    """Return the day list on these calendars."""
    return DayList(
        people=wiring.people(),
        events=wiring.event_store(),
        calendars=calendars,
        public_details=False,
    )


@dataclass(frozen=True, slots=True)
class User:
    """Somebody with roles; a new one for every test keeps tests apart."""

    id: str
    roles: tuple[str, ...]

    @property
    def bearer(self) -> str:
        """A token of this user."""
        return token(self.id, *self.roles)


def coach() -> User:
    """Return a coach nobody has seen before."""
    return User(fresh_id("coach"), (COACH,))


def learner() -> User:
    """Return a learner nobody has seen before."""
    return User(fresh_id("learner"), (LEARNER,))


def admin() -> User:
    """Return an admin nobody has seen before."""
    return User(fresh_id("admin"), (ADMIN,))


def fresh_id(prefix: str = "s") -> str:
    """Return an id no other test uses."""
    return f"{prefix}-{os.getpid()}-{next(_NUMBERS)}"


def ask(
    method: str,
    path: str,
    who: User | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    raw: bytes | None = None,
) -> Answer:
    """Send a request and return its answer, which must keep to the contract."""
    target = f"{path}?{urlencode(query, doseq=True)}" if query else path
    answer = call(method, target, bearer=who.bearer if who else None, body=body, raw=raw)
    route = match(method, path).route_key.partition(" ")[2]
    if any((each.method, each.path) == (method, route) for each in ROUTES):
        assert answer_problems(method, route, answer.status, answer.json) == []
    return answer


def session_body(coach_id: Any, learner_id: Any, **changes: Any) -> dict[str, Any]:
    """Return a body that books the next day, a Tuesday, at 10:00 UTC for an hour."""
    body = {
        "sessionId": fresh_id(),
        "title": "First steps",
        "startTime": "2026-11-24T10:00:00Z",
        "endTime": "2026-11-24T11:00:00Z",
        "owner": "COACH",
        "coachId": coach_id,
        "learnerId": learner_id,
        "autoApproval": True,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def book(who: User, coach_id: Any, learner_id: Any, **changes: Any) -> dict[str, Any]:
    """Book a session that must be free and return the event."""
    answer = ask("POST", "/api/v1/events", who, body=session_body(coach_id, learner_id, **changes))
    assert answer.status == 201, answer.json
    event: dict[str, Any] = answer.data
    return event


def dump() -> dict[str, list[Any]]:
    """Return every item of both tables, in order of keys."""
    client: Any = wiring.tables().connection.client
    names = (settings.settings().events_table, settings.settings().connections_table)
    return {
        name: sorted(
            (
                item
                for page in client.get_paginator("scan").paginate(TableName=name)
                for item in page["Items"]
            ),
            key=lambda item: (item["pk"]["S"], item["sk"]["S"]),
        )
        for name in names
    }


WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}


@contextmanager
def no_writes(*, but: Collection[str] = ()) -> Iterator[None]:
    """Fail when the service asks DynamoDB to write meanwhile, but by the requests named."""
    with counted(wiring.tables()) as sent:
        yield
    assert WRITES.intersection(sent).difference(but) == set()


def counting(method: str, path: str, *, has_token: bool) -> set[str]:
    """Return the writes that counting a request against its address takes, if it is counted."""
    is_counted = method == "GET" and path in COUNTED and (COUNTED[path] or not has_token)
    return {"UpdateItem"} if is_counted else set()
