"""The caller's roles, weekly windows and time zones."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.availability.requests import ReplaceAvailability, SetTimezone
from functions.availability.responses import (
    AvailabilityOut,
    RoleAvailabilityOut,
    RolesOut,
    availability_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.operation import operation
from shared.domain.role import Role

app = App()
wiring.warm(wiring.availability)


@app.get("/api/v1/availability/roles")
@operation("listRoles", tag="Availability", responses={200: RolesOut})
def list_roles() -> Response[str]:
    """List the caller's roles."""
    caller = app.caller
    roles: RolesOut = {
        "userId": caller.user_id,
        "roles": [role for role in Role if role in caller.roles],
    }
    return success(roles, "Your roles.")


@app.get("/api/v1/availability")
@operation("getAvailability", tag="Availability", responses={200: AvailabilityOut})
def get_availability() -> Response[str]:
    """Get the caller's weekly windows, one entry per role.

    A role whose windows were never set returns the organization's default windows, with
    useDefaultAvailability true.
    """
    caller = app.caller
    availability: AvailabilityOut = {
        "userId": caller.user_id,
        "availability": [availability_out(each) for each in wiring.availability().of(caller)],
    }
    return success(availability, "Your availability.")


@app.put("/api/v1/availability")
@operation(
    "replaceAvailability",
    tag="Availability",
    responses={200: RoleAvailabilityOut},
    errors=("FORBIDDEN",),
)
def replace_availability(body: ReplaceAvailability) -> Response[str]:
    """Replace the caller's weekly windows for one role.

    The weekday key decides the day; dayOfWeek inside a window is accepted and ignored. A window's
    timezone defaults to the body's timezone. A window whose endTime is not after its startTime runs
    past midnight into the next day ("00:00" is midnight); equal times are rejected. Windows of one
    day that overlap or touch are merged. useDefaultAvailability true selects the organization's
    default windows; availability may then be omitted. A role the caller does not have returns
    FORBIDDEN.
    """
    stored = wiring.availability().replace(
        app.caller, role=body.role, zone=body.timezone, windows=body.windows()
    )
    return success(availability_out(stored), "Availability saved.")


@app.put("/api/v1/availability/timezone")
@operation(
    "setTimezone", tag="Availability", responses={200: RoleAvailabilityOut}, errors=("FORBIDDEN",)
)
def set_timezone(body: SetTimezone) -> Response[str]:
    """Set the caller's time zone for one role.

    Windows keep their wall-clock times and move to the new time zone.
    """
    stored = wiring.availability().set_zone(app.caller, role=body.role, zone=body.timezone)
    return success(availability_out(stored), "Time zone saved.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
