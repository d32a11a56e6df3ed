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
from shared.usecases.accounts.connection_writer import ConnectionWriter, StoredConnection
from shared.usecases.accounts.connections import Connections
from shared.usecases.accounts.healing import Healing
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.people.limits import NO_LIMITS
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryParked, MemoryPeople, MemoryQueue
from tests.support.meter import FakeMeter
from tests.support.platform import COACH, LEARNER, NOW
from tests.support.store_samples import PROBLEM
from tests.support.token_fakes import MemoryTokens

RETURN = "https://app.example/done"


class Discovery:
    """Finds one calendar for users with the right password."""

    def discover(
        self, server_url: str, username: str, password: str, *, timeout: timedelta
    ) -> FoundCalendar:
        assert timeout > timedelta(0)
        if password != "right":
            raise CredentialsRejected("the server rejected them")
        return FoundCalendar(
            account=f"{server_url} {username}",
            email=username,
            calendar_id=f"{server_url}/{username.partition('+')[0]}/home/",
            calendar_name="Home",
            zone="Europe/Berlin",
            credential=json.dumps({"username": username, "password": password}),
        )


class AppleHarness:
    """The use-case and its stores."""

    def __init__(self) -> None:
        self.memory = memory = Memory()
        self.meter = FakeMeter()
        self.people, self.vault = MemoryPeople(memory), MemoryVault()
        self.queue = MemoryQueue()
        tokens = MemoryTokens(memory, self.people)
        self.discoveries = 0
        self.connections = Connections(
            people=self.people,
            tokens=tokens,
            oauth=cast("Any", None),
            discovery=self._discovery,
            limits=NO_LIMITS,
            writer=ConnectionWriter(
                people=self.people,
                tokens=tokens,
                vault=self.vault,
                limits=NO_LIMITS,
                healing=Healing(
                    people=self.people, queue=self.queue, parked_events=MemoryParked(memory)
                ),
            ),
            revocation=Revocation(
                tokens=tokens, vault=self.vault, oauth=cast("Any", None), meter=self.meter
            ),
            meter=self.meter,
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
        """Return the decrypted credential."""
        opened: dict[str, str] = json.loads(
            self.vault.open(
                connection.credential, user_id=connection.user_id, connection_id=connection.id
            )
        )
        return opened


def test_a_discovered_calendar_is_stored_with_an_encrypted_credential() -> None:
    harness = AppleHarness()

    connected = harness.connect()

    connection = connected.connection
    assert connected.is_new
    assert harness.connections.of(COACH) == (connection,)
    assert harness.opened(connection) == {"username": "c@example.com", "password": "right"}
    assert (connection.provider, connection.zone) == (Provider.APPLE, "Europe/Berlin")
    assert harness.people.person(COACH.user_id).email == COACH.email


def test_reconnecting_an_account_keeps_its_id_and_creation_time() -> None:
    harness = AppleHarness()
    first = harness.connect().connection
    harness.people.mark_connection(
        first, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOW
    )

    again = harness.connect()

    assert not again.is_new
    assert (first.id, first.created_at) == (again.connection.id, again.connection.created_at)
    assert again.connection.is_active
    assert again.connection.last_error is None
    assert first.credential != again.connection.credential


def test_an_account_reconnected_after_a_disconnect_keeps_its_id() -> None:
    harness = AppleHarness()
    first = harness.connect().connection
    harness.connections.disconnect(COACH, first.id)

    again = harness.connect()

    assert again.is_new
    assert first.id == again.connection.id


def test_two_names_of_one_caldav_account_are_one_connection() -> None:
    harness = AppleHarness()
    first = harness.connect("kim").connection

    again = harness.connect("kim+alias")

    assert (False, first.id) == (again.is_new, again.connection.id)
    assert 1 == len(harness.connections.of(COACH))


def test_connections_are_listed_oldest_first() -> None:
    harness = AppleHarness()
    first, second = harness.connect("z@example.com"), harness.connect("a@example.com")

    assert harness.connections.of(COACH) == (first.connection, second.connection)


def test_rejected_credentials_are_not_stored() -> None:
    harness = AppleHarness()

    with pytest.raises(CredentialsRejected):
        harness.connect(password="wrong")

    assert harness.connections.of(COACH) == ()


def test_discovery_is_not_loaded_before_a_user_connects() -> None:
    harness = AppleHarness()
    harness.connections.of(COACH)
    harness.connections.check_redirect(None)

    assert harness.discoveries == 0


def test_only_the_callers_own_connection_can_be_disconnected() -> None:
    harness = AppleHarness()
    connection = harness.connect().connection

    with pytest.raises(NotFound):
        harness.connections.disconnect(LEARNER, connection.id)
    revoked = harness.connections.disconnect(COACH, connection.id)

    assert not revoked
    assert harness.connections.of(COACH) == ()


@pytest.mark.parametrize("redirect", [None, RETURN])
def test_a_redirect_uri_on_the_allow_list_is_accepted(redirect: str | None) -> None:
    AppleHarness().connections.check_redirect(redirect)


@pytest.mark.parametrize("redirect", ["https://evil.example/", f"{RETURN}/", RETURN.upper()])
def test_a_redirect_uri_that_is_not_on_the_allow_list_is_rejected(redirect: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        AppleHarness().connections.check_redirect(redirect)

    assert [each.field for each in caught.value.problems] == ["redirectUri"]
