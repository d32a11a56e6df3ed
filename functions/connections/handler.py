"""Connecting, listing and disconnecting calendars."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.connections.answers import ConnectionOut, DepartureOut, DisconnectedOut
from functions.connections.schemas import (
    PROVISION_SCOPE,
    AutoProvision,
    ConnectApple,
    connection_out,
    departure_out,
    how_to_connect_apple,
    return_address,
)
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer, redirect
from shared.api.fields import ProviderName
from shared.api.operation import operation
from shared.domain.connection import Provider
from shared.usecases.accounts.connections import StoredConnection
from shared.usecases.accounts.oauth import Callback, CallbackRedirect

_REDIRECT_ERRORS = ("INVALID_STATE", "ACCESS_DENIED", "CODE_REJECTED", "PROVIDER_UNREACHABLE")

ReturnAddress = Annotated[str | None, Query(max_length=2048, json_schema_extra={"format": "uri"})]
OAuthText = Annotated[str | None, Query(max_length=4096)]

_STILL_GRANTED = (
    "Disconnected. The account itself still lists this service, or its app-specific password; "
    "remove it there if nothing else uses it."
)

app = App()
wiring.warm(wiring.connections, wiring.oauth_connect, wiring.provisioning)


@app.get("/api/v1/auth/<provider>")
@operation(
    "startConnect",
    tag="Connections",
    answers={200: DepartureOut},
    errors=("PROVIDER_NOT_CONFIGURED",),
)
def start_connect(
    provider: Annotated[ProviderName, Path()],
    redirectUri: ReturnAddress = None,  # noqa: N803
) -> Response[str]:
    """Where to send the user to grant calendar access.

    apple answers how to connect with an app-specific password instead. redirectUri must stand on
    the stack's allow-list; the browser returns there after the callback.
    """
    caller = app.caller
    if provider is Provider.APPLE:
        wiring.connections().check_redirect(redirectUri)
        return answer(how_to_connect_apple(), "How to connect.")
    departure = wiring.oauth_connect().start(
        caller, provider, return_to=redirectUri, now=wiring.now()
    )
    return answer(departure_out(provider, departure), "Send the user's browser there.")


@app.get("/api/v1/auth/google/callback", security=PUBLIC)
@operation(
    "googleCallback",
    tag="Connections",
    answers={200: ConnectionOut, 302: None},
    errors=_REDIRECT_ERRORS,
)
def google_callback(
    code: OAuthText = None, state: OAuthText = None, error: OAuthText = None
) -> Response[str]:
    """Google's redirect: exchange the code and keep the connection of the user the state names.

    Answers 302 to the redirectUri that connecting was started with, with
    ?status=connected|error&provider=google (and error=CODE), or the envelope when there was none.
    A state serves once, for ten minutes, and is bound to its user and provider (INVALID_STATE).
    error=access_denied is ACCESS_DENIED, a code the provider refuses CODE_REJECTED.
    """
    return _finished(Provider.GOOGLE, code, state, error)


@app.get("/api/v1/auth/outlook/callback", security=PUBLIC)
@operation(
    "outlookCallback",
    tag="Connections",
    answers={200: ConnectionOut, 302: None},
    errors=_REDIRECT_ERRORS,
)
def outlook_callback(
    code: OAuthText = None, state: OAuthText = None, error: OAuthText = None
) -> Response[str]:
    """Microsoft's redirect, as Google's."""
    return _finished(Provider.OUTLOOK, code, state, error)


@app.post("/api/v1/auth/apple/connect")
@operation(
    "connectApple",
    tag="Connections",
    answers={201: ConnectionOut, 200: ConnectionOut},
    errors=(
        "SERVER_URL_NOT_ALLOWED",
        "CREDENTIALS_REJECTED",
        "NO_CALENDAR",
        "PROVIDER_UNREACHABLE",
    ),
)
def connect_apple(body: ConnectApple) -> Response[str]:
    """Connect an iCloud or other CalDAV calendar after checking the credentials against its server.

    serverUrl is https on port 443 and leads to public addresses only, now and at every later
    request (SERVER_URL_NOT_ALLOWED); the stack may allow further hosts. Refused credentials are
    CREDENTIALS_REJECTED, an account without a calendar that takes events is NO_CALENDAR. The same
    account again updates its connection and answers 200.
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
    answers={201: ConnectionOut, 200: ConnectionOut},
    errors=("FORBIDDEN", "PROVIDER_UNREACHABLE", "PROVIDER_NOT_CONFIGURED"),
)
def auto_provision_connection(body: AutoProvision) -> Response[str]:
    """Turn the tokens the auth service has from a sign-in into a connection.

    The bearer is a service token whose scope claim contains connections:provision; a user's token
    is FORBIDDEN. The same user, provider and e-mail again updates the connection and answers 200.
    """
    app.caller.require_scope(PROVISION_SCOPE)
    now = wiring.now()
    return _connected(wiring.provisioning().keep(body.provision(now), now=now))


@app.get("/api/v1/connections")
@operation("listConnections", tag="Connections", answers={200: list[ConnectionOut]})
def list_connections() -> Response[str]:
    """The caller's calendar connections; never a token or password."""
    found = wiring.connections().of(app.caller)
    return answer([connection_out(each) for each in found], "Your connections.")


@app.delete("/api/v1/connections/<connectionId>")
@operation(
    "deleteConnection",
    tag="Connections",
    answers={200: DisconnectedOut},
    errors=("NOT_FOUND",),
)
def delete_connection(connectionId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803
    """Disconnect a calendar, have its provider withdraw the access and erase its tokens.

    Later events are not written to it; somebody else's is not found. The stored tokens are erased
    even when the provider does not answer; revoked says whether it withdrew the access.
    """
    revoked = wiring.connections().disconnect(app.caller, str(connectionId))
    message = "Disconnected, and access withdrawn." if revoked else _STILL_GRANTED
    told: DisconnectedOut = {"id": str(connectionId), "revoked": revoked}
    return answer(told, message)


def _finished(
    provider: Provider, code: str | None, state: str | None, error: str | None
) -> Response[str]:
    callback = Callback(provider=provider, code=code, state=state, error=error)
    done = wiring.oauth_connect().finish(callback, now=wiring.now())
    if isinstance(done, CallbackRedirect):
        return redirect(return_address(done, provider))
    return answer(connection_out(done.connection), "Calendar connected.")


def _connected(connected: StoredConnection) -> Response[str]:
    return answer(
        connection_out(connected.connection),
        "Calendar connected.",
        status=201 if connected.is_new else 200,
    )


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
