"""Calendar connections as the contract writes them."""

import re
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode, urlsplit, urlunsplit

from pydantic import AfterValidator, Field, SecretStr

from functions.connections.answers import ConnectionOut, DepartureOut
from shared.api.envelope import Body
from shared.api.fields import LINE, Email, Instant, OAuthProviderName, UserId, one_line, zulu
from shared.domain.connection import Connection, Provider
from shared.ports import CalendarInfo, Grant
from shared.usecases.accounts.connections import APPLE_CONNECT_PATH, APPLE_INSTRUCTIONS
from shared.usecases.accounts.oauth import AuthorizationStart, CallbackRedirect
from shared.usecases.accounts.provisioning import Provision

PROVISION_SCOPE = "connections:provision"
"""What a service token must carry to hand over tokens of users."""

_USUAL_LIFETIME = timedelta(hours=1)

_SENDABLE = r"^[\x21-\x7e]*$"
"""What bearer tokens are made of (RFC 6750, section 2.1, and more): nothing else fits a header."""


def _sendable(value: SecretStr) -> SecretStr:
    if not re.fullmatch(_SENDABLE, value.get_secret_value()):
        raise ValueError("must consist of visible ASCII characters")
    return value


Token = Annotated[
    SecretStr,
    Field(max_length=16384, json_schema_extra={"pattern": _SENDABLE}),
    AfterValidator(_sendable),
]
CalendarId = Annotated[
    str, Field(max_length=1024, json_schema_extra=LINE), AfterValidator(one_line)
]
CalendarName = Annotated[
    str, Field(max_length=500, json_schema_extra=LINE), AfterValidator(one_line)
]


class ConnectApple(Body):
    """POST /auth/apple/connect."""

    username: Annotated[
        str, Field(min_length=1, max_length=320, json_schema_extra=LINE), AfterValidator(one_line)
    ]
    password: Annotated[SecretStr, Field(min_length=1, max_length=512)]
    server_url: Annotated[
        str, Field(max_length=2048, json_schema_extra={"format": "uri"}), AfterValidator(one_line)
    ] = "https://caldav.icloud.com"


class AutoProvision(Body):
    """POST /connections/auto-provision."""

    user_id: UserId
    provider: OAuthProviderName
    email: Email
    access_token: Annotated[Token, Field(min_length=1)]
    refresh_token: Token | None = None
    token_expires_at: Instant | None = None
    calendar_id: CalendarId | None = None
    calendar_name: CalendarName | None = None

    def provision(self, now: datetime) -> Provision:
        """Return what is handed over.

        A token without an expiry is refreshed at first use or, if there is nothing to do that
        with, taken to be good until the provider refuses it, as new ones are for about an hour.
        """
        calendar = CalendarInfo(
            calendar_id=self.calendar_id or "", name=self.calendar_name, zone=None
        )
        return Provision(
            user_id=self.user_id,
            provider=self.provider,
            email=self.email,
            grant=Grant(
                access_token=self.access_token.get_secret_value(),
                refresh_token=self.refresh_token.get_secret_value() if self.refresh_token else None,
                expires_at=self.token_expires_at or self._expiry_unknown(now),
                scopes=frozenset(),
            ),
            calendar=calendar if self.calendar_id else None,
        )

    def _expiry_unknown(self, now: datetime) -> datetime:
        return now if self.refresh_token else now + _USUAL_LIFETIME


def connection_out(connection: Connection) -> ConnectionOut:
    """Return the contract's Connection; never a token or password."""
    expires = connection.token_expires_at
    return {
        "id": connection.id,
        "provider": connection.provider,
        "email": connection.email,
        "calendarId": connection.calendar_id,
        "calendarName": connection.calendar_name,
        "status": connection.status,
        "tokenExpiresAt": zulu(expires) if expires else None,
        "lastError": connection.last_error,
        "createdAt": zulu(connection.created_at),
    }


def how_to_connect_apple() -> DepartureOut:
    """Return how to connect with an app-specific password instead of a consent page."""
    return {
        "provider": Provider.APPLE,
        "authorizationUrl": None,
        "connectUrl": APPLE_CONNECT_PATH,
        "instructions": APPLE_INSTRUCTIONS,
        "expiresAt": None,
    }


def departure_out(provider: Provider, departure: AuthorizationStart) -> DepartureOut:
    """Return where the user's browser goes."""
    return {
        "provider": provider,
        "authorizationUrl": departure.url,
        "connectUrl": None,
        "instructions": None,
        "expiresAt": zulu(departure.expires_at),
    }


def return_address(done: CallbackRedirect, provider: Provider) -> str:
    """Return the front end's page with how it ended added to its query."""
    told = {"status": "error" if done.error else "connected", "provider": provider.value}
    if done.error:
        told["error"] = done.error
    page = urlsplit(done.return_to)
    query = "&".join(part for part in (page.query, urlencode(told)) if part)
    return urlunsplit(page._replace(query=query))
