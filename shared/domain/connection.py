"""A connection: a calendar account of a user as stored, and its OAuth tokens."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum


class Provider(StrEnum):
    """The calendar provider; `APPLE` means any CalDAV server."""

    GOOGLE = "google"
    OUTLOOK = "outlook"
    APPLE = "apple"
    UNKNOWN = "unknown"
    """A provider that a newer version of this service stored, read after a rollback."""


KNOWN_PROVIDERS = (Provider.GOOGLE, Provider.OUTLOOK, Provider.APPLE)
"""The providers that a user can connect."""

OAUTH_PROVIDERS = (Provider.GOOGLE, Provider.OUTLOOK)
"""Those that are connected with OAuth, on the provider's consent page."""

_UNVERIFIED = "email:"
"""The start of the account name of a connection without a sign-in of this service."""


class ConnectionStatus(StrEnum):
    """Whether the stored credential works, as of its last use."""

    ACTIVE = "active"
    RECONNECT_REQUIRED = "reconnect_required"
    UNAVAILABLE = "unavailable"
    """This version cannot use the connection; a newer version stored its provider or status."""


def unverified_account(email: str) -> str:
    """Return the account name for an address that the provider has not confirmed."""
    return f"{_UNVERIFIED}{email.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One calendar of one account of one user.

    `account` identifies the account and never changes (CalDAV: server and user name).
    `calendar_id` is the provider's id of the chosen calendar (CalDAV: its absolute URL).
    `credential` is ciphertext bound to `user_id` and `id`. `zone` is the calendar's time zone, if
    known. `email` names the account to its user; only `proven_email` is an address for mail.
    `is_email_verified` is known from the sign-in, and None if an older version stored the row.
    """

    id: str
    user_id: str
    provider: Provider
    account: str
    email: str
    is_email_verified: bool | None = None
    calendar_id: str
    calendar_name: str | None
    zone: str | None
    status: ConnectionStatus = ConnectionStatus.ACTIVE
    credential: bytes = field(repr=False)
    token_expires_at: datetime | None = None
    last_error: str | None = None
    created_at: datetime

    @property
    def is_active(self) -> bool:
        """Whether the service can use it."""
        return self.status is ConnectionStatus.ACTIVE

    @property
    def is_unavailable(self) -> bool:
        """Whether this version cannot use it, although reconnecting would not help."""
        return self.status is ConnectionStatus.UNAVAILABLE

    @property
    def proven_email(self) -> str | None:
        """The address if the provider has confirmed that it belongs to the account.

        A CalDAV user name is whatever the user's server accepts, and the address of an
        auto-provisioned connection is confirmed when the user connects the account. A Google or
        Microsoft account can have an address that the provider has not verified. Connections that
        an older version stored have no such information and count as verified until the user
        connects again.
        """
        is_signed_in = self.provider in OAUTH_PROVIDERS and not self.account.startswith(_UNVERIFIED)
        return self.email if is_signed_in and self.is_email_verified is not False else None

    @property
    def account_names(self) -> frozenset[str]:
        """Every name the account may be stored under, including its unverified address."""
        return frozenset({self.account, unverified_account(self.email)})


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthCredential:
    """The tokens of one connection; `refresh_token` is None if the provider never sent one."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """Return the text to encrypt."""
        return json.dumps(
            {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_at": self.expires_at.astimezone(UTC).isoformat(),
                "scopes": sorted(self.scopes),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "OAuthCredential":
        """Parse the text that `to_text` returned."""
        fields = json.loads(text)
        return cls(
            access_token=fields["access_token"],
            refresh_token=fields["refresh_token"],
            expires_at=datetime.fromisoformat(fields["expires_at"]),
            scopes=frozenset(fields["scopes"]),
        )
