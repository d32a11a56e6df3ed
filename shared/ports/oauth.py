"""Access to calendar accounts: grants, tokens and the states of people on their way."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.connection import Connection, Provider
from shared.ports.calendars import CalendarInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token endpoint answered; the tokens must not be logged or stored in the clear.

    `refresh_token` is None when the answer had none: the one stored before stays good.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A grant with the identity it is for.

    `account` never changes and is nobody else's (Google: sub; Microsoft: tid and oid).
    """

    grant: Grant
    account: str
    email: str


class OAuthProvider(Protocol):
    """The authorization server of a provider.

    Raises of every call that goes out: CredentialDead (invalid_grant and its kin: the user must
    connect anew), ProviderMisconfigured (our client id or secret is wrong: nobody is to blame but
    us), ProviderUnavailable (worth another try).
    """

    scopes: frozenset[str]
    """What is asked for; least first, no more than the service uses."""

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return where the user grants access: PKCE S256, offline access, consent asked."""
        ...

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Turn a code into tokens and the identity behind them.

        Raises:
            CodeRejected: when the provider refuses the code or the identity does not check out.
        """
        ...

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Return new tokens."""
        ...

    def revoke(self, refresh_token: str) -> bool:
        """Withdraw the user's grant; return whether that happened. Microsoft has no such call."""
        ...

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the calendar the account writes to by default."""
        ...


class OAuthProviders(Protocol):
    """Hands out the authorization server of a provider, loaded when first asked for."""

    def get(self, provider: Provider) -> OAuthProvider:
        """Return it.

        Raises:
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        ...


class TokenStore(Protocol):
    """The tokens of connections; the sealed credential itself tells one version from the next."""

    def connection(self, user_id: str, connection_id: str) -> Connection | None:
        """Return the connection as it is now, or None."""
        ...

    def lease(self, connection: Connection, *, until: datetime, now: datetime) -> bool:
        """Take the right to refresh these very tokens until then.

        False when somebody else has it, or the tokens are not those of `connection` any more.
        """
        ...

    def release(self, connection: Connection) -> None:
        """Give the right back after a refresh that failed."""
        ...

    def save(self, before: Connection, after: Connection) -> bool:
        """Keep new tokens and give the right back, unless `before` has been replaced meanwhile."""
        ...

    def due(self, before: datetime) -> tuple[tuple[str, str], ...]:
        """Return (user id, connection id) of active connections whose tokens expire before then."""
        ...

    def mark_account(self, connection: Connection) -> None:
        """Note that this connection uses its account."""
        ...

    def unmark_account(self, connection: Connection) -> bool:
        """Forget that it does; return whether any other connection still uses the account."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthState:
    """What a callback may act on: whose it is and what the code is to be redeemed with."""

    user_id: str
    provider: Provider
    verifier: bytes = field(repr=False)
    """The PKCE verifier and the nonce, sealed."""

    return_to: str | None
    expires_at: datetime


class StateStore(Protocol):
    """OAuth states, kept by the digest of what the browser carries."""

    def put(self, digest: str, state: OAuthState) -> None:
        """Keep a new state."""
        ...

    def take(self, digest: str) -> OAuthState | None:
        """Return the state and forget it in the same step: of many callers one gets it."""
        ...
