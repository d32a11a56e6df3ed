"""Time off of the caller."""

from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.holidays.schemas import CreateHoliday, holiday_out
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer

app = App()


@app.get("/api/v1/holidays")
def list_holidays() -> Response[str]:
    """All of the caller's holidays in order of startDate."""
    found = wiring.holidays().of(app.caller)
    return answer([holiday_out(each) for each in found], "Your holidays.")


@app.post("/api/v1/holidays")
def create_holiday(body: CreateHoliday) -> Response[str]:
    """Keep time off, and name the sessions it falls on."""
    added = wiring.holidays().add(
        app.caller,
        name=body.name,
        role=body.role,
        first=body.start_date,
        last=body.end_date,
        now=wiring.now(),
    )
    told = {
        **holiday_out(added.holiday),
        "conflictingSessions": list(added.conflicting_sessions),
    }
    return answer(told, "Holiday stored.", status=201)


@app.delete("/api/v1/holidays/<holidayId>")
def delete_holiday(holidayId: Annotated[UUID, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Delete one of the caller's holidays."""
    wiring.holidays().remove(app.caller, str(holidayId))
    return answer({"id": str(holidayId)}, "Holiday deleted.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
