"""Response data about invitations and guests."""

from typing import Literal, cast

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.invite import DeliveryState, Invite, InviteKind
from shared.usecases.invitations.guests import GuestReport
from shared.usecases.invitations.report import InviteReport, ResendReport

SessionType = Literal["coaching", "group"]


class RecipientOut(TypedDict):
    """The delivery status of the newest mail to one address."""

    email: str
    name: str | None
    kind: InviteKind
    status: DeliveryState
    attempts: int
    messageId: str | None
    bounceType: str | None
    diagnostic: str | None
    updatedAt: InstantText | None


class InviteStatusOut(TypedDict):
    """The delivery status of an event's invitations; summary counts the recipients by status."""

    eventId: str
    summary: dict[str, int]
    recipients: list[RecipientOut]


class SkippedRecipientOut(TypedDict):
    """An address that is not sent another mail, and why."""

    email: str
    reason: str


class ResendResultOut(TypedDict):
    """The addresses that are sent another mail, and those that are not."""

    eventId: str
    resent: list[str]
    skipped: list[SkippedRecipientOut]


class ExternalAttendeeOut(TypedDict):
    """A guest (an attendee without an account) and the delivery status of their invitation."""

    email: str
    name: str | None
    addedAt: InstantText
    inviteStatus: DeliveryState


class ExternalAttendeesOut(TypedDict):
    """The guests of a session."""

    sessionId: str
    sessionType: SessionType
    attendees: list[ExternalAttendeeOut]


def invite_status_out(report: InviteReport) -> InviteStatusOut:
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
        "attempts": invite.attempt_count,
        "messageId": newest.message_id if newest else None,
        "bounceType": newest.bounce_type if newest else None,
        "diagnostic": newest.diagnostic if newest else None,
        "updatedAt": zulu(newest.updated_at) if newest else None,
    }


def resend_out(report: ResendReport) -> ResendResultOut:
    """Return which addresses are mailed again and which are skipped."""
    return {
        "eventId": report.event_id,
        "resent": list(report.resent),
        "skipped": [{"email": email, "reason": reason} for email, reason in report.skipped],
    }


def external_attendees_out(report: GuestReport) -> ExternalAttendeesOut:
    """Return the contract's external attendees."""
    guests = zip(report.guest_list.attendees, report.statuses, strict=True)
    return {
        "sessionId": report.guest_list.session_id,
        "sessionType": cast("SessionType", report.guest_list.session_type),
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
