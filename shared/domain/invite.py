"""Invitations by mail: who is invited, what each was last told, and what became of the mail."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.event import Event


class DeliveryState(StrEnum):
    """What is known of one mail, in the order in which knowledge grows."""

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
        """Its place in that order; a later notification never lowers it."""
        return list(DeliveryState).index(self)

    @property
    def has_failed(self) -> bool:
        """Whether the mail did not do its job."""
        return self.rank >= DeliveryState.FAILED.rank


def join(first: DeliveryState, second: DeliveryState) -> DeliveryState:
    """Return what two notifications tell together, whichever came first, however often."""
    return max(first, second, key=lambda each: each.rank)


class InviteKind(StrEnum):
    """Whether the recipient takes part as a user of the platform or is a guest."""

    PARTICIPANT = "participant"
    EXTERNAL = "external"


class InviteMethod(StrEnum):
    """iTIP's methods this service sends (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """What a mail says: `digest` stands for all a REQUEST shows (time, place, title, link)."""

    method: InviteMethod
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One mail. It is on record before it is sent, as PENDING without a message id.

    `seen` keeps when each state was first notified; `bounce_type` and `diagnostic` are SES's words.
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
        """Whether nobody knows that it was sent."""
        return self.status is DeliveryState.PENDING and self.message_id is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One address of one event; `attempts` in order, the newest last and the one that counts.

    `resend` asks for one more mail that says what the last one said, and `resend_since` is when
    that was asked. `row_version` guards the record against a slower writer.
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
        """Its id, fit for an SES tag and the same however the address is spelled."""
        return invite_id(self.address)

    @property
    def newest(self) -> Attempt | None:
        """The attempt that counts."""
        return self.attempts[-1] if self.attempts else None

    @property
    def status(self) -> DeliveryState:
        """What became of the newest attempt."""
        return self.newest.status if self.newest else DeliveryState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAttendee:
    """A guest who is no user of the platform."""

    email: str
    name: str | None
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestList:
    """The ad-hoc attendees of a session, which need not have an event yet.

    `unsynced_since` is when they changed, None once everybody was told what follows from it.
    """

    session_id: str
    session_type: str
    attendees: tuple[ExternalAttendee, ...] = ()
    unsynced_since: datetime | None = None
    row_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """What SES reports of one mail; the ids come from its tags, where it carries them."""

    state: DeliveryState
    message_id: str
    at: datetime
    event_id: str | None = None
    invite_id: str | None = None
    attempt: int | None = None
    bounce_type: str | None = None
    diagnostic: str | None = field(default=None)


def invite_id(address: str) -> str:
    """Return 32 hexadecimal digits that stand for an address, without regard to case."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:32]


def mail_content(event: Event, method: InviteMethod) -> MailContent:
    """Return what a mail about the event as it stands says.

    Two events with one digest look the same to who is invited: same title, time, zone, place, link.
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
