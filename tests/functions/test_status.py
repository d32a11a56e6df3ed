from typing import Any

import pytest

from shared import VERSION, wiring
from shared.domain.connection import ConnectionStatus
from tests.support.aws import counted
from tests.support.oauth_flows import at
from tests.support.service import NOW, User, ask, coach, fresh_id, no_writes
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")


def test_health_says_ok_and_the_version_to_anybody() -> None:
    answer = ask("GET", "/health")

    assert (answer.status, answer.data) == (200, {"status": "ok", "version": VERSION})


def test_an_unknown_path_is_not_found() -> None:
    answer = ask("GET", "/api/v1/nothing-here", coach())

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_method_a_path_does_not_take_names_those_it_does() -> None:
    answer = ask("PATCH", "/api/v1/events", coach())

    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, POST, PUT"


def test_no_answer_may_be_cached() -> None:
    answers = [ask("GET", "/health"), ask("GET", "/api/v1/holidays"), ask("GET", "/nowhere")]

    assert [each.headers["Cache-Control"] for each in answers] == ["no-store"] * 3


STATUS, WELCOME = "/api/v1/status", "/api/v1/welcome-notification"
SEEN = f"{WELCOME}/seen"
ZONE = {"role": "Coach", "timezone": "Asia/Kolkata"}
DEFAULTS = {**ZONE, "useDefaultAvailability": True}


def connect(who: User, status: ConnectionStatus = ConnectionStatus.ACTIVE) -> None:
    kept = connection(fresh_id("c"), user_id=who.id, status=status)
    wiring.people().save_connection(kept)


def checklist(who: User, role: str = "coach") -> dict[str, Any]:
    with no_writes(), counted(wiring.tables()) as sent:
        data: dict[str, Any] = ask("GET", STATUS, who, query={"role": role}).data
    assert ["Query"] == sent
    return data


def test_the_checklist_of_a_new_user_is_all_to_do() -> None:
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


def test_each_step_is_ticked_off_by_what_it_names() -> None:
    who = coach()
    done = []
    for path, body in (("/timezone", ZONE), ("", DEFAULTS)):
        ask("PUT", f"/api/v1/availability{path}", who, body=body)
        done.append([each["done"] for each in checklist(who)["steps"]])
    connect(who)
    complete = checklist(who)

    assert [[False, False, True], [False, True, True]] == done
    assert [True] * 3 == [each["done"] for each in complete["steps"]]
    assert complete["isComplete"]


def test_a_connection_that_has_stopped_working_is_told() -> None:
    who = coach()
    connect(who, ConnectionStatus.RECONNECT_REQUIRED)

    found = checklist(who)

    assert (True, True) == (found["hasConnection"], found["reconnectRequired"])


def test_the_checklist_of_a_role_one_lacks_is_refused() -> None:
    answer = ask("GET", STATUS, coach(), query={"role": "Learner"})

    assert (403, "FORBIDDEN") == (answer.status, answer.code)


def test_the_welcome_shows_until_it_is_seen_and_the_first_time_stays() -> None:
    who, other = coach(), coach()
    seen = {"show": False, "seenAt": "2026-11-23T08:00:00Z"}

    assert {"show": True, "seenAt": None} == ask("GET", WELCOME, who).data
    assert seen == ask("POST", SEEN, who).data
    with at(NOW.replace(hour=9)):
        assert seen == ask("POST", SEEN, who, body={"seenAt": "2020-01-01T00:00:00Z"}).data
    assert seen == ask("GET", WELCOME, who).data
    assert {"show": True, "seenAt": None} == ask("GET", WELCOME, other).data


def test_whoever_has_finished_a_role_needs_no_welcome() -> None:
    who = User(fresh_id("both"), ("Coach", "Admin"))
    ask("PUT", "/api/v1/availability", who, body=DEFAULTS)
    connect(who)

    assert {"show": False, "seenAt": None} == ask("GET", WELCOME, who).data


def test_having_seen_the_welcome_changes_nothing_else_that_is_kept() -> None:
    who = coach()
    ask("PUT", "/api/v1/availability", who, body=DEFAULTS)
    before = wiring.people().person(who.id)

    ask("POST", SEEN, who)

    after = wiring.people().person(who.id)
    assert (before.roles_seen, before.availability) == (after.roles_seen, after.availability)
