import uuid
from datetime import UTC, datetime

import pytest

from shared import wiring
from shared.domain.connection import Connection, ConnectionStatus, Provider
from tests.support.api import call, token
from tests.support.forbidden_addresses import REFUSED
from tests.support.service import NOW, User, ask, coach, learner
from tests.support.store_samples import connection

pytestmark = pytest.mark.usefixtures("service")

CONNECTIONS = "/api/v1/connections"


def connected(who: User, **changes: object) -> Connection:
    fields = {"last_error": None, "status": ConnectionStatus.ACTIVE, "created_at": NOW, **changes}
    made = connection(str(uuid.uuid4()), user_id=who.id, **fields)
    wiring.people().save_connection(made)
    return made


def test_connections_are_listed_oldest_first_and_tell_no_credential() -> None:
    who = coach()
    later = connected(who, status=ConnectionStatus.RECONNECT_REQUIRED, last_error="refused")
    earlier = connected(
        who,
        provider=Provider.APPLE,
        token_expires_at=None,
        calendar_name=None,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
    )

    listed = ask("GET", CONNECTIONS, who)

    assert [earlier.id, later.id] == [each["id"] for each in listed.data]
    assert {
        "id": earlier.id,
        "provider": "apple",
        "email": "c@example.com",
        "calendarId": "primary",
        "calendarName": None,
        "status": "active",
        "tokenExpiresAt": None,
        "lastError": None,
        "createdAt": "2026-01-02T00:00:00Z",
    } == listed.data[0]
    assert (
        listed.data[1]["status"],
        listed.data[1]["lastError"],
    ) == ("reconnect_required", "refused")


def test_the_callers_connections_are_nobody_elses() -> None:
    connected(coach())

    assert ask("GET", CONNECTIONS, coach()).data == []


def test_a_connection_can_be_deleted_once() -> None:
    who = coach()
    made = connected(who, provider=Provider.APPLE)

    first, second = (ask("DELETE", f"{CONNECTIONS}/{made.id}", who) for _ in range(2))

    assert {"id": made.id, "revoked": False} == first.data
    assert (second.status, second.code) == (404, "NOT_FOUND")
    assert ask("GET", CONNECTIONS, who).data == []


def test_somebody_elses_connection_reads_as_unknown_and_stays() -> None:
    who = coach()
    made = connected(who)

    answer = ask("DELETE", f"{CONNECTIONS}/{made.id}", learner())

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert [made.id] == [each["id"] for each in ask("GET", CONNECTIONS, who).data]


def test_an_id_that_is_no_uuid_is_refused() -> None:
    assert ask("DELETE", f"{CONNECTIONS}/7", coach()).status == 400


@pytest.mark.parametrize("provider", ["apple", "APPLE"])
def test_apple_answers_how_to_connect_with_a_password(provider: str) -> None:
    data = ask("GET", f"/api/v1/auth/{provider}", coach()).data

    assert (
        data["provider"],
        data["authorizationUrl"],
        data["connectUrl"],
    ) == ("apple", None, "/api/v1/auth/apple/connect")
    assert "app-specific password" in data["instructions"]


@pytest.mark.parametrize("provider", ["google", "Outlook"])
def test_a_provider_without_a_client_id_is_not_configured(provider: str) -> None:
    answer = ask("GET", f"/api/v1/auth/{provider}", coach())

    assert (answer.status, answer.code) == (503, "PROVIDER_NOT_CONFIGURED")


@pytest.mark.parametrize("calendar", [{}, {"calendarId": "primary"}], ids=["any", "chosen"])
def test_without_a_client_id_no_tokens_are_kept_that_nobody_could_refresh(
    calendar: dict[str, str],
) -> None:
    who = coach()
    handed = {"userId": who.id, "email": "c@gmail.example", "accessToken": "a", **calendar}

    answer = call(
        "POST",
        f"{CONNECTIONS}/auto-provision",
        bearer=token("auth-service", scope="connections:provision"),
        body={**handed, "provider": "google", "refreshToken": "r"},
    )

    assert (503, "PROVIDER_NOT_CONFIGURED") == (answer.status, answer.code)
    assert [] == ask("GET", CONNECTIONS, who).data


def test_an_unknown_provider_is_refused() -> None:
    answer = ask("GET", "/api/v1/auth/yahoo", coach())

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:0", ""]
)
def test_a_return_address_off_the_allow_list_is_refused(address: str) -> None:
    answer = ask("GET", "/api/v1/auth/apple", coach(), query={"redirectUri": address})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "server",
    [
        *REFUSED[:-1],  # the last is too long for the field itself
        "https://169.254.169.254",
        "https://localhost:8443",
        "https://",
        "https://[",
        "not an address",
    ],
)
def test_a_server_this_service_does_not_talk_to_is_refused(server: str) -> None:
    who = coach()
    body = {"username": "ada", "password": "abcd-efgh", "serverUrl": server}

    answer = ask("POST", "/api/v1/auth/apple/connect", who, body=body)

    # No text with control characters gets past the edge, whatever it is for.
    expected = "SERVER_URL_NOT_ALLOWED" if server.isprintable() else "VALIDATION_ERROR"
    assert (answer.status, answer.code) == (400, expected)
    assert ask("GET", CONNECTIONS, who).data == []
