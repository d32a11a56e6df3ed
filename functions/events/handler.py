"""Events: lists, booking, changing, and the states of a session."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.events import booking, reading, states
from functions.events.app import app
from shared import wiring

ROUTES = (booking, reading, states)
"""The modules with the routes, which they add to the app when they are loaded."""

wiring.warm(wiring.events, wiring.day_list, wiring.addresses)


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
