"""E-mail invitations: their delivery status, resending them, and the guests of a session."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.invites.requests import ReplaceAttendees, ResendInvites
from functions.invites.responses import (
    ExternalAttendeesOut,
    InviteStatusOut,
    ResendResultOut,
    SessionType,
    external_attendees_out,
    invite_status_out,
    resend_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import success
from shared.api.fields import PathSessionId
from shared.api.operation import KIB, operation

app = App()
wiring.warm(wiring.invite_reports, wiring.guests)


@app.get("/api/v1/events/<eventId>/invite-status")
@operation(
    "getInviteStatus", tag="Invites", responses={200: InviteStatusOut}, errors=("NOT_FOUND",)
)
def get_invite_status(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """Get the delivery status of the invitations to an event.

    Admin, service and the event's coaches get every recipient. A learner of the event gets their
    own row only, and summary counts that one. Anyone else gets NOT_FOUND.

    A status only moves forward, regardless of the order or number of notifications: pending, sent,
    delayed, delivered, then bounced, rejected, failed or complaint, which is final. Resending
    starts a new attempt; the status is that of the newest attempt. A mail over a limit stays
    pending, and diagnostic says until when it waits.

    response is needsAction until the recipient accepts or declines in a calendar, and again after
    the session has been moved. It stays needsAction if answers are not received (RSVP_DOMAIN).
    """
    report = wiring.invite_reports().report(app.caller, eventId)
    return success(invite_status_out(report), "Invitation status.")


@app.post("/api/v1/events/<eventId>/resend-invites")
@operation(
    "resendInvites",
    tag="Invites",
    responses={200: ResendResultOut},
    errors=("FORBIDDEN", "NOT_FOUND", "NOT_SCHEDULED", "EVENT_ENDED", "TOO_MANY_REQUESTS"),
)
def resend_invites(
    eventId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    body: ResendInvites,
) -> Response[str]:
    """Resend invitations, by default to recipients whose last delivery failed.

    For Admin, service and the event's coaches. A learner of the event gets FORBIDDEN, anyone else
    NOT_FOUND.

    recipients lists the addresses to send to; an address the event does not invite is rejected.
    force sends to every recipient. A pending or cancelled event returns NOT_SCHEDULED, a session
    that is over EVENT_ENDED. A recipient who complained about a mail is skipped, until an Admin
    names the address in recipients. A session and a user may resend only so often
    (TOO_MANY_REQUESTS).
    """
    report = wiring.invite_reports().resend(
        app.caller, eventId, addresses=body.recipients, force=body.force, now=wiring.now()
    )
    return success(resend_out(report), "Invitations will be resent.")


@app.get("/api/v1/sessions/<sessionId>/external-attendees")
@operation(
    "listExternalAttendees",
    tag="Invites",
    responses={200: ExternalAttendeesOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def list_external_attendees(sessionId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """List the guests of a session (attendees without an account).

    With an event: for Admin, service and the event's coaches. A learner of the event gets
    FORBIDDEN, anyone else NOT_FOUND.

    Without an event: for Admin, service and every Coach. A list that another user has prepared
    looks empty to a Coach.
    """
    report = wiring.guests().read(app.caller, sessionId)
    return success(external_attendees_out(report), "External attendees.")


@app.put("/api/v1/sessions/<sessionId>/external-attendees")
@operation(
    "replaceExternalAttendees",
    tag="Invites",
    responses={200: ExternalAttendeesOut},
    errors=("FORBIDDEN", "NOT_FOUND", "EVENT_ENDED", "TOO_LARGE", "TOO_MANY_REQUESTS"),
    max_body_bytes=256 * KIB,  # 100 guests with long names as \u escapes
)
def replace_external_attendees(
    sessionId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    sessionType: Annotated[SessionType, Query()],  # noqa: N803 - the parameter's name
    body: ReplaceAttendees,
) -> Response[str]:
    """Replace the guests of a session and send an invitation to each new one.

    With an event: for Admin, service and the event's coaches. A learner of the event gets
    FORBIDDEN, anyone else NOT_FOUND.

    Without an event, the list is prepared: by Admin, service or a Coach, and only the user who
    prepared it, Admin and service may replace it; others get FORBIDDEN. The event invites the
    prepared guests if the user who created it, one of its coaches, Admin or service prepared them.
    Otherwise the list is emptied.

    A guest is an address or {email, name}. Addresses are compared case-insensitively and duplicates
    count once; at most 100. If an address is invalid, the error names its index and nothing
    changes. A guest who stays on the list is not mailed again; a removed guest gets a cancellation.
    While the event is pending or does not exist yet, invitations wait for it. Guests per session,
    and guests that a user adds per day, are limited (TOO_MANY_REQUESTS). Once the session is over,
    its guests stay as they are (EVENT_ENDED).
    """
    report = wiring.guests().replace(
        app.caller,
        sessionId,
        session_type=sessionType,
        guests=body.guests(),
        now=wiring.now(),
    )
    return success(external_attendees_out(report), "External attendees saved.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle an API Gateway v2 payload."""
    return app.handle(payload, context)
