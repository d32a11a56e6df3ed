"""The caller's time off."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
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
from shared.api.operation import operation

app = App()
wiring.warm(wiring.holidays)


@app.get("/api/v1/holidays")
@operation("listHolidays", tag="Holidays", responses={200: list[HolidayOut]})
def list_holidays() -> Response[str]:
    """List the caller's holidays for all roles, ordered by startDate."""
    holidays = wiring.holidays().of(app.caller)
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
    not cancelled. A role the caller does not have returns FORBIDDEN.
    """
    added = wiring.holidays().add(
        app.caller,
        name=body.name,
        role=body.role,
        first=body.start_date,
        last=body.end_date,
        now=wiring.now(),
    )
    return success(created_holiday_out(added), "Holiday created.", status=201)


@app.delete("/api/v1/holidays/<holidayId>")
@operation(
    "deleteHoliday", tag="Holidays", responses={200: DeletedHolidayOut}, errors=("NOT_FOUND",)
)
def delete_holiday(holidayId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Delete one of the caller's holidays. Another user's holiday returns NOT_FOUND."""
    wiring.holidays().remove(app.caller, str(holidayId))
    deleted: DeletedHolidayOut = {"id": str(holidayId)}
    return success(deleted, "Holiday deleted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
