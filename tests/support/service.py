"""The functions as a service in this process, with users and requests for tests."""

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
from shared.domain.caller import EVENTS_SCOPE
from shared.domain.policy import Policy, PolicySettings
from shared.usecases.finding.calendars import Calendars
from shared.usecases.finding.days import DayList
from shared.usecases.finding.months import Months
from shared.usecases.finding.participants import Participants
from shared.usecases.finding.slots import Slots
from tests.support.api import ADMIN, COACH, LEARNER, ApiResponse, call, token
from tests.support.aws import counted
from tests.support.calendar_stubs import PlainVault, ReadOnlyCalendar
from tests.support.http_contract import response_problems
from tests.support.meter import FakeMeter
from tests.support.token_fakes import tokens_of

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""The service's time in every test: a Monday, 08:00 UTC."""

UNLIMITED = 10**9
"""The request limits per address in tests of other things. Requests are still counted."""
PER_ADDRESS = ("PUBLIC_REQUESTS_PER_MINUTE", "CALLBACKS_PER_MINUTE")
COUNTED = {
    "/api/v1/legacy/check-availability": True,
    "/api/v1/legacy/calendar-setup": True,
    "/api/v1/auth/google/callback": True,
    "/api/v1/auth/outlook/callback": True,
    "/api/v1/events": False,
}
"""The paths whose GET counts against the caller's address; True if also with a token."""

COUNTED_ATTEMPTS = {("POST", "/api/v1/auth/apple/connect")}
"""The operations that count an attempt before it is known whether it succeeds."""

_NUMBERS = itertools.count(1)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock with a fixed time."""

    at: datetime

    def now(self) -> datetime:
        """Return the fixed time."""
        return self.at


@contextmanager
def installed(environment: Mapping[str, str], *, now: datetime = NOW) -> Iterator[None]:
    """Run the functions of this process in an environment at a fixed time, then restore both."""
    before = dict(os.environ)
    _clear_caches()
    os.environ.update({name: str(UNLIMITED) for name in PER_ADDRESS} | dict(environment))
    clock = wiring.set_clock(FixedClock(now))
    try:
        yield
    finally:
        wiring.set_clock(clock)
        os.environ.clear()
        os.environ.update(before)
        _clear_caches()


def _clear_caches() -> None:
    """Clear every cache that was filled from the environment."""
    for name, module in list(sys.modules.items()):
        if name.startswith("shared.") and not name.startswith("shared.domain."):
            for each in vars(module).values():
                if callable(getattr(each, "cache_clear", None)):
                    each.cache_clear()


def calendars_over(
    provider: ReadOnlyCalendar, *, deadline: timedelta = timedelta(seconds=30)
) -> Calendars:
    """Return `Calendars` in which every calendar is read from `provider`."""
    return Calendars(
        providers=provider,
        tokens=tokens_of(wiring.people_store(), PlainVault()),
        meter=FakeMeter(),
        deadline=deadline,
    )


def participants_over(calendars: Calendars) -> Participants:
    """Return `Participants` on these calendars."""
    return Participants(
        people=wiring.people_store(), calendars=calendars, organization=wiring.organization()
    )


def slots_over(calendars: Calendars) -> Slots:
    """Return `Slots` on these calendars."""
    return Slots(
        participants=participants_over(calendars),
        events=wiring.event_store(),
        policy=Policy(PolicySettings()),
        organization=wiring.organization(),
        rules=wiring.slot_rules(),
        meter=FakeMeter(),
    )


def months_over(calendars: Calendars) -> Months:
    """Return `Months` on these calendars."""
    organization = wiring.organization()
    return Months(
        participants=Participants(
            people=wiring.people_store(), calendars=calendars, organization=organization
        ),
        events=wiring.event_store(),
        policy=Policy(PolicySettings()),
        organization=organization,
        rules=wiring.slot_rules(),
    )


def days_over(calendars: Calendars) -> DayList:
    """Return `DayList` on these calendars."""
    return DayList(
        people=wiring.people_store(),
        events=wiring.event_store(),
        calendars=calendars,
        public_details=False,
    )


@dataclass(frozen=True, slots=True)
class User:
    """A user with roles. Tests use new users so that they do not affect each other."""

    id: str
    roles: tuple[str, ...]
    email: str | None = None
    scope: str | None = None

    @property
    def bearer(self) -> str:
        """A bearer token of this user."""
        claims = {"email": self.email, "scope": self.scope}
        return token(self.id, *self.roles, **{name: each for name, each in claims.items() if each})


def coach() -> User:
    """Return a new coach."""
    return User(fresh_id("coach"), (COACH,))


def learner() -> User:
    """Return a new learner."""
    return User(fresh_id("learner"), (LEARNER,))


def admin() -> User:
    """Return a new admin."""
    return User(fresh_id("admin"), (ADMIN,))


def back_end() -> User:
    """Return a service that has an Admin's rights on events."""
    return User(fresh_id("back-end"), (), scope=EVENTS_SCOPE)


def fresh_id(prefix: str = "s") -> str:
    """Return an id that no other test uses."""
    return f"{prefix}-{os.getpid()}-{next(_NUMBERS)}"


def call_api(
    method: str,
    path: str,
    who: User | None = None,
    *,
    query: Mapping[str, Any] | None = None,
    body: Any = None,
    raw: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> ApiResponse:
    """Send a request and return its response, which must match the contract."""
    target = f"{path}?{urlencode(query, doseq=True)}" if query else path
    bearer = who.bearer if who else None
    response = call(method, target, bearer=bearer, body=body, raw=raw, headers=headers)
    route = match(method, path).route_key.partition(" ")[2]
    if any((each.method, each.path) == (method, route) for each in ROUTES):
        assert response_problems(method, route, response.status, response.json) == []
    return response


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
    """Book a session at a free time and return the event."""
    response = call_api(
        "POST", "/api/v1/events", who, body=session_body(coach_id, learner_id, **changes)
    )
    assert response.status == 201, response.json
    event: dict[str, Any] = response.data
    return event


def dump() -> dict[str, list[Any]]:
    """Return every item of both tables, ordered by key."""
    client: Any = wiring.tables().client.client
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
    """Fail if the block writes to DynamoDB with an operation that is not in `but`."""
    with counted(wiring.tables()) as sent:
        yield
    assert WRITES.intersection(sent).difference(but) == set()


def counting(method: str, path: str, *, has_token: bool) -> set[str]:
    """Return the write operations that counting the request takes, if it is counted."""
    is_counted = method == "GET" and path in COUNTED and (COUNTED[path] or not has_token)
    is_attempt = (method, path) in COUNTED_ATTEMPTS
    return {"UpdateItem"} if is_counted or is_attempt else set()
