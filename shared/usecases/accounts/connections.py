"""Store, list and disconnect the calendar accounts of users."""

import json
import logging
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Connection, OAuthCredential, Provider, unverified_account
from shared.domain.errors import CalendarServiceError, FieldProblem, InvalidRequest
from shared.domain.limits import CONNECTIONS
from shared.ports import (
    CaldavDiscovery,
    CalendarInfo,
    OAuthProviders,
    PeopleStore,
    SignIn,
    TokenStore,
    Vault,
)
from shared.usecases.accounts.caldav_attempts import CaldavAttempts
from shared.usecases.people.limits import Limits

DISCOVERY_TIMEOUT = timedelta(seconds=20)
LOOKUP_TIMEOUT = timedelta(seconds=5)
APPLE_CONNECT_PATH = "/api/v1/auth/apple/connect"
APPLE_INSTRUCTIONS = (
    "Create an app-specific password at account.apple.com under Sign-In and Security, then POST "
    f"{{username, password}} to {APPLE_CONNECT_PATH}; for another CalDAV server add serverUrl."
)
# A connection id is derived from user and account, so that it stays the same after disconnecting
# and reconnecting, and so do the keys of the copies that are still in the calendar.
_CONNECTION_IDS = uuid.UUID("6f1f3f0e-6a55-4d39-9d53-0f3f7d2c1b84")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A stored connection; `is_new` is false if it replaced an existing one."""

    connection: Connection
    is_new: bool


class Connections:
    """The calendar accounts of users.

    `discovery` is called when it is first needed, so that other operations load no CalDAV library.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        vault: Vault,
        oauth: OAuthProviders,
        discovery: Callable[[], CaldavDiscovery],
        limits: Limits,
        redirects: Sequence[str] = (),
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._vault = vault
        self._oauth = oauth
        self._discovery = discovery
        self._limits = limits
        self._caldav_attempts = CaldavAttempts(limits)
        self._redirects = frozenset(redirects)

    def check_redirect(self, redirect_uri: str | None) -> None:
        """Check that the return address equals an entry of this stack's allow-list.

        Raises:
            InvalidRequest: when it does not.
        """
        if redirect_uri is not None and redirect_uri not in self._redirects:
            problem = FieldProblem("redirectUri", "is not on this stack's allow-list")
            raise InvalidRequest("redirectUri is not on this stack's allow-list.", [problem])

    def connect_apple(
        self, caller: Caller, *, server_url: str, username: str, password: str, now: datetime
    ) -> StoredConnection:
        """Log in to a CalDAV account and store it; the same account keeps its connection id.

        Raises:
            ServerUrlNotAllowed, CredentialsRejected, NoCalendar, ProviderUnreachable.
            TooManyRequests: when the user, or the account, has had too many attempts, or the user
                has too many connections.
        """
        with self._caldav_attempts.attempt(
            caller.user_id, server_url=server_url, username=username, now=now
        ):
            calendar = self._discovery().discover(
                server_url, username, password, timeout=DISCOVERY_TIMEOUT
            )
        stored = self._store(
            Connection(
                id=_connection_id(caller.user_id, Provider.APPLE, calendar.account),
                user_id=caller.user_id,
                provider=Provider.APPLE,
                account=calendar.account,
                email=calendar.email,
                calendar_id=calendar.calendar_id,
                calendar_name=calendar.calendar_name,
                zone=calendar.zone,
                credential=b"",
                created_at=now,
            ),
            calendar.credential,
        )
        self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)
        return stored

    def connect_oauth(
        self,
        user_id: str,
        provider: Provider,
        sign_in: SignIn,
        calendar: CalendarInfo,
        *,
        now: datetime,
    ) -> StoredConnection:
        """Store the calendar of a Google or Microsoft account after the user granted access.

        The same account keeps its connection id, and its refresh token if the provider sent no new
        one.

        Raises:
            TooManyRequests: when the user has too many connections.
        """
        before = self._existing(user_id, provider, sign_in)
        connection = Connection(
            id=before.id if before else _connection_id(user_id, provider, sign_in.account),
            user_id=user_id,
            provider=provider,
            account=sign_in.account,
            email=sign_in.email,
            is_email_verified=sign_in.is_email_verified,
            calendar_id=calendar.calendar_id,
            calendar_name=calendar.name,
            zone=calendar.zone,
            credential=b"",
            token_expires_at=sign_in.grant.expires_at,
            created_at=now,
        )
        return self._store(connection, self._credential_text(sign_in, before))

    def of(self, caller: Caller) -> tuple[Connection, ...]:
        """Return the caller's connections, oldest first."""
        connections = self._people.person(caller.user_id).connections
        return tuple(
            sorted(connections, key=lambda connection: (connection.created_at, connection.id))
        )

    def disconnect(self, caller: Caller, connection_id: str) -> bool:
        """Delete a connection and its tokens, then revoke the grant; return whether it was revoked.

        The grant is not revoked while another connection uses the same account, because they share
        it. A CalDAV password can be revoked by its owner only. Calendar entries stay as they are.

        Raises:
            NotFound: when the caller has no connection with that id.
        """
        connection = self._tokens.connection(caller.user_id, connection_id)
        self._people.remove_connection(caller.user_id, connection_id)
        if connection is None or connection.provider is Provider.APPLE:
            return False
        if self._tokens.unmark_account(connection):
            return False
        return self._revoke(connection)

    def _revoke(self, connection: Connection) -> bool:
        try:
            credential = self._credential(connection)
            oauth = self._oauth.get(connection.provider)
            return oauth.revoke(credential.refresh_token or credential.access_token)
        except CalendarServiceError as error:
            # The tokens are already deleted, and the response says that the grant was not revoked.
            log.warning(
                "grant not revoked",
                extra={"connection_id": connection.id, "reason": error.message},
            )
            return False

    def _existing(self, user_id: str, provider: Provider, sign_in: SignIn) -> Connection | None:
        """Return the user's connection of this account.

        A connection whose account id is unverified matches by its e-mail address.
        """
        connections = self._people.person(user_id).connections
        by_account = {each.account: each for each in connections if each.provider is provider}
        return by_account.get(sign_in.account) or by_account.get(unverified_account(sign_in.email))

    def _credential_text(self, sign_in: SignIn, before: Connection | None) -> str:
        grant = sign_in.grant
        refresh_token = grant.refresh_token
        if refresh_token is None and before is not None:
            refresh_token = self._credential(before).refresh_token
        return OAuthCredential(
            access_token=grant.access_token,
            refresh_token=refresh_token,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        ).to_text()

    def _credential(self, connection: Connection) -> OAuthCredential:
        text = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

    def _store(self, connection: Connection, credential: str) -> StoredConnection:
        before = self._tokens.connection(connection.user_id, connection.id)
        if before is None:
            others = self._people.person(connection.user_id).connections
            self._limits.check(CONNECTIONS, len(others) + 1)
        stored = replace(
            connection,
            credential=self._vault.seal(
                credential, user_id=connection.user_id, connection_id=connection.id
            ),
            created_at=before.created_at if before else connection.created_at,
        )
        if stored.provider is not Provider.APPLE:
            self._tokens.mark_account(stored)
        self._people.save_connection(stored)
        return StoredConnection(stored, is_new=before is None)


def _connection_id(user_id: str, provider: Provider, account: str) -> str:
    return str(uuid.uuid5(_CONNECTION_IDS, json.dumps([user_id, provider, account])))
