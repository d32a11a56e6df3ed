"""Invitations and guests as the contract writes them."""

from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, StrictBool, TypeAdapter, ValidationError

from functions.invites.answers import (
    ExternalAttendeesOut,
    InviteStatusOut,
    RecipientOut,
    ResentOut,
    SessionType,
)
from shared.api.envelope import Body
from shared.api.fields import Email, PersonName, zulu
from shared.domain.invite import Invite
from shared.usecases.invitations.guests import Guest, GuestReport
from shared.usecases.invitations.report import InviteReport, ResendReport

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


class GuestIn(Body):
    """A guest with a name."""

    email: Email
    name: PersonName | None = None

    def guest(self) -> Guest:
        """Return the use-case's guest."""
        return Guest(email=self.email, name=self.name)


def _from_address(value: Any) -> Any:
    """Read a bare address; the problem with one is told by the place of the guest itself."""
    if not isinstance(value, str):
        return value
    try:
        return {"email": _EMAIL.validate_python(value)}
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from error


class ReplaceAttendees(Body):
    """PUT /sessions/{sessionId}/external-attendees."""

    attendees: Annotated[
        tuple[
            Annotated[
                GuestIn, BeforeValidator(_from_address, json_schema_input_type=Email | GuestIn)
            ],
            ...,
        ],
        Field(max_length=100),
    ]

    def guests(self) -> tuple[Guest, ...]:
        """Return who is to be invited, as given."""
        return tuple(each.guest() for each in self.attendees)


class ResendInvites(Body):
    """POST /events/{eventId}/resend-invites; the body may be left out."""

    recipients: Annotated[tuple[Email, ...], Field(max_length=100)] = ()
    force: StrictBool = False


def report_out(report: InviteReport) -> InviteStatusOut:
    """Return the contract's InviteStatus."""
    return {
        "eventId": report.event_id,
        "summary": dict(report.summary),
        "recipients": [_recipient_out(each) for each in report.invites],
    }


def _recipient_out(invite: Invite) -> RecipientOut:
    newest = invite.newest
    return {
        "email": invite.address,
        "name": invite.name,
        "kind": invite.kind,
        "status": invite.status,
        "attempts": len(invite.attempts),
        "messageId": newest.message_id if newest else None,
        "bounceType": newest.bounce_type if newest else None,
        "diagnostic": newest.diagnostic if newest else None,
        "updatedAt": zulu(newest.updated_at) if newest else None,
    }


def resent_out(resent: ResendReport) -> ResentOut:
    """Return what was sent again and what was not."""
    return {
        "eventId": resent.event_id,
        "resent": list(resent.resent),
        "skipped": [{"email": email, "reason": reason} for email, reason in resent.skipped],
    }


def externals_out(view: GuestReport) -> ExternalAttendeesOut:
    """Return the contract's external attendees."""
    guests = zip(view.guest_list.attendees, view.statuses, strict=True)
    return {
        "sessionId": view.guest_list.session_id,
        "sessionType": cast("SessionType", view.guest_list.session_type),
        "attendees": [
            {
                "email": each.email,
                "name": each.name,
                "addedAt": zulu(each.added_at),
                "inviteStatus": status,
            }
            for each, status in guests
        ],
    }
