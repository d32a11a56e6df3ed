"""Connect a Google or Microsoft calendar with the authorization code flow."""

import base64
import hashlib
import json
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import (
    AccessDenied,
    CalendarServiceError,
    CodeRejected,
    InvalidState,
    ProviderFailure,
    ProviderUnreachable,
)
from shared.ports import OAuthProviders, OAuthState, StateStore, Vault
from shared.usecases.accounts.connections import LOOKUP_TIMEOUT, Connections, StoredConnection

STATE_LIFETIME = timedelta(minutes=10)
# The vault binds a ciphertext to a connection id; a verifier has none, so it uses this text.
_VERIFIER = "oauth-state"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationStart:
    """The URL to open in the user's browser, and when the attempt expires."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The parameters of the provider's redirect."""

    provider: Provider
    code: str | None
    state: str | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRedirect:
    """A redirect to the page that started the flow; `error` is None after success."""

    return_to: str
    error: str | None = None


class OAuthConnect:
    """The authorization code flow with PKCE.

    The state is 256 random bits. Its data is stored under its digest and is valid once, for ten
    minutes, for one user and one provider (RFC 9700, sections 2.1 and 4.7).
    """

    def __init__(
        self,
        *,
        states: StateStore,
        vault: Vault,
        oauth: OAuthProviders,
        connections: Connections,
        public_base_url: str,
        random_text: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._states = states
        self._vault = vault
        self._oauth = oauth
        self._connections = connections
        self._public_base_url = public_base_url.rstrip("/")
        self._random_text = random_text

    def start(
        self, caller: Caller, provider: Provider, *, return_to: str | None, now: datetime
    ) -> AuthorizationStart:
        """Return the provider's page on which the user grants access.

        Raises:
            InvalidRequest: when the return address is not on the allow-list.
            ProviderNotConfigured: when this stack has no client id for the provider.
        """
        self._connections.check_redirect(return_to)
        oauth = self._oauth.get(provider)
        state, verifier, nonce = (self._random_text() for _ in range(3))
        stored = OAuthState(
            user_id=caller.user_id,
            provider=provider,
            verifier=self._vault.seal(
                json.dumps([verifier, nonce]), user_id=caller.user_id, connection_id=_VERIFIER
            ),
            return_to=return_to,
            expires_at=now + STATE_LIFETIME,
        )
        self._states.put(_digest(state), stored)
        url = oauth.authorization_url(
            state=state,
            code_challenge=_challenge(verifier),
            nonce=nonce,
            redirect_uri=self._callback_url(provider),
        )
        return AuthorizationStart(url=url, expires_at=stored.expires_at)

    def finish(self, callback: Callback, *, now: datetime) -> StoredConnection | CallbackRedirect:
        """Exchange the code and store the connection for the user of the state.

        If the flow has a page to return to, a failure is reported to that page, not raised.

        Raises:
            InvalidState, AccessDenied, CodeRejected, ProviderUnreachable.
        """
        state = self._take_state(callback, now=now)
        try:
            stored = self._connect(callback, state, now=now)
        except CalendarServiceError as error:
            if state.return_to is None:
                raise
            log.info("connection failed", extra={"code": error.code, "reason": error.message})
            return CallbackRedirect(return_to=state.return_to, error=error.code)
        return CallbackRedirect(return_to=state.return_to) if state.return_to else stored

    def _take_state(self, callback: Callback, *, now: datetime) -> OAuthState:
        state = self._states.take(_digest(callback.state)) if callback.state else None
        if state is None or state.provider is not callback.provider or state.expires_at <= now:
            raise InvalidState("The state is unknown, used or expired. Start connecting again.")
        return state

    def _connect(self, callback: Callback, state: OAuthState, *, now: datetime) -> StoredConnection:
        if callback.error:
            raise AccessDenied(
                "Access was not granted. Start connecting again and allow calendar access."
            )
        if not callback.code:
            raise CodeRejected("The provider sent no code. Start connecting again.")
        try:
            return self._exchange(callback.code, state, now=now)
        except ProviderFailure as error:
            raise ProviderUnreachable(
                f"{state.provider} could not complete the connection. Retry later."
            ) from error

    def _exchange(self, code: str, state: OAuthState, *, now: datetime) -> StoredConnection:
        oauth = self._oauth.get(state.provider)
        verifier, nonce = json.loads(
            self._vault.open(state.verifier, user_id=state.user_id, connection_id=_VERIFIER)
        )
        sign_in = oauth.exchange(
            code,
            code_verifier=verifier,
            nonce=nonce,
            redirect_uri=self._callback_url(state.provider),
            now=now,
        )
        calendar = oauth.primary_calendar(sign_in.grant.access_token, timeout=LOOKUP_TIMEOUT)
        return self._connections.connect_oauth(
            state.user_id, state.provider, sign_in, calendar, now=now
        )

    def _callback_url(self, provider: Provider) -> str:
        return f"{self._public_base_url}/api/v1/auth/{provider}/callback"


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
