"""Connect a Google or Microsoft calendar with the authorization code flow."""

import base64
import hashlib
import hmac
import json
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import (
    CalendarServiceError,
    CodeRejected,
    CredentialInvalid,
    InvalidState,
    NoCalendar,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnreachable,
)
from shared.ports import (
    CalendarInfo,
    Meter,
    OAuthProvider,
    OAuthProviders,
    OAuthState,
    SignIn,
    StateStore,
    Vault,
)
from shared.usecases.accounts.authorization import AuthorizationStart, Callback, CallbackRedirect
from shared.usecases.accounts.connection_writer import StoredConnection
from shared.usecases.accounts.connections import LOOKUP_TIMEOUT, Connections
from shared.usecases.accounts.faults import report_misconfigured, reported_as_unreachable
from shared.usecases.accounts.hand_over import NO_CALENDAR, no_calendar
from shared.usecases.accounts.parked_grants import ParkedGrants
from shared.usecases.accounts.refusals import code_of

STATE_LIFETIME = timedelta(minutes=10)
# The vault binds a ciphertext to a connection id; a verifier has none, so it uses this text.
_VERIFIER = "oauth-state"

log = logging.getLogger(__name__)


class OAuthConnect:
    """The authorization code flow with PKCE, bound to the browser that starts it.

    The state is 256 random bits. Its data is stored under its digest and is valid once, for ten
    minutes, for one user and one provider (RFC 9700, sections 2.1 and 4.7). A callback from another
    browser connects nothing (section 2.1.1 and 4.7.1): otherwise a user could send their own
    authorization URL to another person and get that person's calendar.
    """

    def __init__(
        self,
        *,
        states: StateStore,
        parked: ParkedGrants,
        vault: Vault,
        oauth: OAuthProviders,
        connections: Connections,
        meter: Meter,
        public_base_url: str,
        binds_browser: bool = True,
        random_text: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._states = states
        self._parked = parked
        self._vault = vault
        self._oauth = oauth
        self._connections = connections
        self._meter = meter
        self._public_base_url = public_base_url.rstrip("/")
        self._binds_browser = binds_browser
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
        browser_secret = self._random_text() if self._binds_browser else None
        stored = OAuthState(
            user_id=caller.user_id,
            provider=provider,
            verifier=self._vault.seal(
                json.dumps([verifier, nonce]), user_id=caller.user_id, connection_id=_VERIFIER
            ),
            return_to=return_to,
            expires_at=now + STATE_LIFETIME,
            browser=_digest(browser_secret) if browser_secret else None,
        )
        self._states.put(_digest(state), stored)
        url = oauth.authorization_url(
            state=state,
            code_challenge=_challenge(verifier),
            nonce=nonce,
            redirect_uri=self.callback_url(provider),
        )
        return AuthorizationStart(
            url=url, expires_at=stored.expires_at, state=state, browser_secret=browser_secret
        )

    def finish(self, callback: Callback, *, now: datetime) -> StoredConnection | CallbackRedirect:
        """Exchange the code and store the connection for the user of the state.

        In another browser than the one that started, it connects nothing: it parks the grant under
        a completion code for the page to return to. If the flow has a page to return to, a failure
        is reported to that page, not raised.

        Raises:
            InvalidState: also in another browser, when there is no page to return to.
            AccessDenied, CodeRejected, NoCalendar, ProviderUnreachable.
        """
        if callback.is_prefetch or not callback.state:
            raise _invalid_state()
        digest = _digest(callback.state)
        if self._binds_browser:
            state = self._states.get(digest)
            if state is None or not _is_same_browser(state, callback):
                return self._finish_elsewhere(callback, _checked(state, callback, now), now=now)
        return self._finish_here(callback, _checked(self._states.take(digest), callback, now), now)

    def complete(
        self, caller: Caller, provider: Provider, completion: str, *, now: datetime
    ) -> StoredConnection:
        """Store the connection of a grant that came back in another browser.

        Raises:
            InvalidState: when the code is unknown, used, expired, or for another user or provider.
        """
        sign_in, calendar = self._parked.take(caller, provider, completion, now=now)
        return self._connections.connect_oauth(caller.user_id, provider, sign_in, calendar, now=now)

    def callback_url(self, provider: Provider) -> str:
        """Return the address to which the provider redirects the browser."""
        return f"{self._public_base_url}/api/v1/auth/{provider}/callback"

    def _finish_here(
        self, callback: Callback, state: OAuthState, now: datetime
    ) -> StoredConnection | CallbackRedirect:
        try:
            sign_in, calendar = self._granted(code_of(callback), state, now=now)
            stored = self._connections.connect_oauth(
                state.user_id, state.provider, sign_in, calendar, now=now
            )
        except CalendarServiceError as error:
            if state.return_to is None:
                raise
            return _failed(state.return_to, error)
        return CallbackRedirect(return_to=state.return_to) if state.return_to else stored

    def _finish_elsewhere(
        self, callback: Callback, state: OAuthState, *, now: datetime
    ) -> CallbackRedirect:
        """Park the grant. Only a code that was granted for this state uses the state up.

        So a person who knows only the authorization URL cannot end the flow of its user.
        """
        if state.return_to is None:
            raise _invalid_state()
        try:
            sign_in, calendar = self._granted_once(callback, state, now=now)
            completion = self._parked.park(
                state.user_id, state.provider, sign_in, calendar, now=now
            )
        except CalendarServiceError as error:
            return _failed(state.return_to, error)
        return CallbackRedirect(return_to=state.return_to, completion=completion)

    def _granted_once(
        self, callback: Callback, state: OAuthState, *, now: datetime
    ) -> tuple[SignIn, CalendarInfo]:
        """Exchange the code and use the state up; restore it if the code is not of this state.

        The state is taken first: a provider that gets one code twice ends the grant.
        """
        code, digest = code_of(callback), _digest(callback.state or "")
        if self._states.take(digest) is None:
            raise _invalid_state()
        try:
            return self._granted(code, state, now=now)
        except CodeRejected:
            self._states.put(digest, state)
            raise

    def _granted(
        self, code: str, state: OAuthState, *, now: datetime
    ) -> tuple[SignIn, CalendarInfo]:
        try:
            return self._exchange(code, state, now=now)
        except ProviderFailure as error:
            if isinstance(error, ProviderMisconfigured):
                report_misconfigured(error, state.provider, meter=self._meter)
            raise no_calendar(error) or ProviderUnreachable(
                f"{state.provider} could not complete the connection. Retry later."
            ) from error

    def _exchange(
        self, code: str, state: OAuthState, *, now: datetime
    ) -> tuple[SignIn, CalendarInfo]:
        oauth = self._oauth.get(state.provider)
        verifier, nonce = json.loads(
            self._vault.open(state.verifier, user_id=state.user_id, connection_id=_VERIFIER)
        )
        with reported_as_unreachable(state.provider, meter=self._meter):
            sign_in = oauth.exchange(
                code,
                code_verifier=verifier,
                nonce=nonce,
                redirect_uri=self.callback_url(state.provider),
                now=now,
            )
            return sign_in, _primary_calendar(oauth, sign_in)


def _primary_calendar(oauth: OAuthProvider, sign_in: SignIn) -> CalendarInfo:
    try:
        return oauth.primary_calendar(sign_in.grant.access_token, timeout=LOOKUP_TIMEOUT)
    except CredentialInvalid as error:
        # The exchange has checked the granted scopes, so the account is what is missing.
        raise NoCalendar(NO_CALENDAR) from error


def _checked(state: OAuthState | None, callback: Callback, now: datetime) -> OAuthState:
    if state is None or state.provider is not callback.provider or state.expires_at <= now:
        raise _invalid_state()
    return state


def _is_same_browser(state: OAuthState, callback: Callback) -> bool:
    if state.browser is None or callback.browser_secret is None:
        return False
    return hmac.compare_digest(state.browser, _digest(callback.browser_secret))


def _invalid_state() -> InvalidState:
    """Return one error for every cause, so that it does not show whether a state exists."""
    return InvalidState(
        "The state is unknown, used or expired, or connecting started in another browser. "
        "Start connecting again from the app."
    )


def _failed(page: str, error: CalendarServiceError) -> CallbackRedirect:
    log.info("connection failed", extra={"code": error.code, "reason": error.message})
    return CallbackRedirect(return_to=page, error=error.code)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _challenge(verifier: str) -> str:
    """RFC 7636, section 4.2: S256."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
