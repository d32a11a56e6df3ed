"""Connecting a calendar of a real CalDAV server, and what its entries then decide."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from infra.local import processes
from tests.support.service import User, ask, coach, dump, installed, learner

CONNECT = "/api/v1/auth/apple/connect"
PASSWORD = "abcd-efgh-ijkl"


@pytest.fixture(scope="module")
def server(
    environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A CalDAV server on loopback that this stack may talk to."""
    with processes.radicale(tmp_path_factory.mktemp("radicale"), {"ada": PASSWORD}) as url:
        made = httpx.request("MKCALENDAR", f"{url}/ada/calendar/", auth=("ada", PASSWORD))
        assert made.status_code == 201
        host = url.partition("//")[2].strip("/")
        with installed({**environment, "CALDAV_ALLOWED_HOSTS": host}):
            yield url


def connect(who: User, server: str, **changes: str) -> Any:
    body = {"username": "ada", "password": PASSWORD, "serverUrl": server, **changes}
    return ask("POST", CONNECT, who, body=body)


def test_an_account_connects_once_and_keeps_its_id(server: str) -> None:
    who = coach()

    first, again = connect(who, server), connect(who, server)

    assert (first.status, again.status) == (201, 200)
    assert first.data == again.data
    assert (first.data["provider"], first.data["status"]) == ("apple", "active")
    assert ask("GET", "/api/v1/connections", who).data == [first.data]


def test_an_account_of_two_users_is_two_connections(server: str) -> None:
    one, other = coach(), learner()

    assert connect(one, server).data["id"] != connect(other, server).data["id"]


def test_refused_credentials_store_nothing(server: str) -> None:
    before = dump()

    answer = connect(coach(), server, password="wrong")

    assert (answer.status, answer.code) == (400, "CREDENTIALS_REJECTED")
    assert before == dump()


def test_no_table_and_no_answer_holds_the_password(server: str) -> None:
    who = coach()

    answer = connect(who, server)

    assert PASSWORD not in str(answer.json)
    assert PASSWORD not in str(dump())


def test_a_connected_calendar_is_asked_for_slots_and_days(server: str) -> None:
    who, other = coach(), learner()
    connected = connect(who, server).data["id"]
    query = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}

    slots = ask("GET", "/api/v1/available-slots", who, query=query).data
    day = ask("GET", "/api/v1/events", who, query={"date": "2026-11-24"}).data

    source = {"userId": who.id, "connectionId": connected, "provider": "apple", "state": "ok"}
    assert slots["sources"] == [source]
    assert day["sources"] == [source]
    assert {each["status"] for each in slots["slots"]} == {"available"}


def test_a_disconnected_calendar_is_asked_no_more(server: str) -> None:
    who = coach()
    connected = connect(who, server).data["id"]

    ask("DELETE", f"/api/v1/connections/{connected}", who)

    assert ask("GET", "/api/v1/events", who, query={"date": "2026-11-24"}).data["sources"] == []
