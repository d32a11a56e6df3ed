"""Response data about connections; never a token or password."""

from urllib.parse import urlencode, urlsplit, urlunsplit

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText, UriText, UuidText
from shared.domain.connection import Connection, ConnectionStatus, ProblemCode, Provider
from shared.usecases.accounts.authorization import AuthorizationStart, CallbackRedirect
from shared.usecases.accounts.connections import APPLE_CONNECT_PATH, APPLE_INSTRUCTIONS


class ConnectionErrorOut(TypedDict):
    """Why a calendar cannot be used, or will soon stop working, and what its user should do."""

    code: ProblemCode
    message: str
    action: str
    since: InstantText | None


class ConnectionOut(TypedDict):
    """One of the caller's calendar connections."""

    id: UuidText
    provider: Provider
    email: str
    calendarId: str | None
    calendarName: str | None
    status: ConnectionStatus
    tokenExpiresAt: InstantText | None
    needsConsent: bool
    lastError: ConnectionErrorOut | None
    suspendedUntil: InstantText | None
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
    expires, outage = connection.token_expires_at, connection.suspension
    until = outage.suspended_until if outage else None
    return {
        "id": connection.id,
        "provider": connection.provider,
        "email": connection.email,
        "calendarId": connection.calendar_id or None,
        "calendarName": connection.calendar_name,
        "status": connection.status,
        "tokenExpiresAt": zulu(expires) if expires else None,
        "needsConsent": connection.needs_consent,
        "lastError": _error_out(connection),
        "suspendedUntil": zulu(until) if until else None,
        "createdAt": zulu(connection.created_at),
    }


def _error_out(connection: Connection) -> ConnectionErrorOut | None:
    problem = connection.problem
    if problem is None:
        return None
    return {
        "code": problem.code,
        "message": problem.message,
        "action": problem.code.action,
        "since": zulu(problem.since) if problem.since else None,
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
