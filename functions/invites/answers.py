"""What the answers about invitations and guests hold."""

from typing import Literal

from typing_extensions import TypedDict

from shared.api.texts import InstantText
from shared.domain.invite import DeliveryState, InviteKind

SessionType = Literal["coaching", "group"]


class RecipientOut(TypedDict):
    """How the newest mail to an address fared."""

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
    """How the invitations of an event fared; summary counts the recipients by status."""

    eventId: str
    summary: dict[str, int]
    recipients: list[RecipientOut]


class SkippedOut(TypedDict):
    """An address that gets no further mail, and why."""

    email: str
    reason: str


class ResentOut(TypedDict):
    """Which addresses get one more mail and which do not."""

    eventId: str
    resent: list[str]
    skipped: list[SkippedOut]


class ExternalAttendeeOut(TypedDict):
    """A guest, who is no user of the platform, and how their invitation fared."""

    email: str
    name: str | None
    addedAt: InstantText
    inviteStatus: DeliveryState


class ExternalAttendeesOut(TypedDict):
    """The guests of a session."""

    sessionId: str
    sessionType: SessionType
    attendees: list[ExternalAttendeeOut]
