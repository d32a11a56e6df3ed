"""Connecting, listing and disconnecting calendars."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

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
from shared.domain.connection import Provider
from shared.usecases.connections import Connected
from shared.usecases.oauth import Callback, Return

OAuthText = Annotated[str | None, Query(max_length=4096)]

_STILL_GRANTED = (
    "Disconnected. The account itself still lists this service, or its app-specific password; "
    "remove it there if nothing else uses it."
)

app = App()


@app.get("/api/v1/auth/<provider>")
def start_connect(
    provider: Annotated[ProviderName, Path()],
    redirectUri: Annotated[str | None, Query(max_length=2048)] = None,  # noqa: N803
) -> Response[str]:
    """Where to send the user to grant access, or how to connect without."""
    caller = app.caller
    if provider is Provider.APPLE:
        wiring.connections().check_redirect(redirectUri)
        return answer(how_to_connect_apple(), "How to connect.")
    departure = wiring.oauth_connect().start(
        caller, provider, return_to=redirectUri, now=wiring.now()
    )
    return answer(departure_out(provider, departure), "Send the user's browser there.")


@app.get("/api/v1/auth/google/callback", security=PUBLIC)
def google_callback(
    code: OAuthText = None, state: OAuthText = None, error: OAuthText = None
) -> Response[str]:
    """Google's redirect."""
    return _finished(Provider.GOOGLE, code, state, error)


@app.get("/api/v1/auth/outlook/callback", security=PUBLIC)
def outlook_callback(
    code: OAuthText = None, state: OAuthText = None, error: OAuthText = None
) -> Response[str]:
    """Microsoft's redirect."""
    return _finished(Provider.OUTLOOK, code, state, error)


@app.post("/api/v1/auth/apple/connect")
def connect_apple(body: ConnectApple) -> Response[str]:
    """Connect a CalDAV calendar after checking the credentials against its server."""
    connected = wiring.connections().connect_apple(
        app.caller,
        server_url=body.server_url,
        username=body.username,
        password=body.password.get_secret_value(),
        now=wiring.now(),
    )
    return _connected(connected)


@app.post("/api/v1/connections/auto-provision")
def auto_provision_connection(body: AutoProvision) -> Response[str]:
    """Turn the tokens the auth service has from a sign-in into a connection."""
    app.caller.require_scope(PROVISION_SCOPE)
    now = wiring.now()
    return _connected(wiring.connections().provision(body.provision(now), now=now))


@app.get("/api/v1/connections")
def list_connections() -> Response[str]:
    """The caller's connections."""
    found = wiring.connections().of(app.caller)
    return answer([connection_out(each) for each in found], "Your connections.")


@app.delete("/api/v1/connections/<connectionId>")
def delete_connection(connectionId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803
    """Disconnect a calendar."""
    revoked = wiring.connections().disconnect(app.caller, str(connectionId))
    message = "Disconnected, and access withdrawn." if revoked else _STILL_GRANTED
    return answer({"id": str(connectionId), "revoked": revoked}, message)


def _finished(
    provider: Provider, code: str | None, state: str | None, error: str | None
) -> Response[str]:
    callback = Callback(provider=provider, code=code, state=state, error=error)
    done = wiring.oauth_connect().finish(callback, now=wiring.now())
    if isinstance(done, Return):
        return redirect(return_address(done, provider))
    return answer(connection_out(done.connection), "Calendar connected.")


def _connected(connected: Connected) -> Response[str]:
    return answer(
        connection_out(connected.connection),
        "Calendar connected.",
        status=201 if connected.is_new else 200,
    )


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
