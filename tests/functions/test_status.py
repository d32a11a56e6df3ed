from typing import Any

import pytest

from shared import VERSION, wiring
from shared.domain.connection import ConnectionStatus
from tests.support.aws import counted
from tests.support.oauth_flows import at
from tests.support.service import NOW, User, call_api, coach, fresh_id, no_writes
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")


def test_health_returns_ok_and_the_version_without_a_token() -> None:
    response = call_api("GET", "/health")

    assert (response.status, response.data) == (200, {"status": "ok", "version": VERSION})


def test_an_unknown_path_is_not_found() -> None:
    response = call_api("GET", "/api/v1/nothing-here", coach())

    assert (response.status, response.code) == (404, "NOT_FOUND")


def test_an_unsupported_method_returns_the_supported_ones() -> None:
    response = call_api("PATCH", "/api/v1/events", coach())

    assert (response.status, response.code) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["Allow"] == "GET, HEAD, POST, PUT"


def test_no_response_may_be_cached() -> None:
    responses = [
        call_api("GET", "/health"),
        call_api("GET", "/api/v1/holidays"),
        call_api("GET", "/nowhere"),
    ]

    assert [each.headers["Cache-Control"] for each in responses] == ["no-store"] * 3


STATUS, WELCOME = "/api/v1/status", "/api/v1/welcome-notification"
SEEN = f"{WELCOME}/seen"
ZONE = {"role": "Coach", "timezone": "Asia/Kolkata"}
DEFAULTS = {**ZONE, "useDefaultAvailability": True}


def connect(who: User, status: ConnectionStatus = ConnectionStatus.ACTIVE) -> None:
    new = connection(fresh_id("c"), user_id=who.id, status=status)
    wiring.people_store().save_connection(new)


def checklist(who: User, role: str = "coach") -> dict[str, Any]:
    with no_writes(), counted(wiring.tables()) as sent:
        data: dict[str, Any] = call_api("GET", STATUS, who, query={"role": role}).data
    assert ["Query"] == sent
    return data


def test_a_new_users_checklist_has_no_step_done() -> None:
    assert {
        "role": "Coach",
        "hasConnection": False,
        "hasAvailability": False,
        "hasTimezone": False,
        "reconnectRequired": False,
        "isComplete": False,
        "steps": [
            {"key": "connect_calendar", "done": False},
            {"key": "set_availability", "done": False},
            {"key": "set_timezone", "done": False},
        ],
    } == checklist(coach())


def test_each_step_is_done_after_its_action() -> None:
    who = coach()
    done = []
    for path, body in (("/timezone", ZONE), ("", DEFAULTS)):
        call_api("PUT", f"/api/v1/availability{path}", who, body=body)
        done.append([each["done"] for each in checklist(who)["steps"]])
    connect(who)
    complete = checklist(who)

    assert [[False, False, True], [False, True, True]] == done
    assert [True] * 3 == [each["done"] for each in complete["steps"]]
    assert complete["isComplete"]


def test_a_connection_that_stopped_working_is_reported() -> None:
    who = coach()
    connect(who, ConnectionStatus.RECONNECT_REQUIRED)

    found = checklist(who)

    assert (True, True) == (found["hasConnection"], found["reconnectRequired"])


def test_the_checklist_of_a_role_the_caller_lacks_is_forbidden() -> None:
    response = call_api("GET", STATUS, coach(), query={"role": "Learner"})

    assert (403, "FORBIDDEN") == (response.status, response.code)


def test_the_welcome_is_shown_until_seen_and_the_first_time_is_kept() -> None:
    who, other = coach(), coach()
    seen = {"show": False, "seenAt": "2026-11-23T08:00:00Z"}

    assert {"show": True, "seenAt": None} == call_api("GET", WELCOME, who).data
    assert seen == call_api("POST", SEEN, who).data
    with at(NOW.replace(hour=9)):
        assert seen == call_api("POST", SEEN, who, body={"seenAt": "2020-01-01T00:00:00Z"}).data
    assert seen == call_api("GET", WELCOME, who).data
    assert {"show": True, "seenAt": None} == call_api("GET", WELCOME, other).data


def test_a_user_who_has_set_up_a_role_gets_no_welcome() -> None:
    who = User(fresh_id("both"), ("Coach", "Admin"))
    call_api("PUT", "/api/v1/availability", who, body=DEFAULTS)
    connect(who)

    assert {"show": False, "seenAt": None} == call_api("GET", WELCOME, who).data


def test_marking_the_welcome_as_seen_changes_nothing_else() -> None:
    who = coach()
    call_api("PUT", "/api/v1/availability", who, body=DEFAULTS)
    before = wiring.people_store().person(who.id)

    call_api("POST", SEEN, who)

    after = wiring.people_store().person(who.id)
    assert (before.roles_seen, before.availability) == (after.roles_seen, after.availability)
