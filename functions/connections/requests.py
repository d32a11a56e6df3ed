"""Request bodies for calendar connections."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, StrictBool

from shared.api.envelope import Body
from shared.api.fields import Email, OAuthProviderName, UserId
from shared.api.instants import Instant
from shared.api.text_fields import LINE, one_line, shown_line
from shared.ports import CalendarInfo, Grant
from shared.usecases.accounts.provisioning import Provision

PROVISION_SCOPE = "connections:provision"
"""The scope a service token needs to provision connections for users."""

_DEFAULT_LIFETIME = timedelta(hours=1)

_HEADER_SAFE = r"^[\x21-\x7e]*$"
"""The characters a bearer token may have in a header; wider than RFC 6750, section 2.1."""

_COMPLETION = r"^[A-Za-z0-9_-]*$"


def _completion_code(value: SecretStr) -> SecretStr:
    if not re.fullmatch(_COMPLETION, value.get_secret_value()):
        raise ValueError("must be the completion code of the redirect")
    return value


def _header_safe(value: SecretStr) -> SecretStr:
    if not re.fullmatch(_HEADER_SAFE, value.get_secret_value()):
        raise ValueError("must consist of visible ASCII characters")
    return value


Token = Annotated[
    SecretStr,
    Field(max_length=16384, json_schema_extra={"pattern": _HEADER_SAFE}),
    AfterValidator(_header_safe),
]
CalendarId = Annotated[
    str, Field(max_length=1024, json_schema_extra=LINE), AfterValidator(one_line)
]
CalendarName = Annotated[
    str, Field(max_length=500, json_schema_extra=LINE), AfterValidator(shown_line)
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


class CompleteConnection(Body):
    """POST /auth/{provider}/complete."""

    completion: Annotated[
        SecretStr,
        Field(min_length=1, max_length=128, json_schema_extra={"pattern": _COMPLETION}),
        AfterValidator(_completion_code),
    ]


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
    reconnect: StrictBool = False

    def provision(self, now: datetime) -> Provision:
        """Return the provision for the use case.

        A token without an expiry is refreshed at first use if there is a refresh token. Otherwise
        it is assumed to last an hour, as new access tokens usually do.
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
                expires_at=self.token_expires_at or self._assumed_expiry(now),
                scopes=frozenset(),
            ),
            calendar=calendar if self.calendar_id else None,
            reconnect=self.reconnect,
        )

    def _assumed_expiry(self, now: datetime) -> datetime:
        return now if self.refresh_token else now + _DEFAULT_LIFETIME
