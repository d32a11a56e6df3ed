"""Microsoft's authorization server behind the port, through msal."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from msal import ConfidentialClientApplication, TokenCache

from shared.domain.errors import (
    CodeRejected,
    CredentialDead,
    ProviderMisconfigured,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.ports import CalendarInfo, Grant, SignIn
from shared.providers.http import Deadline, Http, shared_http
from shared.providers.microsoft.authority import Authority, MsalHttp
from shared.providers.microsoft.graph import Graph
from shared.providers.microsoft.identity import identity
from shared.providers.microsoft.zones import iana

SCOPES = frozenset(
    {
        "Calendars.ReadWrite",  # busy times, and the copies written; there is no narrower one
        "MailboxSettings.Read",  # the mailbox's zone: all-day events are dates, not instants
        "email",  # an address to invite when the calendar breaks; the user name may be none
    }
)
"""What is asked of the user besides signing in (openid, profile) and staying so (offline_access).

msal adds those three itself and refuses to be told of them.
"""

_SIGNING_IN = frozenset({"openid", "profile", "offline_access"})
_TIMEOUT = timedelta(seconds=10)
# What msal compares the answer's state with; the real one was checked before the code got here.
_STATE = "checked"
_MALFORMED = (ValueError, LookupError, TypeError, AttributeError)

# Its debug log tells authorization codes and PKCE verifiers.
logging.getLogger("msal").setLevel(logging.WARNING)


class MicrosoftOAuth:
    """An `OAuthProvider` for work and personal accounts.

    `client_secret` is asked at every call, so a rotated one is used at once. `web` is the
    process's own client.
    """

    scopes = SCOPES

    def __init__(
        self,
        client_id: str,
        client_secret: Callable[[], str],
        *,
        authority: str,
        graph_url: str,
        web: Http | None = None,
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._authority = Authority(authority, web or shared_http())
        self._graph = Graph(graph_url, web or shared_http())

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        """Return where the user grants access; nothing is asked of Microsoft for it.

        Users choose the account, and consent where they have not: asking those again who have
        would lock out everybody whose administrator consented for them.
        """
        asked = {
            "client_id": self._client_id,
            "response_type": "code",
            "response_mode": "query",
            "redirect_uri": redirect_uri,
            "scope": " ".join(sorted(SCOPES | _SIGNING_IN)),
            "state": state,
            "nonce": _shown(nonce),
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "prompt": "select_account",
        }
        return f"{self._authority.authorize}?{urlencode(asked)}"

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        """Turn a code into tokens and the identity behind them.

        Raises:
            CodeRejected: when Microsoft refuses the code or the identity does not check out.
        """
        deadline = Deadline(_TIMEOUT)
        flow = {
            "state": _STATE,
            "redirect_uri": redirect_uri,
            "scope": sorted(SCOPES | _SIGNING_IN),
            "code_verifier": code_verifier,
            "nonce": nonce,
        }
        try:
            told = self._application(deadline).acquire_token_by_auth_code_flow(
                flow, {"state": _STATE, "code": code}
            )
        except CredentialDead as error:
            raise CodeRejected(f"{error.message} Start connecting anew.") from error
        except (RuntimeError, *_MALFORMED):
            # Their texts may hold what the id token says.
            raise CodeRejected("Microsoft's id token is not for this sign-in.") from None
        who = identity(
            told.get("id_token_claims"),
            client_id=self._client_id,
            issuer=self._authority.endpoints(deadline).issuer,
        )
        return SignIn(grant=_grant(told, now=now), account=who.account, email=who.email)

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        """Return new tokens; the refresh token changes with every use."""
        application = self._application(Deadline(_TIMEOUT))
        try:
            told = application.acquire_token_by_refresh_token(refresh_token, scopes=sorted(SCOPES))
        except (RuntimeError, *_MALFORMED):
            raise ProviderUnavailable("Microsoft's tokens cannot be read.") from None
        return _grant(told, now=now)

    def revoke(self, refresh_token: str) -> bool:  # noqa: ARG002 - the port's name for it
        """Return False: the only such call would sign the user out of everything they use."""
        return False

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        """Return the calendar the account writes to by default, with the mailbox's zone."""
        talk = self._graph.talk(access_token, timeout)
        calendar = talk.request("GET", "/me/calendar", query={"$select": "id,name"}).content
        calendar_id, name = calendar.get("id"), calendar.get("name")
        if not isinstance(calendar_id, str) or not calendar_id:
            raise ProviderUnavailable("Graph told of a calendar without its id.")
        try:
            settings = talk.request("GET", "/me/mailboxSettings").content
        except (ProviderRefused, CredentialDead):
            # Some mailboxes have no settings to read; the calendar works without.
            settings = {}
        return CalendarInfo(
            calendar_id=calendar_id,
            name=name if isinstance(name, str) else None,
            zone=iana(settings.get("timeZone")),
        )

    def _application(self, deadline: Deadline) -> Any:
        """Return an application for one call: one that is kept keeps every user's tokens."""
        http = MsalHttp(self._authority, deadline)
        secret = self._client_secret()
        try:
            return ConfidentialClientApplication(
                self._client_id,
                client_credential=secret,
                authority=http.shown,
                http_client=http,
                token_cache=TokenCache(),
                instance_discovery=False,
                azure_region=False,
            )
        except ValueError as error:
            raise ProviderMisconfigured(
                "MICROSOFT_AUTHORITY must be an address with a tenant, such as "
                "https://login.microsoftonline.com/common."
            ) from error


def _shown(nonce: str) -> str:
    """Return the nonce as msal expects it in the id token."""
    return hashlib.sha256(nonce.encode("ascii")).hexdigest()


def _grant(told: Mapping[str, Any], *, now: datetime) -> Grant:
    refresh_token, scope = told.get("refresh_token"), told.get("scope")
    try:
        expires_at = now + timedelta(seconds=int(told["expires_in"]))
    except (OverflowError, *_MALFORMED):
        raise ProviderUnavailable("Microsoft's tokens cannot be read.") from None
    return Grant(
        access_token=str(told["access_token"]),
        refresh_token=refresh_token if isinstance(refresh_token, str) and refresh_token else None,
        expires_at=expires_at,
        # Left out when it is what was asked for: RFC 6749, 5.1.
        scopes=frozenset(scope.split()) if isinstance(scope, str) else SCOPES,
    )
