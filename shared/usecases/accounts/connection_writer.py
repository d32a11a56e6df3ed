"""Store connections with encrypted tokens, and queue the sessions of their users."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from shared.domain.connection import (
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    OAuthCredential,
    ProblemCode,
    Provider,
)
from shared.domain.limits import CONNECTIONS
from shared.ports import CalendarInfo, PeopleStore, SignIn, TokenStore, Vault
from shared.usecases.accounts.healing import Healing
from shared.usecases.people.limits import Limits

# A connection id is derived from user and account, so that it stays the same after disconnecting
# and reconnecting, and so do the keys of the copies that are still in the calendar.
_CONNECTION_IDS = uuid.UUID("6f1f3f0e-6a55-4d39-9d53-0f3f7d2c1b84")


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A stored connection; `is_new` is false if it replaced an existing one."""

    connection: Connection
    is_new: bool


class ConnectionWriter:
    """Stores connections; their tokens are encrypted."""

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        vault: Vault,
        limits: Limits,
        healing: Healing,
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._vault = vault
        self._limits = limits
        self._healing = healing

    def save_tokens(
        self,
        user_id: str,
        provider: Provider,
        sign_in: SignIn,
        calendar: CalendarInfo,
        *,
        before: Connection | None,
        now: datetime,
        problem: ConnectionProblem | None = None,
    ) -> StoredConnection:
        """Store tokens in the connection `before`, or in a new one.

        A `problem` means that the user must connect the account before it can be used.
        """
        credential = self._merged_credential(sign_in, before)
        status = ConnectionStatus.RECONNECT_REQUIRED if problem else ConnectionStatus.ACTIVE
        is_same_calendar = before is not None and before.calendar_id == calendar.calendar_id
        kept = before if is_same_calendar else None
        connection = Connection(
            id=before.id if before else connection_id(user_id, provider, sign_in.account),
            user_id=user_id,
            provider=provider,
            account=sign_in.account,
            email=sign_in.email,
            is_email_verified=sign_in.is_email_verified,
            calendar_id=calendar.calendar_id,
            calendar_name=calendar.name or (kept.calendar_name if kept else None),
            zone=calendar.zone or (kept.zone if kept else None),
            status=status,
            last_error=problem or _without_refresh_token(credential, now=now),
            credential=b"",
            token_expires_at=sign_in.grant.expires_at,
            created_at=now,
        )
        return self.store(connection, credential.to_text(), now=now)

    def credential(self, connection: Connection) -> OAuthCredential:
        """Return the decrypted tokens; they must not be logged, or stored unencrypted."""
        text = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

    def _merged_credential(self, sign_in: SignIn, before: Connection | None) -> OAuthCredential:
        grant = sign_in.grant
        refresh_token = grant.refresh_token
        if refresh_token is None and before is not None and not before.needs_consent:
            refresh_token = self.credential(before).refresh_token
        return OAuthCredential(
            access_token=grant.access_token,
            refresh_token=refresh_token,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        )

    def store(self, connection: Connection, credential: str, *, now: datetime) -> StoredConnection:
        """Store the connection, and queue the user's sessions if it can be used.

        Raises:
            TooManyRequests: when the user has too many connections.
        """
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
            connected_at=now,
            heal_from=now if connection.is_active else None,
        )
        if stored.provider is not Provider.APPLE:
            self._tokens.mark_account(stored)
        self._people.save_connection(stored)
        self._tokens.forget_disconnected(stored)
        if stored.is_active:
            stored = self._healing.heal(stored, now=now)
        return StoredConnection(stored, is_new=before is None)


def connection_id(user_id: str, provider: Provider, account: str) -> str:
    """Return the id of the connection of an account."""
    return str(uuid.uuid5(_CONNECTION_IDS, json.dumps([user_id, provider, account])))


def _without_refresh_token(
    credential: OAuthCredential, *, now: datetime
) -> ConnectionProblem | None:
    if credential.refresh_token is not None:
        return None
    return ConnectionProblem(
        ProblemCode.NO_REFRESH_TOKEN,
        "The provider gave no refresh token, so the access ends soon.",
        now,
    )
