"""Bookable slots."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.slots.schemas import slot_day
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.fields import Day, RoleName, SessionId, UserId, Zone
from shared.usecases.slots import SlotQuery

app = App()
wiring.warm(wiring.slots)


@app.get("/api/v1/available-slots")
def find_slots(  # noqa: PLR0917 - the contract's parameters, given by name
    date: Annotated[Day, Query()],
    role: Annotated[RoleName, Query()],
    coachId: Annotated[UserId, Query()],  # noqa: N803
    learnerId: Annotated[UserId, Query()],  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
    sessionId: Annotated[SessionId | None, Query()] = None,  # noqa: N803
    reschedule: Annotated[Literal["true", "false"], Query()] = "false",
    duration: Annotated[int | None, Query(ge=5, le=480)] = None,
) -> Response[str]:
    """Bookable slots of one date for one coach and one learner."""
    caller = app.caller
    query = SlotQuery(
        day=date,
        role=role,
        coach_ids=(coachId,),
        learner_ids=(learnerId,),
        zone=timezone,
        length=timedelta(minutes=duration) if duration else None,
        session_id=sessionId,
        reschedule=reschedule == "true",
    )
    found = wiring.slots().on(query, now=wiring.now())
    return answer(slot_day(found, caller), "Slots of the date.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
