"""The public operations do not reveal whether anything is stored for an id."""

import json
from typing import Any

import pytest

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.aws import counted
from tests.support.service import User, book, call_api, coach, fresh_id, learner
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


def known_by_roles_only() -> User:
    """Return a user for whom only roles are stored."""
    who = learner()
    wiring.people_store().save_profile(who.id, email=f"{who.id}@example.org", roles=frozenset())
    return who


def never_available() -> User:
    """Return a user whose week has no windows."""
    return with_week("Learner", learner(), NOTHING_IN_IT)


def busy_in_another_role() -> User:
    """Return a user with windows in another role, holidays and sessions that do not matter here."""
    who = with_week("Learner", User(fresh_id("both"), ("Coach", "Learner")), WEEK)
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}
    assert call_api("POST", "/api/v1/holidays", who, body=off).status == 201
    book(who, who.id, learner().id)
    return who


def connected() -> User:
    """Return a user with a calendar that would be read if it could change the result."""
    who = busy_in_another_role()
    broken = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.ACTIVE)
    wiring.people_store().save_connection(broken)
    return who


def with_week(role: str, who: User, week: dict[str, Any]) -> User:
    body = {"role": role, "timezone": "UTC", "availability": week}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200
    return who


def response_and_cost(
    path: str, query: dict[str, str], user: User, caller: User | None
) -> tuple[str, list[str]]:
    """Return the whole response with the id replaced, and the DynamoDB requests it took."""
    with counted(wiring.tables()) as sent:
        response = call_api("GET", path, caller, query={**query, "userId": user.id})
    assert response.status == 200
    whole = json.dumps([response.json, sorted(response.headers.items())])
    return whole.replace(user.id, "<id>"), sorted(sent)


@pytest.mark.parametrize("caller", [None, coach()], ids=["no token", "another user"])
@pytest.mark.parametrize(
    ("operation", "kinds"),
    [
        (EVENTS, (known_by_roles_only, never_available, busy_in_another_role)),
        (AT_NIGHT, (known_by_roles_only, never_available, busy_in_another_role, connected)),
        (SETUP, (known_by_roles_only, never_available, busy_in_another_role)),
    ],
    ids=["day list", "check-availability", "calendar-setup"],
)
def test_unknown_other_and_empty_users_get_the_same_response_at_the_same_cost(
    operation: tuple[str, dict[str, str]], kinds: tuple[Any, ...], caller: User | None
) -> None:
    expected = response_and_cost(*operation, unknown(), caller)

    for kind in kinds:
        assert expected == response_and_cost(*operation, kind(), caller), kind.__name__


def test_an_empty_week_looks_like_an_unknown_id_at_any_hour() -> None:
    who, path = with_week("Coach", coach(), NOTHING_IN_IT), AT_NIGHT[0]

    for hour in range(24):
        query = {"role": "Coach", "dateTime": f"2026-11-24T{hour:02}:00:00Z"}
        assert response_and_cost(path, query, unknown(), None) == response_and_cost(
            path, query, who, None
        )
