"""Checks that older servers request without a token: is a user free, is a user set up."""

from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.legacy.responses import CalendarSetupOut, FreeCheckOut
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import success
from shared.api.fields import RoleName, UserId
from shared.api.instants import NaiveOrAwareInstant, Zone, instant_in, zulu
from shared.api.operation import operation
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.zones import zone

app = App()
wiring.warm(wiring.legacy, wiring.address_limits)


@app.get("/api/v1/legacy/check-availability", security=PUBLIC)
@operation(
    "legacyCheckAvailability",
    tag="Legacy",
    responses={200: FreeCheckOut},
    errors=("TOO_MANY_REQUESTS",),
)
def check_availability(
    userId: Annotated[UserId, Query()],  # noqa: N803 - the contract's name
    role: Annotated[RoleName, Query()],
    dateTime: Annotated[NaiveOrAwareInstant, Query()],  # noqa: N803 - the contract's name
    timezone: Annotated[Zone, Query()] = "UTC",
) -> Response[str]:
    """Check whether a user is free at an instant, for older servers.

    Public. Returns only whether the user is free and why. A user who has set no availability for
    the role, and an unknown user, are outside their availability at every instant; so is everyone
    on a holiday. A dateTime without an offset is local time in timezone.
    """
    app.limit_by_address()
    instant = _instant(dateTime, timezone)
    status = wiring.legacy().at(userId, role, instant, now=wiring.now())
    check: FreeCheckOut = {
        "userId": userId,
        "role": role,
        "dateTime": zulu(instant),
        "available": status.available,
        "reason": status.reason,
    }
    return success(check, "Availability checked.")


@app.get("/api/v1/legacy/calendar-setup", security=PUBLIC)
@operation(
    "legacyCalendarSetup",
    tag="Legacy",
    responses={200: CalendarSetupOut},
    errors=("TOO_MANY_REQUESTS",),
)
def calendar_setup(
    userId: Annotated[UserId, Query()],  # noqa: N803 - the contract's name
    role: Annotated[RoleName, Query()],
) -> Response[str]:
    """Check whether a user has completed calendar setup, for older servers.

    Public. Setup is complete with any connection and any availability window for the role.
    """
    app.limit_by_address()
    setup = wiring.legacy().setup(userId, role)
    response: CalendarSetupOut = {
        "userId": userId,
        "role": role,
        "hasConnection": setup.has_connection,
        "hasAvailability": setup.has_availability,
        "isComplete": setup.has_connection and setup.has_availability,
    }
    return success(response, "Calendar setup status.")


def _instant(moment: datetime, zone_name: str) -> datetime:
    try:
        return instant_in(moment, zone(zone_name))
    except ValueError as error:
        problem = FieldProblem("dateTime", str(error))
        raise InvalidRequest(f"Check the request: dateTime {error}.", [problem]) from error


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
