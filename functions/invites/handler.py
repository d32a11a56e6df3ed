"""Invitations by mail: how they fared, sending them again, and the guests of a session."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.invites.answers import (
    ExternalAttendeesOut,
    InviteStatusOut,
    ResentOut,
    SessionType,
)
from functions.invites.schemas import (
    ReplaceAttendees,
    ResendInvites,
    externals_out,
    report_out,
    resent_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.fields import PathSessionId
from shared.api.operation import operation

app = App()
wiring.warm(wiring.invites, wiring.external_attendees)


@app.get("/api/v1/events/<eventId>/invite-status")
@operation("getInviteStatus", tag="Invites", answers={200: InviteStatusOut}, errors=("NOT_FOUND",))
def get_invite_status(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """How each invitation of an event fared.

    For its participants and Admin; for anybody else there is none. A status moves forward only,
    whatever order notifications arrive in and however often: pending, sent, delayed, delivered,
    then bounced, rejected, failed or complaint, which outranks all. A resend starts a new attempt,
    and the status is that of the newest attempt.
    """
    return answer(report_out(wiring.invites().report(app.caller, eventId)), "The invitations.")


@app.post("/api/v1/events/<eventId>/resend-invites")
@operation(
    "resendInvites",
    tag="Invites",
    answers={200: ResentOut},
    errors=("FORBIDDEN", "NOT_FOUND", "NOT_SCHEDULED"),
)
def resend_invites(
    eventId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    body: ResendInvites,
) -> Response[str]:
    """Send invitations again, by default to those whose last delivery failed.

    recipients names the addresses to send to (one that the event does not invite is refused), force
    takes every recipient. For participants and Admin. A pending or cancelled event is
    NOT_SCHEDULED.
    """
    resent = wiring.invites().resend(
        app.caller, eventId, addresses=body.recipients, force=body.force, now=wiring.now()
    )
    return answer(resent_out(resent), "Invitations are sent again.")


@app.get("/api/v1/sessions/<sessionId>/external-attendees")
@operation(
    "listExternalAttendees",
    tag="Invites",
    answers={200: ExternalAttendeesOut},
    errors=("NOT_FOUND",),
)
def list_external_attendees(sessionId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """The guests of a session, who are no users of the platform.

    With an event for its participants and Admin, without one for Admin and every Coach.
    """
    view = wiring.external_attendees().read(app.caller, sessionId)
    return answer(externals_out(view), "The external attendees.")


@app.put("/api/v1/sessions/<sessionId>/external-attendees")
@operation(
    "replaceExternalAttendees",
    tag="Invites",
    answers={200: ExternalAttendeesOut},
    errors=("FORBIDDEN", "NOT_FOUND"),
)
def replace_external_attendees(
    sessionId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    sessionType: Annotated[SessionType, Query()],  # noqa: N803 - the parameter's name
    body: ReplaceAttendees,
) -> Response[str]:
    """Replace the guests of a session and mail an invitation to each new one.

    A guest is an address or {email, name}. Addresses are compared without regard to case; the same
    one twice counts once; 100 at most. One bad address is told with its index, and nothing
    changes. Who stays is not mailed again, who is removed gets a cancellation. While the event is
    pending, or there is none yet, invitations wait for it. A session without an event may be
    written by Admin and every Coach, with one by its participants and Admin.
    """
    view = wiring.external_attendees().replace(
        app.caller,
        sessionId,
        session_type=sessionType,
        guests=body.guests(),
        now=wiring.now(),
    )
    return answer(externals_out(view), "External attendees stored.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)
