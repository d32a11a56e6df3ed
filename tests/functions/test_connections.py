import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared import wiring
from shared.api.instants import zulu
from shared.domain.connection import Connection, ConnectionStatus, Outage, Provider
from tests.support.api import call, token
from tests.support.forbidden_addresses import FORBIDDEN_ADDRESSES
from tests.support.service import NOW, User, call_api, coach, learner
from tests.support.store_samples import PROBLEM, connection

pytestmark = pytest.mark.usefixtures("service")

CONNECTIONS = "/api/v1/connections"


def connected(who: User, **changes: object) -> Connection:
    fields = {"last_error": None, "status": ConnectionStatus.ACTIVE, "created_at": NOW, **changes}
    made = connection(str(uuid.uuid4()), user_id=who.id, **fields)
    wiring.people_store().save_connection(made)
    return made


def test_connections_are_listed_oldest_first_without_credentials() -> None:
    who = coach()
    later = connected(who, status=ConnectionStatus.RECONNECT_REQUIRED, last_error=PROBLEM)
    earlier = connected(
        who,
        provider=Provider.APPLE,
        token_expires_at=None,
        calendar_name=None,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )

    listed = call_api("GET", CONNECTIONS, who)

    assert [earlier.id, later.id] == [each["id"] for each in listed.data]
    assert {
        "id": earlier.id,
        "provider": "apple",
        "email": "c@example.com",
        "calendarId": "primary",
        "calendarName": None,
        "status": "active",
        "tokenExpiresAt": None,
        "needsConsent": False,
        "lastError": None,
        "suspendedUntil": None,
        "createdAt": "2026-01-02T00:00:00Z",
    } == listed.data[0]
    assert (
        listed.data[1]["status"],
        listed.data[1]["lastError"],
    ) == (
        "reconnect_required",
        {
            "code": "RECONNECT_REQUIRED",
            "message": "invalid_grant",
            "action": "Connect the calendar again.",
            "since": "2026-11-23T12:00:00.123456Z",
        },
    )


def test_a_suspended_connection_says_since_when_its_server_has_not_answered() -> None:
    who = coach()
    outage = Outage(calls=4, since=NOW - timedelta(minutes=5), at=NOW)
    shorter = replace(outage, calls=3, since=NOW)
    connected(who, provider=Provider.APPLE, write_outage=outage, read_outage=shorter)
    connected(who, read_outage=replace(outage, calls=2), created_at=NOW + timedelta(hours=1))

    suspended, working = call_api("GET", CONNECTIONS, who).data

    assert suspended["status"] == "active"
    assert {
        "code": "CALENDAR_UNREACHABLE",
        "message": "The calendar's server has not answered since 2026-11-23 07:55 UTC.",
        "action": "Wait: the service keeps trying. If the server works, connect the calendar "
        "again.",
        "since": zulu(NOW - timedelta(minutes=5)),
    } == suspended["lastError"]
    assert zulu(NOW + timedelta(seconds=30)) == suspended["suspendedUntil"]
    assert (working["lastError"], working["suspendedUntil"]) == (None, None)


def test_a_connection_of_an_unknown_provider_is_listed_as_unavailable() -> None:
    who = coach()
    connected(who, provider=Provider.UNKNOWN, status=ConnectionStatus.UNAVAILABLE)

    # Not `call_api`: the contract of the first version lists neither value.
    (listed,) = call("GET", CONNECTIONS, bearer=who.bearer).data

    assert (listed["provider"], listed["status"]) == ("unknown", "unavailable")


def test_a_caller_sees_only_their_own_connections() -> None:
    connected(coach())

    assert call_api("GET", CONNECTIONS, coach()).data == []


def test_a_connection_can_be_deleted_once() -> None:
    who = coach()
    made = connected(who, provider=Provider.APPLE)

    first, second = (call_api("DELETE", f"{CONNECTIONS}/{made.id}", who) for _ in range(2))

    assert {"id": made.id, "revoked": False} == first.data
    assert (second.status, second.code) == (404, "NOT_FOUND")
    assert call_api("GET", CONNECTIONS, who).data == []


def test_another_users_connection_looks_unknown_and_is_not_deleted() -> None:
    who = coach()
    made = connected(who)

    response = call_api("DELETE", f"{CONNECTIONS}/{made.id}", learner())

    assert (response.status, response.code) == (404, "NOT_FOUND")
    assert [made.id] == [each["id"] for each in call_api("GET", CONNECTIONS, who).data]


def test_an_id_that_is_not_a_uuid_is_rejected() -> None:
    assert call_api("DELETE", f"{CONNECTIONS}/7", coach()).status == 400


@pytest.mark.parametrize("provider", ["apple", "APPLE"])
def test_apple_returns_how_to_connect_with_a_password(provider: str) -> None:
    data = call_api("GET", f"/api/v1/auth/{provider}", coach()).data

    assert (
        data["provider"],
        data["authorizationUrl"],
        data["connectUrl"],
    ) == ("apple", None, "/api/v1/auth/apple/connect")
    assert "app-specific password" in data["instructions"]


@pytest.mark.parametrize("provider", ["google", "Outlook"])
def test_a_provider_without_a_client_id_is_not_configured(provider: str) -> None:
    response = call_api("GET", f"/api/v1/auth/{provider}", coach())

    assert (response.status, response.code) == (503, "PROVIDER_NOT_CONFIGURED")


@pytest.mark.parametrize(
    "calendar", [{}, {"calendarId": "primary"}], ids=["no calendar", "a given calendar"]
)
def test_without_a_client_id_no_tokens_are_stored_because_they_could_not_be_refreshed(
    calendar: dict[str, str],
) -> None:
    who = coach()
    tokens = {"userId": who.id, "email": "c@gmail.example", "accessToken": "a", **calendar}

    response = call(
        "POST",
        f"{CONNECTIONS}/auto-provision",
        bearer=token("auth-service", scope="connections:provision"),
        body={**tokens, "provider": "google", "refreshToken": "r"},
    )

    assert (503, "PROVIDER_NOT_CONFIGURED") == (response.status, response.code)
    assert [] == call_api("GET", CONNECTIONS, who).data


def test_an_unknown_provider_is_rejected() -> None:
    response = call_api("GET", "/api/v1/auth/yahoo", coach())

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:0", ""]
)
def test_a_return_address_not_on_the_allow_list_is_rejected(address: str) -> None:
    response = call_api("GET", "/api/v1/auth/apple", coach(), query={"redirectUri": address})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "server",
    [
        *FORBIDDEN_ADDRESSES[:-1],  # the last is too long for the field itself
        "https://169.254.169.254",
        "https://localhost:8443",
        "https://",
        "https://[",
        "not an address",
    ],
)
def test_a_server_that_is_not_allowed_is_rejected(server: str) -> None:
    who = coach()
    body = {"username": "ada", "password": "abcd-efgh", "serverUrl": server}

    response = call_api("POST", "/api/v1/auth/apple/connect", who, body=body)

    # Text with control characters is always rejected, whatever the field.
    expected = "SERVER_URL_NOT_ALLOWED" if server.isprintable() else "VALIDATION_ERROR"
    assert (response.status, response.code) == (400, expected)
    assert call_api("GET", CONNECTIONS, who).data == []
