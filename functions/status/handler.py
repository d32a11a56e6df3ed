"""Health, API documentation, a user's onboarding, and 404 for every unknown path."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.status import pages
from functions.status.responses import (
    HealthOut,
    SetupStatusOut,
    WelcomeOut,
    setup_status_out,
    welcome_out,
)
from shared import VERSION, wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import success
from shared.api.fields import RoleName
from shared.api.operation import RawContent, operation

app = App()
wiring.warm(wiring.onboarding)


@app.get("/health", security=PUBLIC)
@operation("health", tag="System", responses={200: HealthOut})
def get_health() -> Response[str]:
    """Check that the process is up. Contacts no other service."""
    health: HealthOut = {"status": "ok", "version": VERSION}
    return success(health, "The service is up.")


@app.get("/api/v1/openapi.json", security=PUBLIC, compress=True)
@operation(
    "openapiDocument",
    tag="System",
    responses={
        200: RawContent("application/json", {"type": "object", "required": ["openapi", "paths"]}),
        304: None,
    },
)
def openapi_document() -> Response[str | None]:
    """Get this API as an OpenAPI 3.1 document, without an envelope. /docs renders it."""
    return pages.document().response(app.current_event.headers.get("if-none-match"))


@app.get("/docs", security=PUBLIC, compress=True)
@operation(
    "docs", tag="System", responses={200: RawContent("text/html", {"type": "string"}), 304: None}
)
def docs() -> Response[str | None]:
    """Browse this API's documentation."""
    return pages.documentation().response(app.current_event.headers.get("if-none-match"))


@app.get("/api/v1/status")
@operation("getStatus", tag="Status", responses={200: SetupStatusOut}, errors=("FORBIDDEN",))
def get_status(role: Annotated[RoleName, Query()]) -> Response[str]:
    """Get the caller's calendar setup checklist for a role."""
    return success(setup_status_out(wiring.onboarding().setup(app.caller, role)), "Your setup.")


@app.get("/api/v1/welcome-notification")
@operation("getWelcome", tag="Status", responses={200: WelcomeOut})
def get_welcome() -> Response[str]:
    """Get whether to show the welcome: not seen yet, and none of the caller's roles is set up."""
    return success(welcome_out(wiring.onboarding().welcome(app.caller)), "Welcome status.")


@app.post("/api/v1/welcome-notification/seen")
@operation("markWelcomeSeen", tag="Status", responses={200: WelcomeOut})
def mark_welcome_seen() -> Response[str]:
    """Mark the welcome as seen. The first time it was seen is kept."""
    welcome = wiring.onboarding().record_welcome_seen(app.caller, now=wiring.now())
    return success(welcome_out(welcome), "Welcome marked as seen.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
