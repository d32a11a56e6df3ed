"""Time off of the caller, or of the user an Admin names."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.holidays.requests import CreateHoliday
from functions.holidays.responses import (
    CreatedHolidayOut,
    DeletedHolidayOut,
    HolidayOut,
    created_holiday_out,
    holiday_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import UserId
from shared.api.operation import operation

OfUser = Annotated[UserId | None, Query()]

app = App(addresses=wiring.addresses)
wiring.warm(wiring.holidays, wiring.addresses)


@app.get("/api/v1/holidays")
@operation("listHolidays", tag="Holidays", responses={200: list[HolidayOut]}, errors=("FORBIDDEN",))
def list_holidays(userId: OfUser = None) -> Response[str]:  # noqa: N803 - the query's name
    """List the caller's holidays for all roles, ordered by startDate.

    An Admin may name another user in userId.
    """
    holidays = wiring.holidays().of(app.caller.acting_for(userId))
    return success([holiday_out(each) for each in holidays], "Your holidays.")


@app.post("/api/v1/holidays")
@operation(
    "createHoliday",
    tag="Holidays",
    responses={201: CreatedHolidayOut},
    errors=("FORBIDDEN", "TOO_MANY_REQUESTS"),
)
def create_holiday(body: CreateHoliday) -> Response[str]:
    """Create a holiday from startDate to endDate, both inclusive, in the role's time zone.

    A holiday lasts at most 366 days. conflictingSessions lists the sessions it overlaps; they are
    not cancelled. A role the caller does not have returns FORBIDDEN. An Admin may name another user
    in userId, and the holiday is theirs.
    """
    added = wiring.holidays().add(
        app.caller.acting_for(body.user_id),
        name=body.name,
        role=body.role,
        first=body.start_date,
        last=body.end_date,
        now=wiring.now(),
    )
    return success(created_holiday_out(added), "Holiday created.", status=201)


@app.delete("/api/v1/holidays/<holidayId>")
@operation(
    "deleteHoliday",
    tag="Holidays",
    responses={200: DeletedHolidayOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def delete_holiday(
    holidayId: Annotated[UUID, Path()],  # noqa: N803 - the path's name
    userId: OfUser = None,  # noqa: N803 - the query's name
) -> Response[str]:
    """Delete a holiday of the caller, or of the user an Admin names in userId.

    A holiday of any other user returns NOT_FOUND.
    """
    wiring.holidays().remove(app.caller.acting_for(userId), str(holidayId))
    deleted: DeletedHolidayOut = {"id": str(holidayId)}
    return success(deleted, "Holiday deleted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
