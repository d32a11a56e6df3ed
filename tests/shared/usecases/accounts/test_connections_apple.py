import json
from datetime import timedelta
from typing import Any, cast

import pytest

from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.errors import (
    CredentialsRejected,
    InvalidRequest,
    NotFound,
)
from shared.ports import FoundCalendar
from shared.usecases.accounts.connections import Connections, StoredConnection
from tests.support.calendars import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.platform import COACH, LEARNER, NOW
from tests.support.token_fakes import MemoryTokens

RETURN = "https://app.example/done"


class Discovery:
    """Finds one calendar for whoever knows the password."""

    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        assert timeout > timedelta(0)
        if password != "right":
            raise CredentialsRejected("the server refused them")
        return FoundCalendar(
            account=f"{server_url} {username}",
            email=username,
            calendar_id=f"{server_url}/home/",
            calendar_name="Home",
            zone="Europe/Berlin",
            credential=json.dumps({"username": username, "password": password}),
        )


class Desk:
    """The use-case with what it keeps."""

    def __init__(self) -> None:
        memory = Memory()
        self.people, self.vault = MemoryPeople(memory), MemoryVault()
        self.discoveries = 0
        self.connections = Connections(
            people=self.people,
            tokens=MemoryTokens(memory, self.people),
            vault=self.vault,
            oauth=cast("Any", None),
            discovery=self._discovery,
            redirects=[RETURN],
        )

    def _discovery(self) -> Discovery:
        self.discoveries += 1
        return Discovery()

    def connect(self, username: str = "c@example.com", password: str = "right") -> StoredConnection:
        """Connect an account of the coach."""
        return self.connections.connect_apple(
            COACH,
            server_url="https://dav.example",
            username=username,
            password=password,
            now=NOW + self.discoveries * timedelta(hours=1),
        )

    def opened(self, connection: Connection) -> dict[str, str]:
        """Return the credential in the clear."""
        opened: dict[str, str] = json.loads(
            self.vault.open(
                connection.credential, user_id=connection.user_id, connection_id=connection.id
            )
        )
        return opened


def test_a_found_calendar_is_kept_with_its_credential_sealed() -> None:
    desk = Desk()

    connected = desk.connect()

    connection = connected.connection
    assert connected.is_new
    assert desk.connections.of(COACH) == (connection,)
    assert desk.opened(connection) == {"username": "c@example.com", "password": "right"}
    assert (connection.provider, connection.zone) == (Provider.APPLE, "Europe/Berlin")
    assert desk.people.person(COACH.user_id).email == COACH.email


def test_the_same_account_keeps_its_id_and_age_and_heals() -> None:
    desk = Desk()
    first = desk.connect().connection
    desk.people.mark_connection(first, ConnectionStatus.RECONNECT_REQUIRED, error="401")

    again = desk.connect()

    assert not again.is_new
    assert (first.id, first.created_at) == (again.connection.id, again.connection.created_at)
    assert again.connection.is_active
    assert again.connection.last_error is None
    assert first.credential != again.connection.credential


def test_an_account_connected_anew_after_a_disconnect_has_the_id_it_had() -> None:
    desk = Desk()
    first = desk.connect().connection
    desk.connections.disconnect(COACH, first.id)

    again = desk.connect()

    assert again.is_new
    assert first.id == again.connection.id


def test_another_account_is_another_connection_and_the_oldest_is_told_first() -> None:
    desk = Desk()
    first, second = desk.connect("z@example.com"), desk.connect("a@example.com")

    assert desk.connections.of(COACH) == (first.connection, second.connection)


def test_what_the_server_refuses_is_not_kept() -> None:
    desk = Desk()

    with pytest.raises(CredentialsRejected):
        desk.connect(password="wrong")

    assert desk.connections.of(COACH) == ()


def test_no_caldav_library_is_loaded_before_somebody_connects() -> None:
    desk = Desk()
    desk.connections.of(COACH)
    desk.connections.check_redirect(None)

    assert desk.discoveries == 0


def test_only_ones_own_connection_is_disconnected() -> None:
    desk = Desk()
    connection = desk.connect().connection

    with pytest.raises(NotFound):
        desk.connections.disconnect(LEARNER, connection.id)
    revoked = desk.connections.disconnect(COACH, connection.id)

    assert not revoked
    assert desk.connections.of(COACH) == ()


@pytest.mark.parametrize("redirect", [None, RETURN])
def test_an_address_on_the_list_is_returned_to(redirect: str | None) -> None:
    Desk().connections.check_redirect(redirect)


@pytest.mark.parametrize("redirect", ["https://evil.example/", f"{RETURN}/", RETURN.upper()])
def test_an_address_that_is_not_on_the_list_is_not_returned_to(redirect: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        Desk().connections.check_redirect(redirect)

    assert [each.field for each in caught.value.problems] == ["redirectUri"]
