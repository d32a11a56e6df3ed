"""Google's authorization server: consent, tokens, revocation, and which calendar is written to."""

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from google.oauth2 import reauth

from shared.domain.errors import AccessDenied, CodeRejected, CopyGone, ProviderRefused
from shared.ports import CalendarInfo, Grant, SignIn
from shared.providers.google.api import Api
from shared.providers.google.entries import page_of
from shared.providers.google.token_endpoint import Refused, TokenEndpoint, TokenRequest
from shared.providers.http import Deadline, Http, shared_http

CALENDAR_SCOPE = "https://www.googleapis.com/auth/calendar.events.owned"
"""The narrowest scope that events.insert, patch, delete, get and list all accept, according to the
discovery document. freebusy alone could tell busy times but not which are our own copies; looking
the primary calendar up through calendars.get would ask for one more scope, while events.list of
"primary" tells its name and zone under this one."""

SCOPES = frozenset({"openid", "email", CALENDAR_SCOPE})
PRIMARY = "primary"
"""What the API calls the calendar the account writes to by default, whatever its address becomes.
"""

TIMEOUT = timedelta(seconds=10)

_ISSUERS = ("https://accounts.google.com", "accounts.google.com")
# Google answers with the long name of what was asked for by its short one.
_EMAIL = {"https://www.googleapis.com/auth/userinfo.email": "email"}
_NAMES = {CALENDAR_SCOPE: "access to your calendar's events", "email": "your e-mail address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleClient:
    """This service as Google knows it; the secret is read when first needed."""

    client_id: str
    client_secret: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleUrls:
    """Where Google is."""

    authorize: str
    token: str
    revoke: str
    calendar: str


class GoogleOAuth:
    """An `OAuthProvider`."""

    scopes = SCOPES

    def __init__(self, client: GoogleClient, urls: GoogleUrls, *, http: Http | None = None) -> None:
        self._client = client
        self._urls = urls
        self._http = http or shared_http()
        self._tokens = TokenEndpoint(self._http)

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return where the user grants access.

        Google hands out a refresh token only for offline access, and again only with consent.
        """
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

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Turn a code into tokens and the identity behind them.

        Raises:
            CodeRejected: Google refuses the code, or the identity does not check out.
            AccessDenied: the user left out something of what was asked.
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
            told = self._tokens.ask(self._urls.token, form, deadline=Deadline(TIMEOUT))
        except Refused as error:
            raise CodeRejected(f"Google refused the code; connect anew. ({error.code})") from None
        grant = _grant(told, now=now)
        _refuse_missing(grant.scopes)
        claims = self._claims(told, nonce=nonce)
        return SignIn(grant=grant, account=claims["sub"], email=claims["email"])

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Return new tokens; the refresh token is None when the old one stays good.

        Raises:
            CredentialDead: the grant is gone, whatever ended it.
        """
        request = TokenRequest(self._tokens, Deadline(TIMEOUT))
        try:
            _, newest, _, told, _ = reauth.refresh_grant(  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
                request,
                self._urls.token,
                refresh_token,
                self._client.client_id,
                self._client.client_secret(),
            )
        except Refused as error:
            raise error.as_failure() from None
        grant = _grant({**told, "refresh_token": newest}, now=now)
        kept = None if grant.refresh_token == refresh_token else grant.refresh_token
        return Grant(
            access_token=grant.access_token,
            refresh_token=kept,
            expires_at=grant.expires_at,
            scopes=grant.scopes,
        )

    def revoke(self, refresh_token: str) -> bool:
        """Withdraw all that the user has granted this service; False when nothing was left."""
        form = {"token": refresh_token}
        try:
            self._tokens.post(self._urls.revoke, form, deadline=Deadline(TIMEOUT))
        except Refused:
            return False
        return True

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the calendar the account writes to by default."""
        api = Api(
            self._http,
            self._urls.calendar,
            calendar_id=PRIMARY,
            token=access_token,
            deadline=Deadline(timeout),
        )
        try:
            told = api.page({"maxResults": "1", "fields": "kind,summary,timeZone"})
        except CopyGone as error:
            raise ProviderRefused("The Google account has no calendar.") from error
        summary = told.get("summary")
        return CalendarInfo(
            calendar_id=PRIMARY,
            name=summary if isinstance(summary, str) else None,
            zone=page_of(told).zone,
        )

    def _claims(self, told: Mapping[str, Any], *, nonce: str) -> dict[str, str]:
        """Return who signed in.

        The signature is not checked: the token came straight from the token endpoint over TLS,
        which vouches for its issuer (OpenID Connect Core 1.0, section 3.1.3.7, item 6).
        """
        try:
            claims = jwt.decode(told["id_token"], verify=False)  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        except (KeyError, TypeError, ValueError, GoogleAuthError):
            raise CodeRejected("Google told no identity; connect anew.") from None
        audience = claims.get("aud")
        holds = (
            claims.get("iss") in _ISSUERS
            and audience in (self._client.client_id, [self._client.client_id])
            and hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode())
        )
        if not holds:
            raise CodeRejected("The identity Google told is not for this sign-in; connect anew.")
        if not all(isinstance(claims.get(name), str) and claims[name] for name in ("sub", "email")):
            raise CodeRejected("Google did not tell whose account it is; connect anew.")
        return {"sub": claims["sub"], "email": claims["email"]}


def _grant(told: Mapping[str, Any], *, now: datetime) -> Grant:
    refresh = told.get("refresh_token")
    return Grant(
        access_token=told["access_token"],
        refresh_token=refresh if isinstance(refresh, str) and refresh else None,
        expires_at=now + timedelta(seconds=int(told["expires_in"])),
        scopes=frozenset(_EMAIL.get(each, each) for each in told.get("scope", "").split()),
    )


def _refuse_missing(granted: frozenset[str]) -> None:
    missing = [name for scope, name in _NAMES.items() if scope not in granted]
    if missing:
        raise AccessDenied(
            f"Google's consent page was left without {' and '.join(missing)}; "
            "connect anew and leave every box ticked."
        )
