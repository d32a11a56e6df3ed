"""Roles, weekly windows and time zones of the caller."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.availability.schemas import ReplaceAvailability, SetTimezone, availability_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.domain.role import Role

app = App()


@app.get("/api/v1/availability/roles")
def list_roles() -> Response[str]:
    """The caller's roles."""
    caller = app.caller
    roles = [role for role in Role if role in caller.roles]
    return answer({"userId": caller.user_id, "roles": roles}, "Your roles.")


@app.get("/api/v1/availability")
def get_availability() -> Response[str]:
    """The caller's weekly windows, one entry for each role."""
    caller = app.caller
    found = wiring.availability().of(caller)
    availability = [availability_out(each) for each in found]
    return answer({"userId": caller.user_id, "availability": availability}, "Your availability.")


@app.put("/api/v1/availability")
def replace_availability(body: ReplaceAvailability) -> Response[str]:
    """Replace the caller's weekly windows for one role."""
    stored = wiring.availability().replace(
        app.caller, role=body.role, zone=body.timezone, windows=body.windows()
    )
    return answer(availability_out(stored), "Availability stored.")


@app.put("/api/v1/availability/timezone")
def set_timezone(body: SetTimezone) -> Response[str]:
    """Set the caller's time zone for a role."""
    stored = wiring.availability().set_zone(app.caller, role=body.role, zone=body.timezone)
    return answer(availability_out(stored), "Time zone stored.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
