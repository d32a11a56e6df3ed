"""Events: the day list, booking, changing, cancelling and approving."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.events.requests import Approval, CreateEvent, SessionRef, UpdateEvent
from functions.events.responses import DayEventsOut, EventOut, day_out, event_out
from shared import wiring
from shared.api.app import TOKEN_OPTIONAL, App
from shared.api.envelope import success
from shared.api.fields import PathSessionId, UserId
from shared.api.instants import Day, Zone
from shared.api.operation import KIB, operation
from shared.domain.caller import Caller
from shared.domain.limits import DAY_LISTS

_LARGEST_EVENT = 128 * KIB
"""50 contacts with long names as \\u escapes fit."""

app = App()
wiring.warm(wiring.events, wiring.day_list)


@app.get("/api/v1/events", security=TOKEN_OPTIONAL)
@operation(
    "listEventsForDate",
    tag="Events",
    responses={200: DayEventsOut},
    errors=("TOO_MANY_REQUESTS",),
)
def list_events_for_date(
    date: Annotated[Day, Query()],
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
    timezone: Annotated[Zone | None, Query()] = None,
) -> Response[str]:
    """List a user's events on one local date, from this service and every connected calendar.

    Public. With a token, userId defaults to the caller. Another user's entries are reduced to their
    times, except for Admin: title is "Busy", source is "busy", and location, link, participants and
    calendar names are omitted.

    Without a token, userId is required, and only busy times are listed: entries marked free are
    left out, entries that overlap or touch are merged, and allDay is false. The response for a user
    who has nothing on that date is the same as for an unknown id. A stack may be configured to show
    everything to everyone.

    The date is in timezone (default: the user's own, else UTC; without a token, UTC). An
    entry is listed if it overlaps that local day. Cancelled sessions are not listed, and a
    session's copies in connected calendars are not listed in addition to the session. A calendar
    that fails or times out never fails the request; sources reports it, without a token as one
    item that says that busy times may be missing.
    """
    caller = app.caller_if_any
    _limit_day_lists(caller, userId)
    view = wiring.day_list().on(caller, day=date, user_id=userId, zone_name=timezone)
    return success(day_out(view, caller), "Events for the date.")


@app.post("/api/v1/events")
@operation(
    "createEvent",
    tag="Events",
    responses={201: EventOut, 200: EventOut},
    errors=(
        "START_IN_PAST",
        "FORBIDDEN",
        "SLOT_TAKEN",
        "CALENDAR_UNREADABLE",
        "EVENT_EXISTS",
        "TOO_MANY_PENDING",
        "TOO_MANY_SESSIONS",
    ),
    max_body_bytes=_LARGEST_EVENT,
)
def create_event(body: CreateEvent) -> Response[str]:
    """Create the event of a session and write it to every participant's calendars.

    An event's id is its sessionId. Its participants are coachId, learnerId and adminId together, 50
    at most. The token's id and role must fit owner. COACH: the caller has the role Coach and is
    among coachId. COACHEE: the caller has the role Learner and is the only learner, with exactly
    one coach. ADMIN: role Admin. An Admin, and a service with the scope events:write, may create
    with any owner. COACH and COACHEE require a coach and a learner; ADMIN requires adminId and a
    coach or a learner. endTime is after startTime, by at most 24 hours, and startTime is not in the
    past. With autoApproval the event is SCHEDULED immediately; otherwise it is PENDING_APPROVAL: it
    occupies its time, but no calendar is written and no mail is sent until it is approved.

    Booking is atomic. Who must be free: all coaches, and with exactly one learner the learner. When
    an Admin or a service books: with one coach and one learner, both; with one coach and any other
    number of learners, the coach; with one learner and any other number of coaches, the learner;
    otherwise, none of them. If one of them is busy, the response is SLOT_TAKEN with up to five
    alternatives and nothing is written. If one of their calendars cannot be read, the response is
    CALENDAR_UNREADABLE, or a warning if the stack allows it. Coaches and learners who need not be
    free cause warnings. allowConflicts books in all these cases and reports them in warnings.

    Bidirectional controls (U+202A to U+202E, U+2066 to U+206F) are removed from title, location and
    names. A sessionLink or a link in location must not have a user name, and its host must not mix
    scripts or look like Latin letters: write such a host in its ASCII form (xn--...).

    contacts gives e-mail addresses of participants, used for invitations only. Sending the same
    body again returns 200 with the event and changes nothing; another body for the same session
    returns EVENT_EXISTS. Only if a user has created a pending event, and takes no part in the new
    one, an Admin's or service's request replaces it: the old time is released, and version goes on.
    Calendars are written after the response: GET /api/v1/events/{eventId} shows the state of each.
    """
    view = wiring.events().create(app.caller, body.draft(), now=wiring.now())
    if view.created:
        return success(event_out(view), "Event created.", status=201)
    return success(event_out(view), "The event already exists, from the same request.")


@app.put("/api/v1/events")
@operation(
    "updateEvent",
    tag="Events",
    responses={200: EventOut},
    errors=(
        "OWNER_REQUIRED",
        "START_IN_PAST",
        "FORBIDDEN",
        "NOT_FOUND",
        "SLOT_TAKEN",
        "CALENDAR_UNREADABLE",
        "EVENT_CANCELLED",
        "VERSION_CONFLICT",
        "TOO_MANY_SESSIONS",
    ),
    max_body_bytes=_LARGEST_EVENT,
)
def update_event(body: UpdateEvent) -> Response[str]:
    """Change an event and update every calendar copy.

    Only the given fields change; null clears a link or a location. Only fields whose value differs
    from the stored one need a right, and rights follow from the stored event. Users may give their
    own contact. With startTime, endTime, coachId, learnerId or adminId, owner and the participants
    it requires must be given (OWNER_REQUIRED). A learner who moves a session names owner COACHEE;
    this does not change the stored owner.

    A new time or new participants are booked atomically under the rules of creation; the event's
    own time never conflicts with itself. A removed participant loses the calendar copy and gets a
    cancellation; an added participant gets a copy or an invitation. An outdated expectedVersion
    returns VERSION_CONFLICT, a cancelled event EVENT_CANCELLED.
    """
    view = wiring.events().update(app.caller, body.change(), now=wiring.now())
    return success(event_out(view), "Event updated.")


@app.post("/api/v1/events/cancel")
@operation(
    "cancelEvent",
    tag="Events",
    responses={200: EventOut},
    errors=("FORBIDDEN", "NOT_FOUND", "VERSION_CONFLICT"),
)
def cancel_event(body: SessionRef) -> Response[str]:
    """Cancel an event, free its time and remove it from every calendar.

    Cancelling again returns 200 and changes nothing. With expectedVersion, an event that has
    another version is not cancelled (VERSION_CONFLICT).
    """
    view = wiring.events().cancel(
        app.caller, body.session_id, expected_version=body.expected_version, now=wiring.now()
    )
    return success(event_out(view), "Event cancelled.")


@app.post("/api/v1/events/approve")
@operation(
    "approveEvent",
    tag="Events",
    responses={200: EventOut},
    errors=(
        "FORBIDDEN",
        "NOT_FOUND",
        "SLOT_TAKEN",
        "CALENDAR_UNREADABLE",
        "EVENT_CANCELLED",
        "VERSION_CONFLICT",
    ),
)
def approve_event(body: Approval) -> Response[str]:
    """Approve a pending event and write it to every connected calendar.

    Busy times are checked again as at creation (SLOT_TAKEN, unless allowConflicts is true).
    Approving again returns 200 and changes nothing. With expectedVersion, an event that has changed
    since is not approved (VERSION_CONFLICT).
    """
    view = wiring.events().approve(
        app.caller,
        body.session_id,
        allow_conflicts=body.allow_conflicts,
        expected_version=body.expected_version,
        now=wiring.now(),
    )
    return success(event_out(view), "Event approved.")


@app.get("/api/v1/events/<eventId>")
@operation("getEvent", tag="Events", responses={200: EventOut}, errors=("NOT_FOUND",))
def get_event(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Get one event with the state of each calendar copy.

    For coaches of the event with the role Coach, its learners, Admin, and a service with the scope
    events:write; anyone else gets NOT_FOUND. Of calendars of other users, sync shows the state
    only; audit is for Admin and a service.
    """
    return success(event_out(wiring.events().read(app.caller, eventId)), "Event.")


def _limit_day_lists(caller: Caller | None, user_id: str | None) -> None:
    """Count a request without a token per address, and one about another user per caller."""
    if caller is None:
        app.limit_by_address()
    elif user_id not in {None, caller.user_id} and not caller.manages_events:
        wiring.day_list_limits().take(DAY_LISTS, caller.user_id, now=wiring.real_now())


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
