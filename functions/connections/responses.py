"""Response data about connections; never a token or password."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText, UriText, UuidText
from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.usecases.accounts.authorization import AuthorizationStart, CallbackRedirect
from shared.usecases.accounts.connections import APPLE_CONNECT_PATH, APPLE_INSTRUCTIONS


class ConnectionOut(TypedDict):
    """One of the caller's calendar connections."""

    id: UuidText
    provider: Provider
    email: str
    calendarId: str | None
    calendarName: str | None
    status: ConnectionStatus
    tokenExpiresAt: InstantText | None
    lastError: str | None
    createdAt: InstantText


class ConnectInstructionsOut(TypedDict):
    """Where to send the user's browser, or how to connect without a consent page."""

    provider: Provider
    authorizationUrl: UriText | None
    connectUrl: str | None
    instructions: str | None
    expiresAt: InstantText | None


class DeletedConnectionOut(TypedDict):
    """The deleted connection's id, and whether the provider revoked its access."""

    id: UuidText
    revoked: bool


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


def apple_instructions_out() -> ConnectInstructionsOut:
    """Return how to connect with an app-specific password instead of a consent page."""
    return {
        "provider": Provider.APPLE,
        "authorizationUrl": None,
        "connectUrl": APPLE_CONNECT_PATH,
        "instructions": APPLE_INSTRUCTIONS,
        "expiresAt": None,
    }


def authorization_out(provider: Provider, start: AuthorizationStart) -> ConnectInstructionsOut:
    """Return the provider's consent page to send the user's browser to."""
    return {
        "provider": provider,
        "authorizationUrl": start.url,
        "connectUrl": None,
        "instructions": None,
        "expiresAt": zulu(start.expires_at),
    }


def redirect_address(outcome: CallbackRedirect, provider: Provider) -> str:
    """Return the front end's address with the outcome added to its query."""
    page = urlsplit(outcome.return_to)
    query = "&".join(part for part in (page.query, urlencode(_outcome(outcome, provider))) if part)
    return urlunsplit(page._replace(query=query))


def _outcome(outcome: CallbackRedirect, provider: Provider) -> dict[str, str]:
    if outcome.completion:
        return {
            "status": "confirm",
            "completion": outcome.completion,
            "provider": provider.value,
        }
    if outcome.error:
        return {"status": "error", "provider": provider.value, "error": outcome.error}
    return {"status": "connected", "provider": provider.value}
