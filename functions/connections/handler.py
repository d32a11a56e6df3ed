"""Connecting, listing and disconnecting calendars."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.connections.browser_cookie import BrowserCookie
from functions.connections.callbacks import ConnectionsApp
from functions.connections.requests import (
    PROVISION_SCOPE,
    AutoProvision,
    CompleteConnection,
    ConnectApple,
)
from functions.connections.responses import (
    ConnectInstructionsOut,
    ConnectionOut,
    DeletedConnectionOut,
    apple_instructions_out,
    authorization_out,
    connection_out,
    redirect_address,
)
from shared import wiring
from shared.api.app import PUBLIC
from shared.api.envelope import redirect, success
from shared.api.fields import OAuthProviderName, ProviderName, UserId
from shared.api.operation import operation
from shared.domain.connection import Provider
from shared.usecases.accounts.authorization import CallbackRedirect
from shared.usecases.accounts.connection_writer import StoredConnection
from shared.usecases.accounts.oauth import STATE_LIFETIME

_REDIRECT_ERRORS = (
    "INVALID_STATE",
    "ACCESS_DENIED",
    "CODE_REJECTED",
    "NO_CALENDAR",
    "PROVIDER_UNREACHABLE",
    "TOO_MANY_REQUESTS",
)

ReturnAddress = Annotated[str | None, Query(max_length=2048, json_schema_extra={"format": "uri"})]
OAuthText = Annotated[str | None, Query(max_length=4096)]

_NOT_CONNECTED = "The calendar cannot be used; lastError says what to do."
_REVOKED = "Disconnected, and access revoked."
_NOT_REVOKED = (
    "Disconnected. The account still lists this service or its app-specific password; "
    "remove it there if nothing else uses it."
)

app = ConnectionsApp(addresses=wiring.first_addresses)
wiring.warm(wiring.connections, wiring.oauth_connect, wiring.provisioning, wiring.first_addresses)


@app.get("/api/v1/auth/<provider>")
@operation(
    "startConnect",
    tag="Connections",
    responses={200: ConnectInstructionsOut},
    errors=("PROVIDER_NOT_CONFIGURED", "TOO_MANY_REQUESTS"),
)
def start_connect(
    provider: Annotated[ProviderName, Path()],
    redirectUri: ReturnAddress = None,  # noqa: N803
) -> Response[str]:
    """Start connecting a calendar: get the provider's consent page to send the user to.

    For apple, the response explains how to connect with an app-specific password instead.
    redirectUri must be on the stack's allow-list; the browser returns there after the callback.
    The response sets a cookie for the callback, so a front end calls this with credentials
    included. Only the browser with the cookie finishes connecting at once.
    """
    caller = app.caller
    if provider is Provider.APPLE:
        wiring.connections().check_redirect(redirectUri)
        return success(apple_instructions_out(), "How to connect the calendar.")
    connect = wiring.oauth_connect()
    start = connect.start(caller, provider, return_to=redirectUri, now=wiring.now())
    if start.browser_secret:
        cookie = BrowserCookie(connect.callback_url(provider), start.state)
        app.set_cookie(cookie.holding(start.browser_secret, lifetime=STATE_LIFETIME))
    return success(
        authorization_out(provider, start), "Send the user's browser to authorizationUrl."
    )


@app.get("/api/v1/auth/google/callback", security=PUBLIC)
@operation(
    "googleCallback",
    tag="Connections",
    responses={200: ConnectionOut, 302: None},
    errors=_REDIRECT_ERRORS,
    ignores_unknown_parameters=True,  # RFC 6749, section 4.1.2
)
def google_callback(
    code: OAuthText = None,
    state: OAuthText = None,
    error: OAuthText = None,
    error_description: OAuthText = None,
) -> Response[str]:
    """Handle Google's redirect: exchange the code and store the connection of the state's user.

    Redirects (302) to the redirectUri given when connecting started, with
    ?status=connected|error&provider=google (and error=CODE), or returns the envelope if there was
    none. A state can be used once, within ten minutes, and is bound to its user and provider;
    otherwise the error is INVALID_STATE. error=access_denied becomes ACCESS_DENIED, a code that the
    provider rejects CODE_REJECTED, and so does an administrator's missing consent. A failure of the
    provider, or of this service's registration there, is PROVIDER_UNREACHABLE; an account without a
    calendar is NO_CALENDAR.

    Without the cookie that startConnect set, nothing is connected: the redirect has
    ?status=confirm&completion=CODE&provider=google, and completeConnection with that code and the
    token of the user who started finishes within ten minutes. Without a redirectUri it is
    INVALID_STATE, shown to a browser as a page.
    """
    return _finished(Provider.GOOGLE, code, state, error, error_description)


@app.get("/api/v1/auth/outlook/callback", security=PUBLIC)
@operation(
    "outlookCallback",
    tag="Connections",
    responses={200: ConnectionOut, 302: None},
    errors=_REDIRECT_ERRORS,
    ignores_unknown_parameters=True,  # RFC 6749, section 4.1.2
)
def outlook_callback(
    code: OAuthText = None,
    state: OAuthText = None,
    error: OAuthText = None,
    error_description: OAuthText = None,
) -> Response[str]:
    """Handle Microsoft's redirect. It behaves as Google's callback does."""
    return _finished(Provider.OUTLOOK, code, state, error, error_description)


@app.post("/api/v1/auth/<provider>/complete")
@operation(
    "completeConnection",
    tag="Connections",
    responses={200: ConnectionOut},
    errors=("INVALID_STATE", "TOO_MANY_REQUESTS"),
)
def complete_connection(
    provider: Annotated[OAuthProviderName, Path()], body: CompleteConnection
) -> Response[str]:
    """Finish connecting a calendar after a redirect with status=confirm.

    The completion code works once, within ten minutes, and only with the token of the user who
    started connecting; otherwise the error is INVALID_STATE, nothing is connected, and the code is
    used up.
    """
    stored = wiring.oauth_connect().complete(
        app.caller, provider, body.completion.get_secret_value(), now=wiring.now()
    )
    return success(connection_out(stored.connection), "Calendar connected.")


@app.post("/api/v1/auth/apple/connect")
@operation(
    "connectApple",
    tag="Connections",
    responses={201: ConnectionOut, 200: ConnectionOut},
    errors=(
        "SERVER_URL_NOT_ALLOWED",
        "CREDENTIALS_REJECTED",
        "NO_CALENDAR",
        "PROVIDER_UNREACHABLE",
        "TOO_MANY_REQUESTS",
    ),
)
def connect_apple(body: ConnectApple) -> Response[str]:
    """Connect an iCloud or other CalDAV calendar after checking its credentials with the server.

    serverUrl must be https on port 443 and resolve to public addresses only, on this and every
    later request (else SERVER_URL_NOT_ALLOWED); a stack may allow further hosts. Rejected
    credentials return CREDENTIALS_REJECTED, an account without a calendar that accepts events
    NO_CALENDAR. Connecting the same account again updates its connection and returns 200.
    """
    connected = wiring.connections().connect_apple(
        app.caller,
        server_url=body.server_url,
        username=body.username,
        password=body.password.get_secret_value(),
        now=wiring.now(),
    )
    return _connected(connected)


@app.post("/api/v1/connections/auto-provision")
@operation(
    "autoProvisionConnection",
    tag="Connections",
    responses={201: ConnectionOut, 200: ConnectionOut},
    errors=(
        "FORBIDDEN",
        "NO_CALENDAR",
        "DISCONNECTED",
        "PROVIDER_UNREACHABLE",
        "PROVIDER_NOT_CONFIGURED",
        "TOO_MANY_REQUESTS",
    ),
)
def auto_provision_connection(body: AutoProvision) -> Response[str]:
    """Create a connection from the tokens that the auth service received when a user signed in.

    The bearer token must be a service token with connections:provision in its scope claim; a user's
    token returns FORBIDDEN. The tokens are checked with the provider. Provisioning the same account
    again updates its connection and returns 200; tokens that can do less than the stored ones leave
    it unchanged. Tokens that give no access to the calendar are stored with status
    reconnect_required, and lastError says why. An account that the user has disconnected is
    DISCONNECTED, unless reconnect is true because the user asked for it.
    """
    app.caller.require_scope(PROVISION_SCOPE)
    now = wiring.now()
    return _connected(wiring.provisioning().store(body.provision(now), now=now))


@app.get("/api/v1/connections")
@operation(
    "listConnections",
    tag="Connections",
    responses={200: list[ConnectionOut]},
    errors=("FORBIDDEN",),
)
def list_connections(
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
) -> Response[str]:
    """List the caller's calendar connections. Tokens and passwords are never returned.

    An Admin may name another user in userId.
    """
    connections = wiring.connections().of(app.caller.acting_for(userId))
    return success([connection_out(each) for each in connections], "Your connections.")


@app.delete("/api/v1/connections/<connectionId>")
@operation(
    "deleteConnection",
    tag="Connections",
    responses={200: DeletedConnectionOut},
    errors=("NOT_FOUND",),
)
def delete_connection(connectionId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803
    """Disconnect a calendar, revoke its access at the provider and delete its tokens.

    Later events are not written to the calendar. Another user's connection returns NOT_FOUND. The
    stored tokens are deleted even if the provider does not respond; revoked is true if it revoked
    the access.
    """
    revoked = wiring.connections().disconnect(app.caller, str(connectionId))
    deleted: DeletedConnectionOut = {"id": str(connectionId), "revoked": revoked}
    return success(deleted, _REVOKED if revoked else _NOT_REVOKED)


def _finished(
    provider: Provider,
    code: str | None,
    state: str | None,
    error: str | None,
    description: str | None,
) -> Response[str]:
    app.limit_callbacks()
    connect = wiring.oauth_connect()
    callback = app.callback(
        connect.callback_url(provider),
        provider=provider,
        code=code,
        state=state,
        error=error,
        description=description,
    )
    outcome = connect.finish(callback, now=wiring.now())
    if isinstance(outcome, CallbackRedirect):
        return redirect(redirect_address(outcome, provider))
    return success(connection_out(outcome.connection), "Calendar connected.")


def _connected(connected: StoredConnection) -> Response[str]:
    return success(
        connection_out(connected.connection),
        "Calendar connected." if connected.connection.is_active else _NOT_CONNECTED,
        status=201 if connected.is_new else 200,
    )


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
