"""Access tokens: used while good, refreshed once however many callers want it.

Every sealing gives other ciphertext, so a connection's credential is also the version of its
tokens: whoever holds the lease writes new ones only over those it has read.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    CalendarServiceError,
    CredentialDead,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.parallel import together
from shared.ports import (
    Account,
    Meter,
    Metric,
    OAuthProviders,
    PeopleStore,
    TokenStore,
    Vault,
)

LEASE = timedelta(seconds=30)
"""Longer than any refresh may take; nobody retries while holding it."""

REFRESH_AHEAD = timedelta(minutes=15)
_MARGIN = timedelta(seconds=60)
_LOOKS = 40

T = TypeVar("T")
log = logging.getLogger(__name__)


class RefreshOutcome(StrEnum):
    """How one due connection fared."""

    REFRESHED = "refreshed"
    NOT_NEEDED = "not_needed"
    RECONNECT_REQUIRED = "reconnect_required"
    MISCONFIGURED = "misconfigured"
    LATER = "later"


class Tokens:
    """Hands out accounts whose access token is good.

    `pause` waits a little before look number n at a refresh somebody else is making.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        tokens: TokenStore,
        vault: Vault,
        oauth: OAuthProviders,
        now: Callable[[], datetime],
        pause: Callable[[int], None],
        meter: Meter,
    ) -> None:
        self._people = people
        self._tokens = tokens
        self._vault = vault
        self._oauth = oauth
        self._now = now
        self._pause = pause
        self._meter = meter

    def use(self, connection: Connection, work: Callable[[Account], T]) -> T:
        """Return what `work` returns for the account; an expired token is refreshed once.

        Raises:
            CredentialDead: when only the user can mend it; the connection is marked so.
            ProviderFailure: whatever else `work` or the refresh raised.
        """
        account = self._good(connection)
        try:
            with self._marking(account.connection):
                return work(account)
        except AccessExpired:
            account = self._renewed(account.connection)
        with self._marking(account.connection):
            return _once_more(work, account)

    def refresh_due(self) -> Counter[RefreshOutcome]:
        """Refresh what falls due within 15 minutes, in parallel, and count how each fared."""
        due = self._tokens.due(self._now() + REFRESH_AHEAD)
        counts = Counter(together([partial(self._refresh_one, *each) for each in due]))
        for outcome, number in counts.items():
            self._meter.count(Metric.TOKEN_REFRESHES, number, outcome=outcome.value)
        return counts

    def _refresh_one(self, user_id: str, connection_id: str) -> RefreshOutcome:
        connection = self._tokens.connection(user_id, connection_id)
        if connection is None or not connection.is_active:
            return RefreshOutcome.NOT_NEEDED
        if not self._expires_within(connection, REFRESH_AHEAD):
            return RefreshOutcome.NOT_NEEDED
        try:
            self._renewed(connection)
        except CredentialDead:
            return RefreshOutcome.RECONNECT_REQUIRED
        except ProviderMisconfigured:
            return RefreshOutcome.MISCONFIGURED
        except CalendarServiceError as error:
            log.warning(
                "refresh comes later",
                extra=_told(connection, error.message),
            )
            return RefreshOutcome.LATER
        return RefreshOutcome.REFRESHED

    def _good(self, connection: Connection) -> Account:
        if self._expires_within(connection, _MARGIN):
            return self._renewed(connection)
        return self._open(connection)

    def _renewed(self, connection: Connection) -> Account:
        """The account with tokens newer than those of `connection`, refreshed here or elsewhere."""
        for look in range(_LOOKS):
            if look:
                self._pause(look)
                newest = self._newest(connection)
                if newest.credential != connection.credential:
                    return self._open(newest)
            now = self._now()
            if self._tokens.lease(connection, until=now + LEASE, now=now):
                return self._refresh(connection)
        raise ProviderUnavailable("Another refresh of this connection is taking its time.")

    def _refresh(self, connection: Connection) -> Account:
        """Refresh while holding the lease; it is given back when that fails."""
        try:
            with self._marking(connection):
                credential = self._asked(connection)
        except CalendarServiceError:
            self._tokens.release(connection)
            raise
        renewed = replace(
            connection,
            credential=self._sealed(connection, credential),
            token_expires_at=credential.expires_at,
        )
        if self._tokens.save(connection, renewed):
            return Account(connection=renewed, credential=credential.to_text())
        return self._open(self._newest(connection))

    def _asked(self, connection: Connection) -> OAuthCredential:
        old = OAuthCredential.from_text(self._open(connection).credential)
        if old.refresh_token is None:
            raise CredentialDead("The token has expired and there is none to refresh it with.")
        oauth = self._oauth.get(connection.provider)
        grant = oauth.refresh(old.refresh_token, now=self._now())
        return OAuthCredential(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or old.refresh_token,
            expires_at=grant.expires_at,
            scopes=grant.scopes or old.scopes,
        )

    def _newest(self, connection: Connection) -> Connection:
        newest = self._tokens.connection(connection.user_id, connection.id)
        if newest is None or not newest.is_active:
            raise CredentialDead("The calendar was disconnected, or must be reconnected.")
        return newest

    def _open(self, connection: Connection) -> Account:
        credential = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return Account(connection=connection, credential=credential)

    def _sealed(self, connection: Connection, credential: OAuthCredential) -> bytes:
        return self._vault.seal(
            credential.to_text(), user_id=connection.user_id, connection_id=connection.id
        )

    def _expires_within(self, connection: Connection, margin: timedelta) -> bool:
        expires = connection.token_expires_at
        return expires is not None and expires <= self._now() + margin

    @contextmanager
    def _marking(self, connection: Connection) -> Iterator[None]:
        try:
            yield
        except CredentialDead as error:
            self._mark(connection, error.message)
            raise
        except ProviderMisconfigured as error:
            log.error(  # noqa: TRY400 - the trace says nothing the message does not
                "provider refuses this service's own credentials",
                extra=_told(connection, error.message),
            )
            self._meter.count(Metric.PROVIDER_MISCONFIGURED, provider=connection.provider.value)
            raise

    def _mark(self, connection: Connection, reason: str) -> None:
        is_new = self._people.mark_connection(
            connection, ConnectionStatus.RECONNECT_REQUIRED, error=reason
        )
        if is_new:
            log.warning("connection must be reconnected", extra=_told(connection, reason))
            self._meter.count(Metric.RECONNECTS_REQUIRED, provider=connection.provider.value)


def _told(connection: Connection, reason: str) -> dict[str, str]:
    return {"connection_id": connection.id, "provider": connection.provider, "reason": reason}


def _once_more(work: Callable[[Account], T], account: Account) -> T:
    try:
        return work(account)
    except AccessExpired as error:
        raise CredentialDead("The provider refuses even a fresh token.") from error
