"""The process itself, a user's first steps, and the answer for every path that no route names."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.status import pages
from functions.status.answers import HealthOut, StatusOut, WelcomeOut
from functions.status.schemas import status_out, welcome_out
from shared import VERSION, wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer
from shared.api.fields import RoleName
from shared.api.operation import Bare, operation

app = App()
wiring.warm(wiring.onboarding)


@app.get("/health", security=PUBLIC)
@operation("health", tag="System", answers={200: HealthOut})
def health() -> Response[str]:
    """Say that the process is up, having touched nothing downstream."""
    told: HealthOut = {"status": "ok", "version": VERSION}
    return answer(told, "The service is up.")


@app.get("/api/v1/openapi.json", security=PUBLIC, compress=True)
@operation(
    "openapiDocument",
    tag="System",
    answers={
        200: Bare("application/json", {"type": "object", "required": ["openapi", "paths"]}),
        304: None,
    },
)
def openapi_document() -> Response[str | None]:
    """This API as an OpenAPI 3.1 document, bare, without an envelope; /docs shows it as a page."""
    return pages.document().answer(app.current_event.headers.get("if-none-match"))


@app.get("/docs", security=PUBLIC, compress=True)
@operation("docs", tag="System", answers={200: Bare("text/html", {"type": "string"}), 304: None})
def docs() -> Response[str | None]:
    """This API's document as a page."""
    return pages.shown().answer(app.current_event.headers.get("if-none-match"))


@app.get("/api/v1/status")
@operation("getStatus", tag="Status", answers={200: StatusOut}, errors=("FORBIDDEN",))
def get_status(role: Annotated[RoleName, Query()]) -> Response[str]:
    """How complete the caller's calendar setup is for a role."""
    return answer(status_out(wiring.onboarding().setup(app.caller, role)), "Your setup.")


@app.get("/api/v1/welcome-notification")
@operation("getWelcome", tag="Status", answers={200: WelcomeOut})
def get_welcome() -> Response[str]:
    """Whether the caller should see the welcome: never seen, and no role of theirs set up yet."""
    return answer(welcome_out(wiring.onboarding().welcome(app.caller)), "The welcome.")


@app.post("/api/v1/welcome-notification/seen")
@operation("markWelcomeSeen", tag="Status", answers={200: WelcomeOut})
def mark_welcome_seen() -> Response[str]:
    """Mark the welcome as seen; the first time is what stays."""
    seen = wiring.onboarding().see_welcome(app.caller, now=wiring.now())
    return answer(welcome_out(seen), "Seen.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
