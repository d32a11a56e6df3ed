"""What older servers ask without a token: whether a user is free, and whether they are set up."""

from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.legacy.answers import FreeOut, SetupOut
from shared import wiring
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer
from shared.api.fields import InstantStatus, RoleName, UserId, Zone, instant_in, zulu
from shared.api.operation import operation
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.zones import zone

app = App()
wiring.warm(wiring.legacy, wiring.address_limit)


@app.get("/api/v1/legacy/check-availability", security=PUBLIC)
@operation(
    "legacyCheckAvailability",
    tag="Legacy",
    answers={200: FreeOut},
    errors=("TOO_MANY_REQUESTS",),
)
def check_availability(
    userId: Annotated[UserId, Query()],  # noqa: N803 - the contract's name
    role: Annotated[RoleName, Query()],
    dateTime: Annotated[InstantStatus, Query()],  # noqa: N803 - the contract's name
    timezone: Annotated[Zone, Query()] = "UTC",
) -> Response[str]:
    """Whether a user is free at an instant, for older servers.

    Public; says free or not and why, nothing else. An unknown user is outside their availability.
    A dateTime without an offset is what clocks show in timezone.
    """
    app.limit_by_address()
    instant = _instant(dateTime, timezone)
    found = wiring.legacy().at(userId, role, instant)
    told: FreeOut = {
        "userId": userId,
        "role": role,
        "dateTime": zulu(instant),
        "available": found.available,
        "reason": found.reason,
    }
    return answer(told, "Whether the user is free then.")


@app.get("/api/v1/legacy/calendar-setup", security=PUBLIC)
@operation(
    "legacyCalendarSetup",
    tag="Legacy",
    answers={200: SetupOut},
    errors=("TOO_MANY_REQUESTS",),
)
def calendar_setup(
    userId: Annotated[UserId, Query()],  # noqa: N803 - the contract's name
    role: Annotated[RoleName, Query()],
) -> Response[str]:
    """Whether a user has finished calendar setup, for older servers.

    Public. Setup takes any connection and any availability window of the role.
    """
    app.limit_by_address()
    found = wiring.legacy().setup(userId, role)
    told: SetupOut = {
        "userId": userId,
        "role": role,
        "hasConnection": found.has_connection,
        "hasAvailability": found.has_availability,
        "isComplete": found.has_connection and found.has_availability,
    }
    return answer(told, "How far the user's calendar setup is.")


def _instant(moment: datetime, zone_name: str) -> datetime:
    try:
        return instant_in(moment, zone(zone_name))
    except ValueError as error:
        problem = FieldProblem("dateTime", str(error))
        raise InvalidRequest(f"Check the request: dateTime {error}.", [problem]) from error


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
