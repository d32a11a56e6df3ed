"""What the answers about connections hold; never a token or password."""

from typing_extensions import TypedDict

from shared.api.texts import InstantText, UriText, UuidText
from shared.domain.connection import ConnectionStatus, Provider


class ConnectionOut(TypedDict):
    """A calendar of the caller."""

    id: UuidText
    provider: Provider
    email: str
    calendarId: str | None
    calendarName: str | None
    status: ConnectionStatus
    tokenExpiresAt: InstantText | None
    lastError: str | None
    createdAt: InstantText


class DepartureOut(TypedDict):
    """Where to send the user's browser, or how to connect without."""

    provider: Provider
    authorizationUrl: UriText | None
    connectUrl: str | None
    instructions: str | None
    expiresAt: InstantText | None


class DisconnectedOut(TypedDict):
    """Which connection is gone, and whether the provider has withdrawn its access."""

    id: UuidText
    revoked: bool
