"""Connecting, listing and disconnecting calendars."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.connections.schemas import ConnectApple, connection_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.fields import ProviderName

app = App()


@app.get("/api/v1/auth/<provider>")
def start_connect(
    provider: Annotated[ProviderName, Path()],
    redirectUri: Annotated[str | None, Query(max_length=2048)] = None,  # noqa: N803
) -> Response[str]:
    """Where to send the user to grant access, or how to connect without."""
    app.caller  # noqa: B018 - asked for its refusal
    start = wiring.connections().start(provider, redirect_uri=redirectUri)
    return answer(
        {
            "provider": start.provider,
            "authorizationUrl": None,
            "connectUrl": start.connect_url,
            "instructions": start.instructions,
            "expiresAt": None,
        },
        "How to connect.",
    )


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
    return answer(
        connection_out(connected.connection),
        "Calendar connected.",
        status=201 if connected.is_new else 200,
    )


@app.get("/api/v1/connections")
def list_connections() -> Response[str]:
    """The caller's connections."""
    found = wiring.connections().of(app.caller)
    return answer([connection_out(each) for each in found], "Your connections.")


@app.delete("/api/v1/connections/<connectionId>")
def delete_connection(connectionId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803
    """Disconnect a calendar."""
    revoked = wiring.connections().disconnect(app.caller, str(connectionId))
    return answer(
        {"id": str(connectionId), "revoked": revoked},
        "Disconnected. Revoke the app-specific password where you made it.",
    )


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
