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

from shared.domain.connection import (
    CallKind,
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    OAuthCredential,
)
from shared.domain.errors import (
    AccessExpired,
    CalendarServiceError,
    CallPostponed,
    CredentialInvalid,
    ProviderFailure,
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
from shared.usecases.accounts.faults import (
    ConnectionWork,
    Outages,
    report_misconfigured,
    report_unforeseen,
)

LEASE = timedelta(seconds=30)
"""Longer than any refresh takes; a lease holder does not retry."""

REFRESH_AHEAD = timedelta(minutes=15)
_MARGIN = timedelta(seconds=60)
_TRIES = 40
_REFRESH_WAIT = timedelta(seconds=1)

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

    `pause` waits before try number n, while another caller refreshes the same tokens. `heal` queues
    the sessions of a user whose calendar was connected, if that is still to be done.
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
        heal: Callable[[Connection], Connection] = lambda connection: connection,
    ) -> None:
        self._people = people
        self._heal = heal
        self._tokens = tokens
        self._vault = vault
        self._oauth = oauth
        self._now = now
        self._pause = pause
        self._meter = meter
        self.outages = Outages(people=people, now=now, meter=meter)

    def call(
        self,
        connection: Connection,
        work: Callable[[Account, timedelta], T],
        *,
        kind: CallKind,
        timeout: timedelta,
    ) -> T:
        """Like `use`, for a `work` that calls the calendar's server and may take that long.

        Raises:
            CallPostponed: when the server has not answered lately; it is not called.
        """
        with self.outages.watch(connection, kind, timeout) as allowed:
            return self.use(connection, lambda account: work(account, allowed))

    def use(self, connection: Connection, work: Callable[[Account], T]) -> T:
        """Return the result of `work`, called with an account whose token is valid.

        If the provider rejects the token as expired, it is refreshed and `work` called once more.
        A provider that rejects even the new token has an outage: a grant that has ended is not
        refreshed. A failure with a problem that its user must solve is stored as the last error.

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

    def record_reading(self, connection: Connection, problem: ConnectionProblem | None) -> None:
        """Store the problem that a successful reading has found, or remove one that is over."""
        before = connection.last_error
        is_over = before is not None and before.code.ends_with_a_reading and problem is None
        is_new = problem is not None and (
            before is None or (before.code, before.message) != (problem.code, problem.message)
        )
        # A warning, such as of a grant that ends soon, is more important than one entry.
        is_hidden = before is not None and not before.code.ends_with_a_reading
        if connection.is_active and (is_over or is_new) and not is_hidden:
            error = replace(problem, since=self._now()) if problem else None
            self._people.mark_connection(
                connection, ConnectionStatus.ACTIVE, error=error, now=self._now()
            )

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
        if connection.heal_from:
            connection = self._heal(connection)
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
        raise CallPostponed(
            "Another refresh of this connection has not finished yet. Retry later.", _REFRESH_WAIT
        )

    def _refresh(self, connection: Connection) -> Account:
        """Refresh the tokens while holding the lease; release the lease on failure."""
        try:
            with self._marking(connection):
                credential, mailbox_zone = self._request_refresh(connection)
        except Exception:
            self._tokens.release(connection)
            raise
        renewed = replace(
            connection,
            credential=self._seal(connection, credential),
            token_expires_at=credential.expires_at,
            zone=mailbox_zone or connection.zone,
        )
        if self._tokens.save(connection, renewed):
            return Account(connection=renewed, credential=credential.to_text())
        return self._open(self._newest(connection))

    def _request_refresh(self, connection: Connection) -> tuple[OAuthCredential, str | None]:
        """Return new tokens, and the zone of the mailbox if it was found."""
        old = OAuthCredential.from_text(self._open(connection).credential)
        if old.refresh_token is None:
            raise CredentialInvalid(
                "The access token has expired and there is no refresh token. Reconnect."
            )
        oauth = self._oauth.get(connection.provider)
        grant = oauth.refresh(old.refresh_token, now=self._now(), granted=old.scopes)
        credential = OAuthCredential(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or old.refresh_token,
            expires_at=grant.expires_at,
            scopes=grant.scopes or old.scopes,
        )
        return credential, grant.zone

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
        except ProviderMisconfigured as error:
            report_misconfigured(
                error, connection.provider, meter=self._meter, connection_id=connection.id
            )
            raise
        except ProviderFailure as error:
            self._mark(connection, error)
            raise

    def _mark(self, connection: Connection, error: ProviderFailure) -> None:
        """Store the problem of the error, if it has one; only a dead grant must be reconnected."""
        if error.problem is None:
            return
        now = self._now()
        problem = ConnectionProblem(error.problem, error.text_for_owner, now)
        is_dead = isinstance(error, CredentialInvalid)
        status = ConnectionStatus.RECONNECT_REQUIRED if is_dead else connection.status
        is_new = self._people.mark_connection(connection, status, error=problem, now=now)
        if is_new and is_dead:
            fields = _log_fields(connection, error.message)
            log.warning("connection must be reconnected", extra=fields)
            self._meter.count(Metric.RECONNECTS_REQUIRED, provider=connection.provider.value)


def _log_fields(connection: Connection, reason: str) -> dict[str, str]:
    return {"connection_id": connection.id, "provider": connection.provider, "reason": reason}


def _retry(work: Callable[[Account], T], account: Account) -> T:
    try:
        return work(account)
    except AccessExpired as error:
        raise ProviderUnavailable(
            "The provider rejects even a new access token. Retry later.", answered=True
        ) from error
