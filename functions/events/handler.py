"""Events: the day list, booking, changing, cancelling and approving."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.events.answers import DayEventsOut, EventOut
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
from shared.api.operation import operation

app = App()
wiring.warm(wiring.events, wiring.day_list)


@app.get("/api/v1/events", security=TOKEN_OPTIONAL)
@operation(
    "listEventsForDate",
    tag="Events",
    answers={200: DayEventsOut},
    errors=("TOO_MANY_REQUESTS",),
)
def list_events_for_date(
    date: Annotated[Day, Query()],
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
) -> Response[str]:
    """A user's events of one local date, ours and those of every connected calendar.

    Public. Without a token userId is required, and every entry is reduced to its times: its title
    is "Busy", and place, link, participants and calendar names are left out, unless the stack
    trusts its network. With a token userId defaults to the caller; another user's entries are
    reduced likewise, but not for Admin.

    The date is one of timezone (default: the user's own, else UTC); an entry belongs to it when it
    overlaps that local day. Cancelled sessions are not listed, nor a provider's copy of a session
    beside the session itself. A calendar that fails or is too late never fails the request: its
    source says so.
    """
    caller = app.caller_if_any
    if caller is None:
        app.limit_by_address()
    view = wiring.day_list().on(caller, day=date, user_id=userId, zone_name=timezone)
    return answer(day_out(view, caller), "Events of the date.")


@app.post("/api/v1/events")
@operation(
    "createEvent",
    tag="Events",
    answers={201: EventOut, 200: EventOut},
    errors=("START_IN_PAST", "FORBIDDEN", "SLOT_TAKEN", "CALENDAR_UNREADABLE", "EVENT_EXISTS"),
)
def create_event(body: CreateEvent) -> Response[str]:
    """Create the event of a session and write it to every participant's calendars.

    An event's id is its sessionId; its participants are coachId, learnerId and adminId together, 50
    at most. The caller must be the owner that owner names (COACH: in coachId; COACHEE: in
    learnerId; ADMIN: adminId) or Admin. COACH and COACHEE need a coach and a learner, ADMIN needs
    adminId and one of either. endTime is after startTime, by 24 hours at most, and startTime not in
    the past. With autoApproval the event is SCHEDULED at once; otherwise PENDING_APPROVAL, which
    occupies its time but is written to no calendar and mailed to nobody until it is approved.

    Booking is atomic. Those must be free whom slot finding consults: one coach and one learner,
    both; one coach and any other number of learners, the coach; one learner and any other number of
    coaches, the learner; many and many, nobody. When one of them is not, the answer is SLOT_TAKEN
    with up to five alternatives and nothing is written; a calendar of theirs that cannot be read is
    CALENDAR_UNREADABLE, or a warning where the stack allows it. allowConflicts books despite
    either and says so in warnings; it is for Admin only.

    contacts gives addresses of participants, for invitations only. The same body again answers 200
    with the event and does nothing; another body for the session is EVENT_EXISTS. Calendars are
    written after the answer: GET /api/v1/events/{eventId} shows how far each one is.
    """
    view = wiring.events().create(app.caller, body.draft(), now=wiring.now())
    if view.created:
        return answer(event_out(view), "Event created.", status=201)
    return answer(event_out(view), "The event exists already, from the same request.")


@app.put("/api/v1/events")
@operation(
    "updateEvent",
    tag="Events",
    answers={200: EventOut},
    errors=(
        "OWNER_REQUIRED",
        "START_IN_PAST",
        "FORBIDDEN",
        "NOT_FOUND",
        "SLOT_TAKEN",
        "CALENDAR_UNREADABLE",
        "EVENT_CANCELLED",
        "VERSION_CONFLICT",
    ),
)
def update_event(body: UpdateEvent) -> Response[str]:
    """Change an event and bring every calendar copy in line.

    Only the fields given change; null clears a link or a location. With startTime, endTime,
    coachId, learnerId or adminId, owner and the participants that owner needs are required
    (OWNER_REQUIRED). A new time or other people are booked atomically under the rules of creation;
    the event's own time never conflicts with itself. Who leaves loses the calendar copy and gets a
    cancellation; who joins gets a copy or an invitation. A stale expectedVersion is
    VERSION_CONFLICT, a cancelled event EVENT_CANCELLED.
    """
    view = wiring.events().update(app.caller, body.change(), now=wiring.now())
    return answer(event_out(view), "Event updated.")


@app.post("/api/v1/events/cancel")
@operation("cancelEvent", tag="Events", answers={200: EventOut}, errors=("FORBIDDEN", "NOT_FOUND"))
def cancel_event(body: SessionRef) -> Response[str]:
    """Cancel an event, free its time and remove it from every calendar.

    Cancelling again answers 200 and changes nothing.
    """
    view = wiring.events().cancel(app.caller, body.session_id, now=wiring.now())
    return answer(event_out(view), "Event cancelled.")


@app.post("/api/v1/events/approve")
@operation(
    "approveEvent",
    tag="Events",
    answers={200: EventOut},
    errors=("FORBIDDEN", "NOT_FOUND", "SLOT_TAKEN", "CALENDAR_UNREADABLE", "EVENT_CANCELLED"),
)
def approve_event(body: Approval) -> Response[str]:
    """Approve a pending event and write it to every connected calendar. Admin only.

    Busy times are checked again as at creation (SLOT_TAKEN, unless allowConflicts). Approving again
    answers 200 and changes nothing.
    """
    view = wiring.events().approve(
        app.caller, body.session_id, allow_conflicts=body.allow_conflicts, now=wiring.now()
    )
    return answer(event_out(view), "Event approved.")


@app.get("/api/v1/events/<eventId>")
@operation("getEvent", tag="Events", answers={200: EventOut}, errors=("NOT_FOUND",))
def get_event(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """One event with the state of each calendar copy.

    For its participants and Admin; for anybody else there is none.
    """
    return answer(event_out(wiring.events().read(app.caller, eventId)), "The event.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
