"""Google's authorization server: consent, tokens, revocation, and the primary calendar."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import reauth
from typing_extensions import override

from shared.domain.connection import ProblemCode
from shared.domain.errors import AccessDenied, CodeRejected, CopyGone, ProviderRejected
from shared.ports import CalendarInfo, Grant, Identity, OAuthProvider, SignIn
from shared.providers.google.api import GoogleCalendarApi
from shared.providers.google.entries import parse_page
from shared.providers.google.token_endpoint import TokenEndpoint, TokenRejected, TokenRequest
from shared.providers.http import HttpClient, shared_http
from shared.providers.limits import Deadline

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.events.owned"
"""The narrowest scope that events.insert, patch, delete, get and list all accept, according to the
discovery document. freebusy returns busy times but not which of them are our own copies.
calendars.get would need another scope; events.list of "primary" returns the calendar's name and
time zone with this one."""

SCOPES = frozenset({"openid", "email", CALENDAR_SCOPE})
PRIMARY = "primary"
"""The API's id for an account's default calendar; it stays valid if the account's address changes.
"""

TIMEOUT = timedelta(seconds=10)

_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
# Google returns the long name of a scope that was requested by its short name.
_EMAIL = {"https://www.googleapis.com/auth/userinfo.email": "email"}
_NAMES = {CALENDAR_SCOPE: "access to your calendar's events", "email": "your e-mail address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleOAuthClient:
    """This service's OAuth client at Google; the secret is read when first needed."""

    client_id: str
    client_secret: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleUrls:
    """The addresses of Google's endpoints."""

    authorize: str
    token: str
    revoke: str
    userinfo: str
    calendar: str


class GoogleOAuth(OAuthProvider):
    """Google's OAuth 2.0 endpoints."""

    scopes = SCOPES
    required_scopes = frozenset({CALENDAR_SCOPE})

    def __init__(
        self, client: GoogleOAuthClient, urls: GoogleUrls, *, http: HttpClient | None = None
    ) -> None:
        self._client = client
        self._urls = urls
        self._http = http or shared_http()
        self._tokens = TokenEndpoint(self._http)

    @override
    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Request offline access and consent: without them Google issues no refresh token."""
        query = {
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": " ".join(sorted(self.scopes)),
            "access_type": "offline",
            "prompt": "consent",
            "state": state,
            "nonce": nonce,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._urls.authorize}?{urlencode(query)}"

    @override
    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Exchange the code; reject partial consent.

        Raises:
            CodeRejected: Google rejected the code, or the id token is not for this sign-in.
            AccessDenied: the user did not grant every requested scope.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": code_verifier,
            "redirect_uri": redirect_uri,
            "client_id": self._client.client_id,
            "client_secret": self._client.client_secret(),
        }
        try:
            payload = self._tokens.request_tokens(
                self._urls.token, form, deadline=Deadline(TIMEOUT)
            )
        except TokenRejected as error:
            raise error.as_code_failure() from None
        grant = _grant(payload, now=now)
        _check_scopes(grant.scopes)
        claims = self._claims(payload, nonce=nonce)
        return SignIn(
            grant=grant,
            account=claims["sub"],
            email=claims["email"],
            is_email_verified=claims.get("email_verified") is True,
        )

    @override
    def refresh(
        self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
    ) -> Grant:
        """Return new tokens; without a scope, the request is for all granted ones."""
        del granted
        request = TokenRequest(self._tokens, Deadline(TIMEOUT))
        try:
            _, newest, _, payload, _ = reauth.refresh_grant(  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
                request,
                self._urls.token,
                refresh_token,
                self._client.client_id,
                self._client.client_secret(),
            )
        except TokenRejected as error:
            raise error.as_failure() from None
        grant = _grant({**payload, "refresh_token": newest}, now=now)
        replacement = None if grant.refresh_token == refresh_token else grant.refresh_token
        return Grant(
            access_token=grant.access_token,
            refresh_token=replacement,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
            identity=self._identity_of(payload),
        )

    @override
    def identity(self, access_token: str, *, timeout: timedelta) -> Identity | None:
        """Ask the userinfo endpoint (OpenID Connect Core 1.0, section 5.3)."""
        response = self._http.send(
            "GET",
            self._urls.userinfo,
            deadline=Deadline(timeout),
            headers={"Authorization": f"Bearer {access_token}"},
        )
        if not response.is_success:
            return None
        try:
            return _identity(response.json())
        except ValueError:
            return None

    @override
    def revoke(self, refresh_token: str) -> bool:
        """Revoke everything the user granted this service; return False if already revoked."""
        form = {"token": refresh_token}
        try:
            self._tokens.post(self._urls.revoke, form, deadline=Deadline(TIMEOUT))
        except TokenRejected:
            return False
        return True

    @override
    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        return self.calendar(access_token, PRIMARY, timeout=timeout)

    @override
    def calendar(self, access_token: str, calendar_id: str, *, timeout: timedelta) -> CalendarInfo:
        api = GoogleCalendarApi(
            self._http,
            self._urls.calendar,
            calendar_id=calendar_id,
            token=access_token,
            deadline=Deadline(timeout),
        )
        try:
            payload = api.page({"maxResults": "1", "fields": "kind,summary,timeZone"})
        except CopyGone as error:
            raise ProviderRejected(
                "The Google account has no such calendar.", problem=ProblemCode.CALENDAR_DELETED
            ) from error
        summary = payload.get("summary")
        return CalendarInfo(
            calendar_id=calendar_id,
            name=summary if isinstance(summary, str) else None,
            zone=parse_page(payload).zone,
        )

    def _identity_of(self, payload: Mapping[str, Any]) -> Identity | None:
        """Return the identity in the id token of a refresh; it has one if openid was granted."""
        try:
            return _identity(self._checked_claims(payload))
        except CodeRejected:
            return None

    def _claims(self, payload: Mapping[str, Any], *, nonce: str) -> Mapping[str, Any]:
        """Return the claims of the id token of this sign-in; `sub` and `email` are texts."""
        claims = self._checked_claims(payload)
        if not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()):
            raise CodeRejected("Google's id token is not for this sign-in. Connect again.")
        identity = _identity(claims)
        if identity is None or identity.email is None:
            raise CodeRejected("Google's id token has no account id or e-mail. Connect again.")
        return claims

    def _checked_claims(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the claims of an id token for this client.

        The signature is not checked: the token came directly from the token endpoint over TLS,
        which authenticates the issuer (OpenID Connect Core 1.0, section 3.1.3.7, item 6).
        """
        try:
            claims: Mapping[str, Any] = jwt.decode(payload["id_token"], verify=False)  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        except (KeyError, TypeError, ValueError, GoogleAuthError):
            raise CodeRejected("Google returned no readable id token. Connect again.") from None
        audience = claims.get("aud")
        is_ours = audience in (self._client.client_id, [self._client.client_id])
        if claims.get("iss") not in _ISSUERS or not is_ours:
            raise CodeRejected("Google's id token is not for this sign-in. Connect again.")
        return claims


def _identity(claims: Any) -> Identity | None:
    """Return the identity; its address is missing without the scope `email`."""
    if not isinstance(claims, Mapping):
        return None
    account, email = claims.get("sub"), claims.get("email")
    if not isinstance(account, str) or not account:
        return None
    has_email = isinstance(email, str) and bool(email)
    return Identity(
        account=account,
        email=email if has_email else None,
        is_email_verified=has_email and claims.get("email_verified") is True,
    )


def _grant(payload: Mapping[str, Any], *, now: datetime) -> Grant:
    refresh = payload.get("refresh_token")
    return Grant(
        access_token=payload["access_token"],
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
        expires_at=now + timedelta(seconds=int(payload["expires_in"])),
        scopes=frozenset(_EMAIL.get(each, each) for each in payload.get("scope", "").split()),
    )


def _check_scopes(granted: frozenset[str]) -> None:
    missing = [name for scope, name in _NAMES.items() if scope not in granted]
    if missing:
        raise AccessDenied(
            f"You did not grant {' and '.join(missing)} on Google's consent page. "
            "Connect again and leave every box ticked."
        )
