"""Access to calendar accounts: grants, token storage and OAuth states."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.connection import Connection, Provider, unverified_account
from shared.ports.calendars import CalendarInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An account as its provider names it.

    `account` never changes and is unique per provider (Google: sub; Microsoft: tid and oid).
    `email` is None if the provider does not say. `is_email_verified` says whether the provider
    confirms that the address is the account's own.
    """

    account: str
    email: str | None
    is_email_verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """The response of a token endpoint. Its tokens must not be logged, or stored unencrypted.

    `refresh_token` is None when the response had none: the stored one remains valid. `scopes` is
    empty if they are unknown. `identity` is None unless a refresh returned an id token. `zone` is
    the mailbox's time zone if a refresh found it: the user may have moved.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]
    identity: Identity | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A grant with the identity it belongs to.

    `account` never changes and is unique per provider (Google: sub; Microsoft: tid and oid).
    `is_email_verified` says whether the provider confirms that the address is the account's own.
    """

    grant: Grant
    account: str
    email: str
    is_email_verified: bool


class OAuthProvider(Protocol):
    """The authorization server of a provider.

    Every method that sends a request raises CredentialInvalid (invalid_grant and similar: the user
    must reconnect), ProviderMisconfigured (our client id or secret is wrong) or
    ProviderUnavailable (worth a retry).
    """

    scopes: frozenset[str]
    """The scopes to request, no more than the service uses."""

    required_scopes: frozenset[str]
    """Those without which a calendar cannot be used."""

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return the URL where the user grants access: PKCE S256, offline access, consent."""
        ...

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Exchange a code for tokens and the identity they belong to.

        Raises:
            CodeRejected: when the provider rejects the code or the identity cannot be verified.
        """
        ...

    def refresh(
        self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
    ) -> Grant:
        """Return new tokens for the granted scopes (RFC 6749, section 6).

        If `granted` is empty, only `required_scopes` are requested.
        """
        ...

    def identity(self, access_token: str, *, timeout: timedelta) -> Identity | None:
        """Ask the provider for the account of the token; None if it does not say."""
        ...

    def revoke(self, refresh_token: str) -> bool:
        """Revoke the user's grant; return whether it was revoked. Microsoft has no such call."""
        ...

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the account's default calendar.

        Raises:
            ProviderRejected: also when the account has none; see its `problem`.
        """
        ...

    def calendar(self, access_token: str, calendar_id: str, *, timeout: timedelta) -> CalendarInfo:
        """Return that calendar of the account; its name is None if unknown.

        Raises:
            ProviderRejected: also when the account has no such calendar.
        """
        ...


class OAuthProviders(Protocol):
    """The authorization server of each provider, loaded on first use."""

    def get(self, provider: Provider) -> OAuthProvider:
        """Return the authorization server.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectedAccount:
    """An account that its user has disconnected, with the fields of its `Connection`."""

    account: str
    email: str
    calendar_id: str

    @property
    def names(self) -> frozenset[str]:
        """Every name the account may be stored under, including its unverified address."""
        return frozenset({self.account, unverified_account(self.email)})


class TokenStore(Protocol):
    """The tokens of connections. The encrypted credential itself identifies their version."""

    def connection(self, user_id: str, connection_id: str) -> Connection | None:
        """Return the connection as it is now, or None."""
        ...

    def lease(self, connection: Connection, *, until: datetime, now: datetime) -> bool:
        """Acquire the lease to refresh exactly these tokens, valid until `until`.

        Returns False when another caller has it, or the stored tokens are no longer those of
        `connection`.
        """
        ...

    def release(self, connection: Connection) -> None:
        """Release the lease after a failed refresh."""
        ...

    def save(self, before: Connection, after: Connection) -> bool:
        """Store new tokens and release the lease; return False if `before` has been replaced."""
        ...

    def find_expiring(self, before: datetime) -> tuple[tuple[str, str], ...]:
        """Return (user id, connection id) of active connections whose tokens expire by then."""
        ...

    def mark_account(self, connection: Connection) -> None:
        """Record that this connection uses its account."""
        ...

    def mark_sign_in(self, connection: Connection) -> None:
        """Record that the platform's sign-in of this user uses this account, too."""
        ...

    def forget_sign_ins(self, user_id: str) -> None:
        """Delete these records of all accounts that the user has connected or disconnected."""
        ...

    def record_disconnected(self, connection: Connection) -> None:
        """Record that the user has disconnected this account."""
        ...

    def disconnected(self, user_id: str, provider: Provider) -> tuple[DisconnectedAccount, ...]:
        """Return the accounts that the user has disconnected and not connected again."""
        ...

    def forget_disconnected(self, connection: Connection) -> None:
        """Delete the records of this account."""
        ...

    def unmark_account(self, connection: Connection) -> bool:
        """Delete the record; return whether a connection or a sign-in still uses the account."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """The data of a pending authorization, read by the callback."""

    user_id: str
    provider: Provider
    verifier: bytes = field(repr=False)
    """The PKCE verifier and the nonce, encrypted."""

    return_to: str | None
    expires_at: datetime
    browser: str | None = None
    """The digest of the secret that only the browser that started has; None: of no browser."""


class StateStore(Protocol):
    """OAuth states, stored under the digest of the `state` parameter."""

    def put(self, digest: str, state: OAuthState) -> None:
        """Store a state."""
        ...

    def get(self, digest: str) -> OAuthState | None:
        """Return the state and leave it stored."""
        ...

    def take(self, digest: str) -> OAuthState | None:
        """Delete the state and return it; of concurrent callers only one gets it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedGrant:
    """A grant that another browser brought back, until the user who started confirms it."""

    user_id: str
    provider: Provider
    sealed: bytes = field(repr=False)
    """The tokens, the account and its calendar, encrypted."""

    expires_at: datetime


class ParkedGrantStore(Protocol):
    """Parked grants, stored under the digest of their completion code."""

    def put(self, digest: str, grant: ParkedGrant) -> None:
        """Store a new parked grant."""
        ...

    def take(self, digest: str) -> ParkedGrant | None:
        """Delete the parked grant and return it; of concurrent callers only one gets it."""
        ...
