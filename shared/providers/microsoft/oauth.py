"""The OAuth port for Microsoft, through msal."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from msal import ConfidentialClientApplication, TokenCache
from typing_extensions import override

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    AccessDenied,
    CodeRejected,
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.ports import CalendarInfo, Grant, Identity, OAuthProvider, SignIn
from shared.providers.http import HttpClient, shared_http
from shared.providers.limits import Deadline
from shared.providers.microsoft.authority import Authority, MsalHttp
from shared.providers.microsoft.graph import GraphCall, GraphClient, segment
from shared.providers.microsoft.identity import identity
from shared.providers.microsoft.zones import iana

SCOPES = frozenset(
    {
        "Calendars.ReadWrite",  # to read busy times and write copies; there is no narrower scope
        "MailboxSettings.Read",  # the mailbox's zone: all-day events are dates, not instants
        "email",  # an address for mail when the calendar fails; the user name may not be one
    }
)
"""The requested scopes besides openid, profile and offline_access.

msal adds those three itself and rejects them in its arguments.
"""

CALENDAR_SCOPE = "Calendars.ReadWrite"
_SIGNING_IN = frozenset({"openid", "profile", "offline_access"})
# Microsoft names a scope with or without the address of Graph.
_GRAPH = "https://graph.microsoft.com/"
_SETTINGS_SCOPE = "MailboxSettings.Read"
_TIMEOUT = timedelta(seconds=10)
_ZONE_TIMEOUT = timedelta(seconds=1)
# Any window shows whether a calendar can be read.
_WINDOW = {"startDateTime": "2020-01-01T00:00:00Z", "endDateTime": "2020-01-02T00:00:00Z"}
# msal requires a state to compare; the real one was checked before the code got here.
_STATE = "checked"
_PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError)

# msal's debug log contains authorization codes and PKCE verifiers.
logging.getLogger("msal").setLevel(logging.WARNING)


class MicrosoftOAuth(OAuthProvider):
    """Microsoft's OAuth 2.0 endpoints, for work and personal accounts.

    `client_secret` is called for every request, so a rotated secret is used at once.
    """

    scopes = SCOPES
    required_scopes = frozenset({CALENDAR_SCOPE})

    def __init__(
        self,
        client_id: str,
        client_secret: Callable[[], str],
        *,
        authority: str,
        graph_url: str,
        http: HttpClient | None = None,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._authority = Authority(authority, http or shared_http())
        self._graph = GraphClient(graph_url, http or shared_http())

    @override
    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return the URL without a request to Microsoft.

        The prompt is select_account, not consent: users whose administrator consented for them
        cannot consent themselves and would be locked out.
        """
        query = {
            "client_id": self._client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri,
            "scope": " ".join(sorted(SCOPES | _SIGNING_IN)),
            "state": state,
            "nonce": _hashed_nonce(nonce),
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        return f"{self._authority.authorize}?{urlencode(query)}"

    @override
    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        deadline = Deadline(_TIMEOUT)
        flow = {
            "state": _STATE,
            "redirect_uri": redirect_uri,
            "scope": sorted(SCOPES | _SIGNING_IN),
            "code_verifier": code_verifier,
            "nonce": nonce,
        }
        try:
            payload = self._application(deadline).acquire_token_by_auth_code_flow(
                flow, {"state": _STATE, "code": code}
            )
        except CredentialInvalid as error:
            if error.problem is ProblemCode.ADMIN_REQUIRED:
                raise CodeRejected(
                    "An administrator of your organization must allow this service first. Ask "
                    f"them, then connect again. {error.message}"
                ) from error
            raise CodeRejected(f"{error.message} Connect again.") from error
        except (RuntimeError, *_PARSE_ERRORS):
            # Their texts may quote the id token.
            raise CodeRejected(
                "Microsoft's id token is not for this sign-in. Connect again."
            ) from None
        user = identity(
            payload.get("id_token_claims"),
            client_id=self._client_id,
            issuer=self._authority.endpoints(deadline).issuer,
        )
        grant = _grant(payload, now=now)
        if CALENDAR_SCOPE not in grant.scopes:
            raise AccessDenied(
                "You did not grant access to your calendar on Microsoft's consent page. Connect "
                "again and accept every permission."
            )
        return SignIn(
            grant=grant,
            account=user.account,
            email=str(user.email),
            is_email_verified=user.is_email_verified,
        )

    @override
    def refresh(
        self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
    ) -> Grant:
        """Return new tokens; every use returns a new refresh token.

        A scope that the user has not granted would end the request (RFC 6749, section 6).
        """
        deadline = Deadline(_TIMEOUT)
        application = self._application(deadline)
        scopes = (SCOPES & granted) or self.required_scopes
        try:
            payload = application.acquire_token_by_refresh_token(
                refresh_token, scopes=sorted(scopes)
            )
        except (RuntimeError, *_PARSE_ERRORS):
            raise ProviderUnavailable("Microsoft's tokens cannot be read.") from None
        grant = _grant(payload, now=now)
        identity_of = self._identity_of(payload, deadline)
        return replace(grant, identity=identity_of, zone=self._zone_of(grant))

    @override
    def identity(self, access_token: str, *, timeout: timedelta) -> Identity | None:
        """Return None: Graph's /me has no tenant, and userinfo another id for every application."""
        return None

    @override
    def revoke(self, refresh_token: str) -> bool:
        """Return False: Graph's only such call signs the user out of every application."""
        return False

    @override
    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the default calendar with the mailbox's time zone."""
        return _default_calendar(self._graph.call(access_token, timeout))

    @override
    def calendar(self, access_token: str, calendar_id: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the calendar after reading from it; only the default one's name is known."""
        call = self._graph.call(access_token, timeout)
        default = _default_calendar(call)
        if default.calendar_id == calendar_id:
            return default
        query = {**_WINDOW, "$select": "id", "$top": "1"}
        call.request("GET", f"/me/calendars/{segment(calendar_id)}/calendarView", query=query)
        return CalendarInfo(calendar_id=calendar_id, name=None, zone=default.zone)

    def _zone_of(self, grant: Grant) -> str | None:
        """Return the mailbox's zone now, or None if it cannot be read."""
        if _SETTINGS_SCOPE not in grant.scopes:
            return None
        return _mailbox_zone(self._graph.call(grant.access_token, _ZONE_TIMEOUT))

    def _identity_of(self, payload: Mapping[str, Any], deadline: Deadline) -> Identity | None:
        try:
            return identity(
                payload.get("id_token_claims"),
                client_id=self._client_id,
                issuer=self._authority.endpoints(deadline).issuer,
            )
        except CodeRejected:
            return None

    def _application(self, deadline: Deadline) -> Any:
        """Return an application for one call: a reused one would cache every user's tokens."""
        http = MsalHttp(self._authority, deadline)
        secret = self._client_secret()
        try:
            return ConfidentialClientApplication(
                self._client_id,
                client_credential=secret,
                authority=http.https_url,
                http_client=http,
                token_cache=TokenCache(),
                instance_discovery=False,
                azure_region=False,
            )
        except ValueError as error:
            raise ProviderMisconfigured(
                "MICROSOFT_AUTHORITY must be a URL with a tenant, such as "
                "https://login.microsoftonline.com/common."
            ) from error


def _default_calendar(call: GraphCall) -> CalendarInfo:
    calendar = call.request("GET", "/me/calendar", query={"$select": "id,name"}).content
    calendar_id, name = calendar.get("id"), calendar.get("name")
    if not isinstance(calendar_id, str) or not calendar_id:
        raise ProviderUnavailable("Graph returned a calendar without an id.")
    return CalendarInfo(
        calendar_id=calendar_id,
        name=name if isinstance(name, str) else None,
        zone=_mailbox_zone(call),
    )


def _mailbox_zone(call: GraphCall) -> str | None:
    try:
        return iana(call.request("GET", "/me/mailboxSettings").content.get("timeZone"))
    except (ProviderFailure, TimeoutError):
        # The calendar works without a zone, so a failure must not prevent anything else.
        return None


def _hashed_nonce(nonce: str) -> str:
    """Return the hash of the nonce that msal expects in the id token."""
    return hashlib.sha256(nonce.encode("ascii")).hexdigest()


def _grant(payload: Mapping[str, Any], *, now: datetime) -> Grant:
    refresh_token, scope = payload.get("refresh_token"), payload.get("scope")
    try:
        expires_at = now + timedelta(seconds=int(payload["expires_in"]))
    except (OverflowError, *_PARSE_ERRORS):
        raise ProviderUnavailable("Microsoft's tokens cannot be read.") from None
    return Grant(
        access_token=str(payload["access_token"]),
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        expires_at=expires_at,
        # Omitted if identical to the requested scope: RFC 6749, 5.1.
        scopes=_scopes(scope) if isinstance(scope, str) else SCOPES,
    )


def _scopes(text: str) -> frozenset[str]:
    return frozenset(each.removeprefix(_GRAPH) for each in text.split())
