"""A user's calendar account, as the service keeps it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Provider(StrEnum):
    """Whose calendar it is; Apple stands for every CalDAV server."""

    GOOGLE = "google"
    OUTLOOK = "outlook"
    APPLE = "apple"


class ConnectionStatus(StrEnum):
    """Whether the stored credential still works, as far as the service knows."""

    ACTIVE = "active"
    RECONNECT_REQUIRED = "reconnect_required"


def unproven_account(email: str) -> str:
    """Return the account of a connection known by an address only, not by the provider's word."""
    return f"email:{email.lower()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One calendar of one account of one user.

    `account` tells accounts apart and never changes (CalDAV: server and user name); `calendar_id`
    is the provider's own id of the chosen calendar (CalDAV: its absolute URL); `credential` is
    ciphertext bound to `user_id` and `id`. `zone` is the calendar's own time zone, where known.
    """

    id: str
    user_id: str
    provider: Provider
    account: str
    email: str
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
        """Whether the service may use it."""
        return self.status is ConnectionStatus.ACTIVE

    @property
    def account_names(self) -> frozenset[str]:
        """Every name the account may go by; another user's may be known by its address only."""
        return frozenset({self.account, unproven_account(self.email)})
