"""Roles, weekly windows and time zones of the caller."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.availability.answers import AvailabilityOut, RoleAvailabilityOut, RolesOut
from functions.availability.schemas import ReplaceAvailability, SetTimezone, availability_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.operation import operation
from shared.domain.role import Role

app = App()
wiring.warm(wiring.availability)


@app.get("/api/v1/availability/roles")
@operation("listRoles", tag="Availability", answers={200: RolesOut})
def list_roles() -> Response[str]:
    """The caller's roles."""
    caller = app.caller
    roles = [role for role in Role if role in caller.roles]
    told: RolesOut = {"userId": caller.user_id, "roles": roles}
    return answer(told, "Your roles.")


@app.get("/api/v1/availability")
@operation("getAvailability", tag="Availability", answers={200: AvailabilityOut})
def get_availability() -> Response[str]:
    """The caller's weekly windows, one entry for each role.

    A role never set answers the organization's default windows, with useDefaultAvailability true.
    """
    caller = app.caller
    found = wiring.availability().of(caller)
    told: AvailabilityOut = {
        "userId": caller.user_id,
        "availability": [availability_out(each) for each in found],
    }
    return answer(told, "Your availability.")


@app.put("/api/v1/availability")
@operation(
    "replaceAvailability",
    tag="Availability",
    answers={200: RoleAvailabilityOut},
    errors=("FORBIDDEN",),
)
def replace_availability(body: ReplaceAvailability) -> Response[str]:
    """Replace the caller's weekly windows for one role.

    The weekday's key decides the day; dayOfWeek inside a window is accepted and ignored. A window's
    timezone defaults to the body's. endTime at or before startTime runs past midnight into the next
    day ("00:00" is midnight); equal times are refused. Windows of a day that overlap or touch are
    merged. useDefaultAvailability keeps the choice of the organization's default windows, and
    availability may then be left out. A role the caller does not have is FORBIDDEN.
    """
    stored = wiring.availability().replace(
        app.caller, role=body.role, zone=body.timezone, windows=body.windows()
    )
    return answer(availability_out(stored), "Availability stored.")


@app.put("/api/v1/availability/timezone")
@operation(
    "setTimezone", tag="Availability", answers={200: RoleAvailabilityOut}, errors=("FORBIDDEN",)
)
def set_timezone(body: SetTimezone) -> Response[str]:
    """Set the caller's time zone for a role.

    Windows keep their wall-clock times and move to the new zone.
    """
    stored = wiring.availability().set_zone(app.caller, role=body.role, zone=body.timezone)
    return answer(availability_out(stored), "Time zone stored.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
