"""Calendar accounts: connecting, listing, disconnecting."""

import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Connection, Provider
from shared.domain.errors import FieldProblem, InvalidRequest, ProviderNotConfigured
from shared.ports import CaldavDiscovery, FoundCalendar, PeopleStore, Vault

DISCOVERY_TIMEOUT = timedelta(seconds=20)
APPLE_CONNECT_PATH = "/api/v1/auth/apple/connect"
APPLE_INSTRUCTIONS = (
    "Make an app-specific password at account.apple.com under Sign-In and Security, then POST "
    f"{{username, password}} to {APPLE_CONNECT_PATH}; for another CalDAV server add serverUrl."
)
# Ids of connections follow from user and account, so that reconnecting keeps the id even after
# a disconnect, and with it the key of every copy the calendar still holds.
_CONNECTION_IDS = uuid.UUID("6f1f3f0e-6a55-4d39-9d53-0f3f7d2c1b84")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStart:
    """How a user goes about connecting a provider."""

    provider: Provider
    connect_url: str | None = None
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class Connected:
    """A stored connection; `is_new` tells whether it was there before."""

    connection: Connection
    is_new: bool


class Connections:
    """The caller's own calendar accounts.

    `discovery` is called when first needed, so that no other operation loads a CalDAV library.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        vault: Vault,
        discovery: Callable[[], CaldavDiscovery],
        redirects: Sequence[str] = (),
    ) -> None:
        self._people = people
        self._vault = vault
        self._discovery = discovery
        self._redirects = frozenset(redirects)

    def start(self, provider: Provider, *, redirect_uri: str | None) -> ConnectStart:
        """Return where to go, or what to do, to connect.

        Raises:
            InvalidRequest: when the return address is not on the allow-list.
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        if redirect_uri is not None and redirect_uri not in self._redirects:
            problem = FieldProblem("redirectUri", "is not on this stack's allow-list")
            raise InvalidRequest("redirectUri is not one this stack may return to.", [problem])
        if provider is not Provider.APPLE:
            raise ProviderNotConfigured(f"This stack has no client id for {provider}.")
        return ConnectStart(
            provider=provider, connect_url=APPLE_CONNECT_PATH, instructions=APPLE_INSTRUCTIONS
        )

    def connect_apple(
        self, caller: Caller, *, server_url: str, username: str, password: str, now: datetime
    ) -> Connected:
        """Check a CalDAV account against its server and keep it; the same account keeps its id.

        Raises:
            ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable.
        """
        found = self._discovery().discover(
            server_url, username, password, timeout=DISCOVERY_TIMEOUT
        )
        credential = json.dumps({"username": username, "password": password})
        return self._keep(caller, Provider.APPLE, found, credential, now=now)

    def of(self, caller: Caller) -> tuple[Connection, ...]:
        """Return the caller's connections, oldest first."""
        connections = self._people.person(caller.user_id).connections
        return tuple(sorted(connections, key=lambda each: (each.created_at, each.id)))

    def disconnect(self, caller: Caller, connection_id: str) -> bool:
        """Forget a connection and its credential; return whether the provider revoked it.

        A CalDAV password cannot be revoked from here, only by its owner.

        Raises:
            NotFound: when the caller has none with that id.
        """
        self._people.remove_connection(caller.user_id, connection_id)
        return False

    def _keep(
        self,
        caller: Caller,
        provider: Provider,
        found: FoundCalendar,
        credential: str,
        *,
        now: datetime,
    ) -> Connected:
        connection_id = _connection_id(caller.user_id, provider, found.account)
        before = {each.id: each for each in self._people.person(caller.user_id).connections}
        connection = Connection(
            id=connection_id,
            user_id=caller.user_id,
            provider=provider,
            account=found.account,
            email=found.email,
            calendar_id=found.calendar_id,
            calendar_name=found.calendar_name,
            zone=found.zone,
            credential=self._vault.seal(
                credential, user_id=caller.user_id, connection_id=connection_id
            ),
            created_at=before[connection_id].created_at if connection_id in before else now,
        )
        self._people.save_connection(connection)
        self._people.remember(caller.user_id, email=caller.email, roles=caller.roles)
        return Connected(connection, is_new=connection_id not in before)


def _connection_id(user_id: str, provider: Provider, account: str) -> str:
    return str(uuid.uuid5(_CONNECTION_IDS, json.dumps([user_id, provider, account])))
