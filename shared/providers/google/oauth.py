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

from shared.domain.errors import AccessDenied, CodeRejected, CopyGone, ProviderRejected
from shared.ports import CalendarInfo, Grant, OAuthProvider, SignIn
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
    calendar: str


class GoogleOAuth(OAuthProvider):
    """Google's OAuth 2.0 endpoints."""

    scopes = SCOPES

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
            raise CodeRejected(f"Google rejected the code ({error.code}). Connect again.") from None
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
    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
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
        )

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
        api = GoogleCalendarApi(
            self._http,
            self._urls.calendar,
            calendar_id=PRIMARY,
            token=access_token,
            deadline=Deadline(timeout),
        )
        try:
            payload = api.page({"maxResults": "1", "fields": "kind,summary,timeZone"})
        except CopyGone as error:
            raise ProviderRejected("The Google account has no calendar.") from error
        summary = payload.get("summary")
        return CalendarInfo(
            calendar_id=PRIMARY,
            name=summary if isinstance(summary, str) else None,
            zone=parse_page(payload).zone,
        )

    def _claims(self, payload: Mapping[str, Any], *, nonce: str) -> Mapping[str, Any]:
        """Return the claims of the id token; `sub` and `email` are texts.

        The signature is not checked: the token came directly from the token endpoint over TLS,
        which authenticates the issuer (OpenID Connect Core 1.0, section 3.1.3.7, item 6).
        """
        try:
            claims: Mapping[str, Any] = jwt.decode(payload["id_token"], verify=False)  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        except (KeyError, TypeError, ValueError, GoogleAuthError):
            raise CodeRejected("Google returned no readable id token. Connect again.") from None
        audience = claims.get("aud")
        is_valid = (
            claims.get("iss") in _ISSUERS
            and audience in (self._client.client_id, [self._client.client_id])
            and hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode())
        )
        if not is_valid:
            raise CodeRejected("Google's id token is not for this sign-in. Connect again.")
        if not all(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "email")):
            raise CodeRejected("Google's id token has no account id or e-mail. Connect again.")
        return claims


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
