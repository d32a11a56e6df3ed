"""The data of each type of domain event: the source of the schemas in events/domain/."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from shared.api.response_fields import DayText, InstantText
from shared.domain.copy import CopyState
from shared.domain.domain_event import DomainEventType
from shared.domain.event import EventStatus, Owner
from shared.domain.invite import Answer, DeliveryState, InviteKind, InviteMethod
from shared.domain.role import Role


class ActorData(TypedDict):
    """Who made this version of a session: a user, or a service by its sub."""

    userId: str
    role: Literal["Admin", "Coach", "Learner", "Service", ""]


class SessionData(TypedDict):
    """A session as it is from this version on. Contacts are left out: those are addresses."""

    sessionId: str
    status: EventStatus
    title: str
    startTime: InstantText
    endTime: InstantText
    timezone: str
    owner: Owner
    coachId: list[str]
    learnerId: list[str]
    adminId: str | None
    adminAttends: bool
    location: str | None
    sessionLink: str | None
    pendingUntil: InstantText | None
    reason: str | None
    by: ActorData | None


class ChangeData(TypedDict):
    """The value of a field before and after."""

    old: Any
    new: Any


class ChangedSessionData(SessionData):
    """A session and what has changed, by field; empty if only contacts have changed."""

    changes: dict[str, ChangeData]


class LeftSessionData(SessionData):
    """A session and the participants who have left it."""

    leftUserIds: list[str]


class CopyData(TypedDict):
    """The outcome of writing a session to a calendar."""

    sessionId: str
    connectionId: str
    userId: str
    provider: str
    state: CopyState
    sessionVersion: int


class MailData(TypedDict):
    """One mail of an invitation."""

    attempt: int
    method: InviteMethod
    sequence: int
    status: DeliveryState
    bounceType: str | None


class RecipientData(TypedDict):
    """Who is invited; guests have no userId, and email only if the stack is set to show it."""

    sessionId: str
    inviteId: str
    kind: InviteKind
    userId: str | None
    email: NotRequired[str]


class InviteMailData(RecipientData):
    """The delivery status of a mail."""

    mail: MailData


class ResponseData(RecipientData):
    """The answer of a recipient."""

    answer: Answer
    respondedAt: InstantText


class UnreachableData(TypedDict):
    """A participant of a session whom neither a calendar nor mail reaches."""

    sessionId: str
    userId: str
    role: Role
    startTime: InstantText


class ConnectionData(TypedDict):
    """A connection; cause is the code of its error, if that is known."""

    connectionId: str
    userId: str
    provider: str
    status: str
    cause: str | None


class WindowData(TypedDict):
    """One weekly window; dayOfWeek counts from Sunday (0)."""

    dayOfWeek: int
    startTime: str
    endTime: str
    timezone: str


class WeekData(TypedDict):
    """The weekly windows of a role."""

    timezone: str
    useDefaultAvailability: bool
    windows: list[WindowData]


class AvailabilityData(TypedDict):
    """The availability of a user in a role; null after an erasure."""

    userId: str
    role: Role
    availability: WeekData | None


class HolidayData(TypedDict):
    """A holiday that was added or deleted."""

    holidayId: str
    userId: str
    role: Role
    isDeleted: bool
    startDate: DayText
    endDate: DayText


class WebhookData(TypedDict):
    """A webhook that is disabled, and why."""

    webhookId: str
    reason: str


_SESSION, _MAIL = SessionData, InviteMailData
DATA: Mapping[DomainEventType, Any] = {
    DomainEventType.SESSION_BOOKED: _SESSION,
    DomainEventType.SESSION_CHANGED: ChangedSessionData,
    DomainEventType.SESSION_APPROVED: _SESSION,
    DomainEventType.SESSION_DECLINED: _SESSION,
    DomainEventType.SESSION_EXPIRED: _SESSION,
    DomainEventType.SESSION_CANCELLED: _SESSION,
    DomainEventType.SESSION_PARTICIPANT_LEFT: LeftSessionData,
    DomainEventType.COPY_SYNCED: CopyData,
    DomainEventType.COPY_FAILED: CopyData,
    DomainEventType.INVITE_SENT: _MAIL,
    DomainEventType.INVITE_DELIVERED: _MAIL,
    DomainEventType.INVITE_BOUNCED: _MAIL,
    DomainEventType.INVITE_COMPLAINED: _MAIL,
    DomainEventType.INVITE_RESPONDED: ResponseData,
    DomainEventType.PARTICIPANT_UNREACHABLE: UnreachableData,
    DomainEventType.CONNECTION_CONNECTED: ConnectionData,
    DomainEventType.CONNECTION_RECONNECT_REQUIRED: ConnectionData,
    DomainEventType.CONNECTION_DISCONNECTED: ConnectionData,
    DomainEventType.CALENDAR_UNREADABLE: ConnectionData,
    DomainEventType.AVAILABILITY_CHANGED: AvailabilityData,
    DomainEventType.HOLIDAY_CHANGED: HolidayData,
    DomainEventType.WEBHOOK_DISABLED: WebhookData,
}
"""By type: the shape of its data."""
