"""Invitations by mail: recipients, the content of each mail and its delivery status."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.event import Event


class DeliveryState(StrEnum):
    """The delivery status of one mail, in ascending order: a later one replaces an earlier one."""

    PENDING = "pending"
    SENT = "sent"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    FAILED = "failed"
    REJECTED = "rejected"
    BOUNCED = "bounced"
    COMPLAINT = "complaint"

    @property
    def rank(self) -> int:
        """The position in that order; a notification never lowers it."""
        return list(DeliveryState).index(self)

    @property
    def has_failed(self) -> bool:
        """Whether the mail was not delivered, or drew a complaint."""
        return self.rank >= DeliveryState.FAILED.rank


def combined_state(first: DeliveryState, second: DeliveryState) -> DeliveryState:
    """Return the higher of two states, so that order and repetition do not matter."""
    return max(first, second, key=lambda each: each.rank)


class InviteKind(StrEnum):
    """The kind of recipient: a participant or a guest."""

    PARTICIPANT = "participant"
    EXTERNAL = "external"


class InviteMethod(StrEnum):
    """The iTIP methods this service sends (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """The content of a mail; `digest` covers what a REQUEST shows (time, place, title, link)."""

    method: InviteMethod
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One mail. It is stored before it is sent, as PENDING without a message id.

    `seen` has the time each status was first notified; `bounce_type` and `diagnostic` come from
    SES.
    """

    number: int
    content: MailContent
    status: DeliveryState = DeliveryState.PENDING
    message_id: str | None = None
    bounce_type: str | None = None
    diagnostic: str | None = None
    seen: tuple[tuple[DeliveryState, datetime], ...] = ()
    updated_at: datetime

    @property
    def is_unsent(self) -> bool:
        """True until SES has accepted it."""
        return self.status is DeliveryState.PENDING and self.message_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One address invited to one event; the last of `attempts` is the newest and determines it.

    `resend` requests another mail with the content of the last one, `resend_since` is the time of
    that request. `row_version` makes a slower writer lose.
    """

    event_id: str
    address: str
    kind: InviteKind
    name: str | None = None
    user_id: str | None = None
    attempts: tuple[Attempt, ...] = ()
    resend: bool = False
    resend_since: datetime | None = None
    row_version: int = 0

    @property
    def id(self) -> str:
        """The invite id, valid as an SES tag and independent of the case of the address."""
        return invite_id(self.address)

    @property
    def newest(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def status(self) -> DeliveryState:
        """The delivery status of the newest attempt."""
        return self.newest.status if self.newest else DeliveryState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAttendee:
    """A guest: an attendee without an account on the platform."""

    email: str
    name: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestList:
    """The guests of a session, which may not have an event yet.

    `unsynced_since` is the time of the last change, None once mail matches it.
    """

    session_id: str
    session_type: str
    attendees: tuple[ExternalAttendee, ...] = ()
    unsynced_since: datetime | None = None
    row_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A status SES reports for one mail; event, invite and attempt come from the mail's tags."""

    state: DeliveryState
    message_id: str
    at: datetime
    event_id: str | None = None
    invite_id: str | None = None
    attempt: int | None = None
    bounce_type: str | None = None
    diagnostic: str | None = field(default=None)


def invite_id(address: str) -> str:
    """Return 32 hexadecimal digits that identify an address, ignoring case."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def mail_content(event: Event, method: InviteMethod) -> MailContent:
    """Return the content of a mail about the event.

    Events with the same digest look the same to a recipient: title, time, zone, place and link.
    """
    shown = (
        event.title,
        event.interval.start.isoformat(),
        event.interval.end.isoformat(),
        event.zone,
        event.location,
        event.session_link,
    )
    digest = hashlib.sha256(json.dumps(shown).encode()).hexdigest()
    return MailContent(method=method, sequence=event.sequence, digest=digest)
