"""Time off of the caller."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.holidays.answers import CreatedHolidayOut, DeletedHolidayOut, HolidayOut
from functions.holidays.schemas import CreateHoliday, created_holiday_out, holiday_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.operation import operation

app = App()
wiring.warm(wiring.holidays)


@app.get("/api/v1/holidays")
@operation("listHolidays", tag="Holidays", answers={200: list[HolidayOut]})
def list_holidays() -> Response[str]:
    """All of the caller's holidays, across roles, in order of startDate."""
    found = wiring.holidays().of(app.caller)
    return answer([holiday_out(each) for each in found], "Your holidays.")


@app.post("/api/v1/holidays")
@operation("createHoliday", tag="Holidays", answers={201: CreatedHolidayOut}, errors=("FORBIDDEN",))
def create_holiday(body: CreateHoliday) -> Response[str]:
    """Keep time off from startDate to endDate, both included, in the role's time zone.

    It lasts 366 days at most. conflictingSessions lists the sessions it falls on; they are not
    cancelled. A role the caller does not have is FORBIDDEN.
    """
    added = wiring.holidays().add(
        app.caller,
        name=body.name,
        role=body.role,
        first=body.start_date,
        last=body.end_date,
        now=wiring.now(),
    )
    return answer(created_holiday_out(added), "Holiday stored.", status=201)


@app.delete("/api/v1/holidays/<holidayId>")
@operation("deleteHoliday", tag="Holidays", answers={200: DeletedHolidayOut}, errors=("NOT_FOUND",))
def delete_holiday(holidayId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Delete one of the caller's holidays; somebody else's is not found."""
    wiring.holidays().remove(app.caller, str(holidayId))
    told: DeletedHolidayOut = {"id": str(holidayId)}
    return answer(told, "Holiday deleted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
