"""Events as lists of a day or a range, and one by one."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from functions.events.app import app
from functions.events.responses import DayEventsOut, EventOut, day_out, event_out
from functions.events.session_pages import SessionPageOut, page_out
from shared import wiring
from shared.api.app import TOKEN_OPTIONAL
from shared.api.envelope import success
from shared.api.fields import PathSessionId, StatusName, UserId
from shared.api.instants import Day, DayOrInstant, Zone
from shared.api.operation import operation
from shared.domain.caller import Caller
from shared.domain.limits import DAY_LISTS
from shared.usecases.finding.session_list import SessionQuery


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
    view = wiring.day_list().on(
        caller, day=date, user_id=userId, zone_name=timezone, now=wiring.now()
    )
    return success(day_out(view, caller), "Events for the date.")


@app.get("/api/v1/sessions")
@operation("listSessions", tag="Events", responses={200: SessionPageOut}, errors=("FORBIDDEN",))
def list_sessions(  # noqa: PLR0917 - the contract's parameters, given by name
    userId: Annotated[UserId | None, Query()] = None,  # noqa: N803
    first: Annotated[DayOrInstant | None, Query(alias="from")] = None,
    last: Annotated[DayOrInstant | None, Query(alias="to")] = None,
    status: Annotated[StatusName | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response[str]:
    """List the sessions of a user in a range of time, page by page.

    Everyone may list their own sessions, an Admin and a service with the scope events:write those
    of every user. With the status PENDING_APPROVAL and without userId, these two get the sessions
    of all users that wait for approval, by default in any range.

    A session is listed if it overlaps the range and the user takes part in it, whatever its status.
    Sessions that were cancelled or declined, or have expired, are listed if they have at most 16
    participants. cursor is null on the last page; a page before it may have fewer sessions than
    limit.
    """
    query = SessionQuery(
        user_id=userId, first=first, last=last, status=status, limit=limit, after=cursor
    )
    page = wiring.session_list().page(app.caller, query, now=wiring.now())
    return success(page_out(page), "Sessions.")


@app.get("/api/v1/events/<eventId>")
@operation("getEvent", tag="Events", responses={200: EventOut}, errors=("NOT_FOUND",))
def get_event(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Get one event with the state of each calendar copy.

    For coaches of the event with the role Coach, its learners, Admin, and a service with the scope
    events:write; anyone else gets NOT_FOUND. Of calendars of other users, sync shows the state
    only; audit is for Admin and a service.
    """
    return success(event_out(wiring.events().read(app.caller, eventId, now=wiring.now())), "Event.")


def _limit_day_lists(caller: Caller | None, user_id: str | None) -> None:
    """Count a request without a token per address, and one about another user per caller."""
    if caller is None:
        app.limit_by_address()
    elif user_id not in {None, caller.user_id} and not caller.manages_events:
        wiring.day_list_limits().take(DAY_LISTS, caller.user_id, now=wiring.real_now())
