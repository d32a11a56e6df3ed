"""Roles, weekly windows and time zones of the caller, or of the user an Admin names."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.availability.requests import ReplaceAvailability, SetTimezone
from functions.availability.responses import (
    AvailabilityOut,
    RolesOut,
    SavedAvailabilityOut,
    availability_out,
    saved_availability_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import UserId
from shared.api.operation import operation
from shared.domain.caller import Caller
from shared.domain.role import Role
from shared.domain.week import RoleAvailability

app = App(addresses=wiring.addresses)
wiring.warm(wiring.availability, wiring.addresses)


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
@operation(
    "getAvailability", tag="Availability", responses={200: AvailabilityOut}, errors=("FORBIDDEN",)
)
def get_availability(
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
) -> Response[str]:
    """Get the caller's weekly windows, one entry per role.

    An Admin may name another user in userId, and gets the windows as a Coach and as a Learner. A
    role whose windows were never set returns the organization's default windows, with
    useDefaultAvailability true.
    """
    caller = app.caller.acting_for(userId)
    availability: AvailabilityOut = {
        "userId": caller.user_id,
        "availability": [availability_out(each) for each in wiring.availability().of(caller)],
    }
    return success(availability, "Your availability.")


@app.put("/api/v1/availability")
@operation(
    "replaceAvailability",
    tag="Availability",
    responses={200: SavedAvailabilityOut},
    errors=("FORBIDDEN",),
)
def replace_availability(body: ReplaceAvailability) -> Response[str]:
    """Replace the weekly windows of the caller, or of the user an Admin names, for one role.

    The weekday key decides the day; dayOfWeek inside a window is accepted and ignored. A window's
    timezone defaults to the body's timezone. A window whose endTime is not after its startTime runs
    past midnight into the next day ("00:00" is midnight); equal times are rejected. Windows of one
    day that overlap or touch are merged. useDefaultAvailability true selects the organization's
    default windows; availability may then be omitted. conflictingSessions lists the caller's coming
    sessions that are outside the new windows; they are not changed. A role the caller does not have
    returns FORBIDDEN.
    """
    caller, now = app.caller.acting_for(body.user_id), wiring.now()
    stored = wiring.availability().replace(
        caller, role=body.role, zone=body.timezone, windows=body.windows(), now=now
    )
    return _saved(caller, stored, "Availability saved.")


@app.put("/api/v1/availability/timezone")
@operation(
    "setTimezone", tag="Availability", responses={200: SavedAvailabilityOut}, errors=("FORBIDDEN",)
)
def set_timezone(body: SetTimezone) -> Response[str]:
    """Set the time zone of the caller, or of the user an Admin names, for one role.

    Windows in the role's old time zone keep their wall-clock times and move to the new one; a
    window in another time zone keeps it. conflictingSessions lists the caller's coming sessions
    that are outside the windows; they are not changed.
    """
    caller, now = app.caller.acting_for(body.user_id), wiring.now()
    stored = wiring.availability().set_zone(caller, role=body.role, zone=body.timezone, now=now)
    return _saved(caller, stored, "Time zone saved.")


def _saved(caller: Caller, stored: RoleAvailability, message: str) -> Response[str]:
    sessions = wiring.availability().conflicting_sessions(caller, stored, now=wiring.now())
    return success(saved_availability_out(stored, sessions), message)


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
