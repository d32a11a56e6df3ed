"""Connecting a calendar on a real CalDAV server, and the effect of its entries."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from infra.local import processes
from tests.support.oauth_flows import dump_but
from tests.support.service import User, call_api, coach, dump, installed, learner

CONNECT = "/api/v1/auth/apple/connect"
PASSWORD = "abcd-efgh-ijkl"


@pytest.fixture(scope="module")
def server(
    environment: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A CalDAV server on loopback that is on the stack's allow-list."""
    with processes.radicale(tmp_path_factory.mktemp("radicale"), {"ada": PASSWORD}) as url:
        made = httpx.request("MKCALENDAR", f"{url}/ada/calendar/", auth=("ada", PASSWORD))
        assert made.status_code == 201
        host = url.partition("//")[2].strip("/")
        with installed({**environment, "CALDAV_ALLOWED_HOSTS": host}):
            yield url


def connect(who: User, server: str, **changes: str) -> Any:
    body = {"username": "ada", "password": PASSWORD, "serverUrl": server, **changes}
    return call_api("POST", CONNECT, who, body=body)


def test_an_account_connected_again_keeps_its_id(server: str) -> None:
    who = coach()

    first, again = connect(who, server), connect(who, server)

    assert (first.status, again.status) == (201, 200)
    assert first.data == again.data
    assert (first.data["provider"], first.data["status"]) == ("apple", "active")
    assert call_api("GET", "/api/v1/connections", who).data == [first.data]


def test_an_account_connected_by_two_users_is_two_connections(server: str) -> None:
    one, other = coach(), learner()

    assert connect(one, server).data["id"] != connect(other, server).data["id"]


def test_rejected_credentials_store_nothing(server: str) -> None:
    before = dump_but()

    response = connect(coach(), server, password="wrong")

    assert (response.status, response.code) == (400, "CREDENTIALS_REJECTED")
    assert before == dump_but()


def test_no_table_and_no_response_contains_the_password(server: str) -> None:
    who = coach()

    response = connect(who, server)

    assert PASSWORD not in str(response.json)
    assert PASSWORD not in str(dump())


def test_a_connected_calendar_is_read_for_slots_and_days(server: str) -> None:
    who, other = coach(), learner()
    connected = connect(who, server).data["id"]
    query = {"date": "2026-11-24", "role": "Coach", "coachId": who.id, "learnerId": other.id}

    slots = call_api("GET", "/api/v1/available-slots", who, query=query).data
    day = call_api("GET", "/api/v1/events", who, query={"date": "2026-11-24"}).data

    source = {"userId": who.id, "connectionId": connected, "provider": "apple", "state": "ok"}
    assert slots["sources"] == [source]
    assert day["sources"] == [source]
    assert {each["status"] for each in slots["slots"]} == {"available"}


def test_a_disconnected_calendar_is_no_longer_read(server: str) -> None:
    who = coach()
    connected = connect(who, server).data["id"]

    call_api("DELETE", f"/api/v1/connections/{connected}", who)

    assert (
        call_api("GET", "/api/v1/events", who, query={"date": "2026-11-24"}).data["sources"] == []
    )
