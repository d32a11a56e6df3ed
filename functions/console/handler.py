"""The console: one static page, which uses the API with its user's own token."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.console import pages
from shared.api.app import PUBLIC, App
from shared.api.operation import RawContent, operation

app = App()


@app.get("/console", security=PUBLIC, compress=True)
@operation(
    "console", tag="System", responses={200: RawContent("text/html", {"type": "string"}), 304: None}
)
def get_console() -> Response[str | None]:
    """Open the console, a page for people: calendars, sessions, approvals, deliveries."""
    return pages.console(app.current_event.headers.get("if-none-match"))


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
