"""Whoever tries ids on the public operations learns of none whether anything is kept of it."""

import json
from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.aws import counted
from tests.support.service import User, ask, book, coach, fresh_id, learner
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

EVENTS = ("/api/v1/events", {"date": "2026-11-25"})
AT_NIGHT = (
    "/api/v1/legacy/check-availability",
    {"role": "Coach", "dateTime": "2026-11-24T03:00:00Z"},
)
SETUP = ("/api/v1/legacy/calendar-setup", {"role": "Coach"})
WEEK = {"tuesday": [{"startTime": "09:00", "endTime": "17:00"}]}
NOTHING_IN_IT: dict[str, list[Any]] = {}


def unknown() -> User:
    return coach()


def seen_only() -> User:
    """Somebody whose roles the service knows, and nothing else."""
    who = learner()
    wiring.people().remember(who.id, email=f"{who.id}@example.org", roles=frozenset())
    return who


def empty() -> User:
    """Somebody who says that they never work."""
    return with_week("Learner", learner(), NOTHING_IN_IT)


def busy_elsewhere() -> User:
    """Somebody with windows in another role, holidays and sessions, none of them asked about."""
    who = with_week("Learner", User(fresh_id("both"), ("Coach", "Learner")), WEEK)
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}
    assert ask("POST", "/api/v1/holidays", who, body=off).status == 201
    book(who, who.id, learner().id)
    return who


def connected() -> User:
    """Somebody whose calendar would have to be asked if that could change the answer."""
    who = busy_elsewhere()
    kept = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.ACTIVE)
    wiring.people().save_connection(kept)
    return who


def with_week(role: str, who: User, week: dict[str, Any]) -> User:
    body = {"role": role, "timezone": "UTC", "availability": week}
    assert ask("PUT", "/api/v1/availability", who, body=body).status == 200
    return who


def told(path: str, query: dict[str, str], user: User, asker: User | None) -> tuple[str, list[str]]:
    """The whole answer but the id in it, and the requests it took."""
    with counted(wiring.tables()) as sent:
        answer = ask("GET", path, asker, query={**query, "userId": user.id})
    assert answer.status == 200
    whole = json.dumps([answer.json, sorted(answer.headers.items())])
    return whole.replace(user.id, "<id>"), sorted(sent)


@pytest.mark.parametrize("asker", [None, coach()], ids=["nobody", "a stranger"])
@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        (EVENTS, (seen_only, empty, busy_elsewhere)),
        (AT_NIGHT, (seen_only, empty, busy_elsewhere, connected)),
        (SETUP, (seen_only, empty, busy_elsewhere)),
    ],
    ids=["day list", "check-availability", "calendar-setup"],
)
def test_an_unknown_id_a_foreign_and_an_empty_one_are_told_alike_at_the_same_cost(
    asked: tuple[str, dict[str, str]], kinds: tuple[Any, ...], asker: User | None
) -> None:
    expected = told(*asked, unknown(), asker)

    for kind in kinds:
        assert expected == told(*asked, kind(), asker), kind.__name__


def test_an_empty_week_is_told_as_an_unknown_id_at_any_hour() -> None:
    who, path = with_week("Coach", coach(), NOTHING_IN_IT), AT_NIGHT[0]

    for hour in range(24):
        query = {"role": "Coach", "dateTime": f"2026-11-24T{hour:02}:00:00Z"}
        assert told(path, query, unknown(), None) == told(path, query, who, None)
