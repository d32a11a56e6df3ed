"""Response data about invitations and guests."""

from typing import Literal, cast

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.invite import Answer, DeliveryState, Invite, InviteKind, InviteMethod
from shared.domain.replies import current_response
from shared.domain.role import Role
from shared.usecases.invitations.guests import GuestReport, GuestStatus
from shared.usecases.invitations.report import InviteReport, ResendReport

SessionType = Literal["coaching", "group"]


class RecipientOut(TypedDict):
    """The delivery status of the newest mail to one address.

    method is REQUEST for an invitation and CANCEL for a cancellation. response is what the
    recipient answered to the newest invitation, and null after a cancellation.
    """

    userId: str | None
    email: str
    name: str | None
    kind: InviteKind
    status: DeliveryState
    method: InviteMethod | None
    attempts: int
    messageId: str | None
    bounceType: str | None
    diagnostic: str | None
    updatedAt: InstantText | None
    response: Answer | None
    respondedAt: InstantText | None
    comment: str | None


class UnreachableOut(TypedDict):
    """A participant with no working calendar and no known address."""

    userId: str
    role: Role


class InviteStatusOut(TypedDict):
    """The delivery status of an event's invitations; summary counts the recipients by status."""

    eventId: str
    summary: dict[str, int]
    recipients: list[RecipientOut]
    unreachable: list[UnreachableOut]


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
    inviteStatus: GuestStatus


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
        "unreachable": [{"userId": user, "role": role} for user, role in report.unreachable],
    }


def _recipient_out(invite: Invite) -> RecipientOut:
    newest, given = invite.newest, current_response(invite)
    return {
        "userId": invite.user_id,
        "email": invite.address,
        "name": invite.name,
        "kind": invite.kind,
        "status": invite.status,
        "method": newest.content.method if newest else None,
        "attempts": invite.attempt_count,
        "messageId": newest.message_id if newest else None,
        "bounceType": newest.bounce_type if newest else None,
        "diagnostic": newest.diagnostic if newest else None,
        "updatedAt": zulu(newest.updated_at) if newest else None,
        "response": _answer(invite),
        "respondedAt": zulu(given.responded_at) if given else None,
        "comment": given.comment if given else None,
    }


def _answer(invite: Invite) -> Answer | None:
    """Return the answer to the newest invitation; a cancellation needs none."""
    newest, given = invite.newest, current_response(invite)
    if newest and newest.content.method is InviteMethod.CANCEL:
        return None
    return given.answer if given else Answer.NEEDS_ACTION


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
