"""Invalid parameters are rejected; malformed paths are not found."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from infra.routes import ROUTES
from tests.support.api import call
from tests.support.bad_values import BAD_INSTANTS
from tests.support.http_contract import response_problems
from tests.support.rejected_requests import assert_rejected, user_with_every_role
from tests.support.requests import CHECK, MONTH, MONTH_ADMIN, QUERIES, SETUP, SLOTS_ADMIN
from tests.support.service import (
    call_api,
    no_writes,
)

pytestmark = [pytest.mark.long, pytest.mark.usefixtures("service")]


@dataclass(frozen=True)
class Parameters:
    """A route's query parameters with values to try for one of them."""

    path: str
    name: str
    values: tuple[str, ...] = field(default=())


BAD_DATES = ("", "tomorrow", "2026-1-1", "2026-02-29", "20261124", "2026-11-24T00:00:00Z")
FAR_DATES = ("1969-12-31", "2200-01-01", "0000-01-01", "9999-12-31", "٢٠٢٦-11-24", "2026-11-24,")
ODD_IDS = ("", " ", "a,b", "a b", "a/b", "ä", "a" * 65, "%00", "\ufffd", "1,2", "[1]")
ODD_LISTS = ("a,", ",a", "a,,b", "a, b", "a;b", "a" * 65, ",".join(map(str, range(51))), "[1]")
PARAMETERS = [
    Parameters("/api/v1/events", "date", BAD_DATES + FAR_DATES),
    Parameters("/api/v1/events", "userId", ODD_IDS),
    Parameters("/api/v1/available-slots", "date", BAD_DATES + FAR_DATES),
    Parameters("/api/v1/available-slots", "role", ("", "Gardener", "Coach,Learner", "COACHEE")),
    Parameters("/api/v1/available-slots", "coachId", ODD_IDS),
    Parameters("/api/v1/available-slots", "learnerId", ODD_IDS),
    Parameters("/api/v1/available-slots", "sessionId", ODD_IDS),
    Parameters("/api/v1/available-slots", "reschedule", ("", "TRUE", "1", "yes", "true,true")),
    *(Parameters(MONTH, name, ODD_IDS) for name in ("coachId", "learnerId")),
    Parameters(MONTH, "year", ("", "1969", "2200", "26", "-2026", "2026,2027", "MMXXVI", "9" * 9)),
    Parameters(MONTH, "month", ("", "0", "13", "-1", "1.5", "November", "11,12", "NaN")),
    Parameters(MONTH, "role", ("", "Gardener", "Coach,Learner")),
    Parameters(MONTH, "duration", ("", "4", "481", "60,60")),
    *(Parameters(SLOTS_ADMIN, name, ODD_IDS) for name in ("coachId", "learnerId", "sessionId")),
    *(Parameters(MONTH_ADMIN, name, ODD_LISTS) for name in ("coachIds", "learnerIds")),
    *(Parameters(SLOTS_ADMIN, name, ODD_LISTS) for name in ("coachIds", "learnerIds")),
    Parameters(CHECK, "userId", ODD_IDS),
    Parameters(CHECK, "role", ("", "Gardener")),
    Parameters(CHECK, "dateTime", tuple(BAD_INSTANTS)),
    Parameters(SETUP, "userId", ODD_IDS),
    Parameters("/api/v1/status", "role", ("", "Gardener", "Coach,Learner")),
    Parameters("/api/v1/available-slots", "duration", ("", "4", "481", "1e2", "60,60", "NaN")),
]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [(each.path, each.name, value) for each in PARAMETERS for value in each.values],
)
def test_a_parameter_out_of_range_is_rejected_and_named(path: str, name: str, value: str) -> None:
    response = call_api("GET", path, user_with_every_role(), query={**QUERIES[path], name: value})

    assert_rejected(response)
    assert [name] == [each["field"] for each in response.json["error"]["details"]]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/available-slots", MONTH, CHECK, SETUP])
def test_a_parameter_given_twice_is_rejected(path: str) -> None:
    for name, value in QUERIES[path].items():
        query: dict[str, Any] = {**QUERIES[path], name: [value, value]}

        assert_rejected(call_api("GET", path, user_with_every_role(), query=query))


@pytest.mark.parametrize(
    "segment",
    [
        "%20",
        "%00",
        "%0d%0a",
        "a%2Fb",
        "..%2F..",
        "%2e%2e",
        "%ED%A0%80",
        "%FF",
        "%",
        "%zz",
        "a%00b",
        "a;b",
        "a:b",
        "<script>",
        "{eventId}",
        "%25%30%30",
        "a" * 65,
        "a" * 9000,
        "💥",
        "%F0%9F%92%A5",
        "$default",
        "*",
        "a+b",
        "null%0a",
    ],
)
@pytest.mark.parametrize(
    ("method", "template"),
    [(route.method, route.path) for route in ROUTES if "{" in route.path],
)
def test_a_malformed_path_is_not_found(method: str, template: str, segment: str) -> None:
    path = re.sub(r"\{\w+\}", lambda _: segment, template)

    with no_writes():
        response = call(method, path, bearer=user_with_every_role().bearer)

    # A route ends before a final line feed, so that the last one is the user id `null`, which only
    # a service may ask about.
    rejected = {403} if template.startswith("/api/v1/users/") and segment == "null%0a" else set()
    assert response.status in {400, 404} | rejected, response.json
    assert response.code in {"VALIDATION_ERROR", "NOT_FOUND", "FORBIDDEN"}
    assert response_problems(method, template, response.status, response.json) == []
