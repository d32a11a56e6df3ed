"""The ends of a session, and its approval: cancel, leave, approve, decline."""

from aws_lambda_powertools.event_handler import Response

from functions.events.app import app
from functions.events.requests import Approval, Closing, SessionRef
from functions.events.responses import EventOut, event_out
from shared import wiring
from shared.api.envelope import success
from shared.api.operation import operation


@app.post("/api/v1/events/cancel")
@operation(
    "cancelEvent",
    tag="Events",
    responses={200: EventOut},
    errors=("FORBIDDEN", "NOT_FOUND", "VERSION_CONFLICT"),
)
def cancel_event(body: Closing) -> Response[str]:
    """Cancel an event, free its time and remove it from every calendar.

    reason is stored and shown in the cancellations by mail. Cancelling again returns 200 and
    changes nothing, and so does cancelling a declined or expired event. With expectedVersion, an
    event that has another version is not cancelled (VERSION_CONFLICT). After the end of the session
    only the record changes: calendars keep it, and no mail is sent.
    """
    view = wiring.events().cancel(
        app.caller,
        body.session_id,
        reason=body.reason,
        expected_version=body.expected_version,
        now=wiring.now(),
    )
    return success(event_out(view), "Event cancelled.")


@app.post("/api/v1/events/leave")
@operation(
    "leaveEvent",
    tag="Events",
    responses={200: EventOut},
    errors=("FORBIDDEN", "NOT_FOUND", "EVENT_CANCELLED", "EVENT_ENDED", "VERSION_CONFLICT"),
)
def leave_event(body: SessionRef) -> Response[str]:
    """Leave a group session as one of its learners; the others keep it.

    The caller's time is free again, their calendar copy is removed, and they get a cancellation if
    they were invited by mail. Afterwards they no longer see the session. The last learner cannot
    leave; a coach or an Admin cancels the session instead. With expectedVersion, an event that has
    another version is not left (VERSION_CONFLICT).
    """
    view = wiring.events().leave(
        app.caller, body.session_id, expected_version=body.expected_version, now=wiring.now()
    )
    return success(event_out(view), "Session left.")


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
        "TOO_MANY_SESSIONS",
        "TOO_LARGE",
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


@app.post("/api/v1/events/decline")
@operation(
    "declineEvent",
    tag="Events",
    responses={200: EventOut},
    errors=("FORBIDDEN", "NOT_FOUND", "EVENT_CANCELLED", "NOT_PENDING", "VERSION_CONFLICT"),
)
def decline_event(body: Closing) -> Response[str]:
    """Decline a pending event and free its time.

    reason is stored, and the participants see it in the event. Declining again returns 200 and
    changes nothing. An approved event is not declined (NOT_PENDING): cancel it. With
    expectedVersion, an event that has changed since is not declined (VERSION_CONFLICT).
    """
    view = wiring.events().decline(
        app.caller,
        body.session_id,
        reason=body.reason,
        expected_version=body.expected_version,
        now=wiring.now(),
    )
    return success(event_out(view), "Event declined.")
