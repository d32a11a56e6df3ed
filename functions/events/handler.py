"""Events: the day list, booking, changing, cancelling and approving."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.events.schemas import (
    Approval,
    CreateEvent,
    SessionRef,
    UpdateEvent,
    day_out,
    event_out,
)
from shared import wiring
from shared.api.app import TOKEN_OPTIONAL, App
from shared.api.envelope import answer
from shared.api.fields import Day, PathSessionId, UserId, Zone

app = App()


@app.get("/api/v1/events", security=TOKEN_OPTIONAL)
def list_events_for_date(
    date: Annotated[Day, Query()],
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
) -> Response[str]:
    """A user's events of one local date, ours and those of every connected calendar."""
    caller = app.caller_if_any
    view = wiring.day_list().on(caller, day=date, user_id=userId, zone_name=timezone)
    return answer(day_out(view, caller), "Events of the date.")


@app.post("/api/v1/events")
def create_event(body: CreateEvent) -> Response[str]:
    """Book a session."""
    view = wiring.events().create(app.caller, body.draft(), now=wiring.now())
    if view.created:
        return answer(event_out(view), "Event created.", status=201)
    return answer(event_out(view), "The event exists already, from the same request.")


@app.put("/api/v1/events")
def update_event(body: UpdateEvent) -> Response[str]:
    """Change an event."""
    view = wiring.events().update(app.caller, body.change(), now=wiring.now())
    return answer(event_out(view), "Event updated.")


@app.post("/api/v1/events/cancel")
def cancel_event(body: SessionRef) -> Response[str]:
    """Cancel an event."""
    view = wiring.events().cancel(app.caller, body.session_id, now=wiring.now())
    return answer(event_out(view), "Event cancelled.")


@app.post("/api/v1/events/approve")
def approve_event(body: Approval) -> Response[str]:
    """Approve a pending event."""
    view = wiring.events().approve(
        app.caller, body.session_id, allow_conflicts=body.allow_conflicts, now=wiring.now()
    )
    return answer(event_out(view), "Event approved.")


@app.get("/api/v1/events/<eventId>")
def get_event(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """One event with the state of each calendar copy."""
    return answer(event_out(wiring.events().read(app.caller, eventId)), "The event.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
