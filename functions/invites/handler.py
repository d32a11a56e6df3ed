"""Invitations by mail: how they fared, sending them again, and the guests of a session."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.invites.schemas import (
    ReplaceAttendees,
    ResendInvites,
    SessionType,
    externals_out,
    report_out,
    resent_out,
)
from shared import wiring
from shared.api.app import App
from shared.api.envelope import answer
from shared.api.fields import PathSessionId

app = App()


@app.get("/api/v1/events/<eventId>/invite-status")
def get_invite_status(eventId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """How each invitation of an event fared."""
    return answer(report_out(wiring.invites().report(app.caller, eventId)), "The invitations.")


@app.post("/api/v1/events/<eventId>/resend-invites")
def resend_invites(
    eventId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    body: ResendInvites,
) -> Response[str]:
    """Send invitations again."""
    resent = wiring.invites().resend(
        app.caller, eventId, addresses=body.recipients, force=body.force
    )
    return answer(resent_out(resent), "Invitations are sent again.")


@app.get("/api/v1/sessions/<sessionId>/external-attendees")
def list_external_attendees(sessionId: Annotated[PathSessionId, Path()]) -> Response[str]:  # noqa: N803 - the path's name
    """The guests of a session."""
    view = wiring.external_attendees().read(app.caller, sessionId)
    return answer(externals_out(view), "The external attendees.")


@app.put("/api/v1/sessions/<sessionId>/external-attendees")
def replace_external_attendees(
    sessionId: Annotated[PathSessionId, Path()],  # noqa: N803 - the path's name
    sessionType: Annotated[SessionType, Query()],  # noqa: N803 - the parameter's name
    body: ReplaceAttendees,
) -> Response[str]:
    """Replace the guests of a session."""
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
