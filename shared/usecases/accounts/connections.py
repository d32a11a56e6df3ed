"""Calendar accounts: keeping what connecting found, listing, disconnecting."""

import json
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Connection, Provider, unproven_account
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    CalendarServiceError,
    FieldProblem,
    InvalidRequest,
)
from shared.ports import (
    CaldavDiscovery,
    CalendarInfo,
    OAuthProviders,
    PeopleStore,
    SignIn,
    TokenStore,
    Vault,
)

DISCOVERY_TIMEOUT = timedelta(seconds=20)
LOOKUP_TIMEOUT = timedelta(seconds=5)
APPLE_CONNECT_PATH = "/api/v1/auth/apple/connect"
APPLE_INSTRUCTIONS = (
    "Make an app-specific password at account.apple.com under Sign-In and Security, then POST "
    f"{{username, password}} to {APPLE_CONNECT_PATH}; for another CalDAV server add serverUrl."
)
# Ids of connections follow from user and account, so that reconnecting keeps the id even after
# a disconnect, and with it the key of every copy the calendar still holds.
_CONNECTION_IDS = uuid.UUID("6f1f3f0e-6a55-4d39-9d53-0f3f7d2c1b84")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A stored connection; `is_new` tells whether it was there before."""

    connection: Connection
    is_new: bool


class Connections:
    """The calendar accounts of users.

    `discovery` is called when first needed, so that no other operation loads a CalDAV library.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        vault: Vault,
        oauth: OAuthProviders,
        discovery: Callable[[], CaldavDiscovery],
        redirects: Sequence[str] = (),
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._vault = vault
        self._oauth = oauth
        self._discovery = discovery
        self._redirects = frozenset(redirects)

    def check_redirect(self, redirect_uri: str | None) -> None:
        """Pass only a return address that stands on this stack's allow-list, to the letter.

        Raises:
            InvalidRequest: for any other.
        """
        if redirect_uri is not None and redirect_uri not in self._redirects:
            problem = FieldProblem("redirectUri", "is not on this stack's allow-list")
            raise InvalidRequest("redirectUri is not one this stack may return to.", [problem])

    def connect_apple(
        self, caller: Caller, *, server_url: str, username: str, password: str, now: datetime
    ) -> StoredConnection:
        """Check a CalDAV account against its server and keep it; the same account keeps its id.

        Raises:
            ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable.
        """
        found = self._discovery().discover(
            server_url, username, password, timeout=DISCOVERY_TIMEOUT
        )
        connected = self._keep(
            Connection(
                id=_connection_id(caller.user_id, Provider.APPLE, found.account),
                user_id=caller.user_id,
                provider=Provider.APPLE,
                account=found.account,
                email=found.email,
                calendar_id=found.calendar_id,
                calendar_name=found.calendar_name,
                zone=found.zone,
                credential=b"",
                created_at=now,
            ),
            found.credential,
        )
        self._people.remember(caller.user_id, email=caller.email, roles=caller.roles)
        return connected

    def keep_signed_in(
        self,
        user_id: str,
        provider: Provider,
        signed_in: SignIn,
        calendar: CalendarInfo,
        *,
        now: datetime,
    ) -> StoredConnection:
        """Keep the calendar of a Google or Microsoft account somebody has granted access to.

        The same account keeps its connection's id, and its refresh token when the provider gave no
        new one.
        """
        before = self._account_of(user_id, provider, signed_in)
        connection = Connection(
            id=before.id if before else _connection_id(user_id, provider, signed_in.account),
            user_id=user_id,
            provider=provider,
            account=signed_in.account,
            email=signed_in.email,
            calendar_id=calendar.calendar_id,
            calendar_name=calendar.name,
            zone=calendar.zone,
            credential=b"",
            token_expires_at=signed_in.grant.expires_at,
            created_at=now,
        )
        return self._keep(connection, self._tokens_text(signed_in, before))

    def of(self, caller: Caller) -> tuple[Connection, ...]:
        """Return the caller's connections, oldest first."""
        connections = self._people.person(caller.user_id).connections
        return tuple(sorted(connections, key=lambda each: (each.created_at, each.id)))

    def disconnect(self, caller: Caller, connection_id: str) -> bool:
        """Erase a connection and its tokens, then have the provider withdraw the grant.

        Returns whether it did. It is not asked while another connection uses the same account: the
        grant is one for all of them. A CalDAV password only its owner can revoke. What the calendar
        holds stays there.

        Raises:
            NotFound: when the caller has none with that id.
        """
        connection = self._tokens.connection(caller.user_id, connection_id)
        self._people.remove_connection(caller.user_id, connection_id)
        if connection is None or connection.provider is Provider.APPLE:
            return False
        if self._tokens.unmark_account(connection):
            return False
        return self._revoked(connection)

    def _revoked(self, connection: Connection) -> bool:
        try:
            tokens = self._opened(connection)
            oauth = self._oauth.get(connection.provider)
            return oauth.revoke(tokens.refresh_token or tokens.access_token)
        except CalendarServiceError as error:
            # The tokens are erased all the same, and the answer says that this did not work.
            log.warning(
                "grant not revoked",
                extra={"connection_id": connection.id, "reason": error.message},
            )
            return False

    def _account_of(self, user_id: str, provider: Provider, signed_in: SignIn) -> Connection | None:
        """The user's connection of this very account.

        One whose account was never proven, only named by its address, becomes this one.
        """
        mine = [
            each for each in self._people.person(user_id).connections if each.provider is provider
        ]
        known = {each.account: each for each in mine}
        return known.get(signed_in.account) or known.get(unproven_account(signed_in.email))

    def _tokens_text(self, signed_in: SignIn, before: Connection | None) -> str:
        grant = signed_in.grant
        refresh_token = grant.refresh_token
        if refresh_token is None and before is not None:
            refresh_token = self._opened(before).refresh_token
        return OAuthCredential(
            access_token=grant.access_token,
            refresh_token=refresh_token,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        ).to_text()

    def _opened(self, connection: Connection) -> OAuthCredential:
        text = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

    def _keep(self, connection: Connection, credential: str) -> StoredConnection:
        before = self._tokens.connection(connection.user_id, connection.id)
        kept = replace(
            connection,
            credential=self._vault.seal(
                credential, user_id=connection.user_id, connection_id=connection.id
            ),
            created_at=before.created_at if before else connection.created_at,
        )
        if kept.provider is not Provider.APPLE:
            self._tokens.mark_account(kept)
        self._people.save_connection(kept)
        return StoredConnection(kept, is_new=before is None)


def _connection_id(user_id: str, provider: Provider, account: str) -> str:
    return str(uuid.uuid5(_CONNECTION_IDS, json.dumps([user_id, provider, account])))
