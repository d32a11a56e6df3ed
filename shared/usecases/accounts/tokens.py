"""Use access tokens while they are valid, and refresh each once for all concurrent callers.

Each encryption gives a new ciphertext, so a connection's credential is also the version of its
tokens: the lease holder writes new tokens only over those it has read.
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

from shared.domain.connection import Connection, ConnectionStatus, OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    CalendarServiceError,
    CredentialInvalid,
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
from shared.usecases.accounts.unforeseen import ConnectionWork, report_unforeseen

LEASE = timedelta(seconds=30)
"""Longer than any refresh takes; a lease holder does not retry."""

REFRESH_AHEAD = timedelta(minutes=15)
_MARGIN = timedelta(seconds=60)
_TRIES = 40

T = TypeVar("T")
log = logging.getLogger(__name__)


class RefreshOutcome(StrEnum):
    """The result of refreshing one connection."""

    REFRESHED = "refreshed"
    NOT_NEEDED = "not_needed"
    RECONNECT_REQUIRED = "reconnect_required"
    MISCONFIGURED = "misconfigured"
    LATER = "later"


class Tokens:
    """Provides accounts with a valid access token.

    `pause` waits before try number n, while another caller refreshes the same tokens.
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
        """Return the result of `work`, called with an account whose token is valid.

        If the provider rejects the token as expired, it is refreshed and `work` called once more.

        Raises:
            CredentialInvalid: when the user must reconnect; the connection is marked accordingly.
            ProviderFailure: any other failure of `work` or of the refresh.
        """
        account = self._valid_account(connection)
        try:
            with self._marking(account.connection):
                return work(account)
        except AccessExpired:
            account = self._renew(account.connection)
        with self._marking(account.connection):
            return _retry(work, account)

    def refresh_due(self) -> Counter[RefreshOutcome]:
        """Refresh all tokens that expire within 15 minutes, in parallel; count the outcomes."""
        due = self._tokens.find_expiring(self._now() + REFRESH_AHEAD)
        counts = Counter(together([partial(self._refresh_one, *each) for each in due]))
        for outcome, number in counts.items():
            self._meter.count(Metric.TOKEN_REFRESHES, number, outcome=outcome.value)
        return counts

    def _refresh_one(self, user_id: str, connection_id: str) -> RefreshOutcome:
        try:
            return self._refresh_if_due(user_id, connection_id)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - no connection may affect the others
            report_unforeseen(
                error, ConnectionWork.REFRESH, meter=self._meter, connection_id=connection_id
            )
            return RefreshOutcome.LATER

    def _refresh_if_due(self, user_id: str, connection_id: str) -> RefreshOutcome:
        connection = self._tokens.connection(user_id, connection_id)
        if connection is None or not connection.is_active:
            return RefreshOutcome.NOT_NEEDED
        if not self._expires_within(connection, REFRESH_AHEAD):
            return RefreshOutcome.NOT_NEEDED
        try:
            self._renew(connection)
        except CredentialInvalid:
            return RefreshOutcome.RECONNECT_REQUIRED
        except ProviderMisconfigured:
            return RefreshOutcome.MISCONFIGURED
        except CalendarServiceError as error:
            log.warning(
                "refresh postponed",
                extra=_log_fields(connection, error.message),
            )
            return RefreshOutcome.LATER
        return RefreshOutcome.REFRESHED

    def _valid_account(self, connection: Connection) -> Account:
        if self._expires_within(connection, _MARGIN):
            return self._renew(connection)
        return self._open(connection)

    def _renew(self, connection: Connection) -> Account:
        """Return the account with newer tokens, refreshed here or by another caller."""
        for number in range(_TRIES):
            if number:
                self._pause(number)
                newest = self._newest(connection)
                if newest.credential != connection.credential:
                    return self._open(newest)
            now = self._now()
            if self._tokens.lease(connection, until=now + LEASE, now=now):
                return self._refresh(connection)
        raise ProviderUnavailable(
            "Another refresh of this connection has not finished yet. Retry later."
        )

    def _refresh(self, connection: Connection) -> Account:
        """Refresh the tokens while holding the lease; release the lease on failure."""
        try:
            with self._marking(connection):
                credential = self._request_refresh(connection)
        except Exception:
            self._tokens.release(connection)
            raise
        renewed = replace(
            connection,
            credential=self._seal(connection, credential),
            token_expires_at=credential.expires_at,
        )
        if self._tokens.save(connection, renewed):
            return Account(connection=renewed, credential=credential.to_text())
        return self._open(self._newest(connection))

    def _request_refresh(self, connection: Connection) -> OAuthCredential:
        old = OAuthCredential.from_text(self._open(connection).credential)
        if old.refresh_token is None:
            raise CredentialInvalid(
                "The access token has expired and there is no refresh token. Reconnect."
            )
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
            raise CredentialInvalid("The calendar is disconnected or must be reconnected.")
        return newest

    def _open(self, connection: Connection) -> Account:
        credential = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return Account(connection=connection, credential=credential)

    def _seal(self, connection: Connection, credential: OAuthCredential) -> bytes:
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
        except CredentialInvalid as error:
            self._mark(connection, error.message)
            raise
        except ProviderMisconfigured as error:
            log.error(  # noqa: TRY400 - a stack trace would add nothing to the message
                "provider rejects this service's own credentials",
                extra=_log_fields(connection, error.message),
            )
            self._meter.count(Metric.PROVIDER_MISCONFIGURED, provider=connection.provider.value)
            raise

    def _mark(self, connection: Connection, reason: str) -> None:
        is_new = self._people.mark_connection(
            connection, ConnectionStatus.RECONNECT_REQUIRED, error=reason
        )
        if is_new:
            log.warning("connection must be reconnected", extra=_log_fields(connection, reason))
            self._meter.count(Metric.RECONNECTS_REQUIRED, provider=connection.provider.value)


def _log_fields(connection: Connection, reason: str) -> dict[str, str]:
    return {"connection_id": connection.id, "provider": connection.provider, "reason": reason}


def _retry(work: Callable[[Account], T], account: Account) -> T:
    try:
        return work(account)
    except AccessExpired as error:
        raise CredentialInvalid(
            "The provider rejects even a new access token. Reconnect."
        ) from error
