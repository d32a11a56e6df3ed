"""Invitations by mail: recipients, the content of each mail and its delivery status."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.event import Event

KEPT_ATTEMPTS = 20
"""How many attempts the record of an invite keeps, so that it cannot grow without end."""

COACHING, GROUP = "coaching", "group"
"""The types of session that a guest list names."""


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
    SES. An attempt over a limit has not been sent and waits until `not_before`; its `diagnostic`
    says why.
    """

    number: int
    content: MailContent
    status: DeliveryState = DeliveryState.PENDING
    message_id: str | None = None
    bounce_type: str | None = None
    diagnostic: str | None = None
    seen: tuple[tuple[DeliveryState, datetime], ...] = ()
    updated_at: datetime
    not_before: datetime | None = None

    @property
    def is_unsent(self) -> bool:
        """True until SES has accepted it."""
        return self.status is DeliveryState.PENDING and self.message_id is None

    @property
    def is_postponed(self) -> bool:
        """Whether it was over a limit, so that it certainly has not been sent."""
        return self.is_unsent and self.not_before is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One address invited to one event; the last of `attempts` is the newest and determines it.

    The record keeps only the last `KEPT_ATTEMPTS`; the numbers of attempts start at 1 and increase.
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
    def attempt_count(self) -> int:
        """The number of all attempts, also of those that the record no longer keeps."""
        return self.newest.number if self.newest else 0

    def has_dropped(self, number: int) -> bool:
        """Whether there was an attempt with that number that the record no longer keeps."""
        return bool(self.attempts) and 0 < number < self.attempts[0].number

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

    `prepared_by` is the user who saved the list before there was an event, `prepared_by_admin` says
    whether with an Admin's rights. A list that belongs to an event has no preparer, but the first
    version of that event. Lists stored before these were recorded have neither.
    `unsynced_since` is the time of the last change, None once mail matches it.
    """

    session_id: str
    session_type: str
    attendees: tuple[ExternalAttendee, ...] = ()
    prepared_by: str | None = None
    prepared_by_admin: bool = False
    event_version: int | None = None
    unsynced_since: datetime | None = None
    row_version: int = 0

    def counts_for(self, event: Event) -> bool:
        """Whether the event invites these guests.

        A prepared list counts if the creator of the event, one of its coaches or an Admin prepared
        it. Otherwise any coach could have guests invited to the sessions of others. A list of an
        event that was replaced does not count for the event that replaced it.
        """
        if self.prepared_by is None:
            return self.event_version in {None, event.first_version}
        creator = event.created_by
        trusted = {*event.coach_ids, *([creator.actor_id] if creator else [])}
        return self.prepared_by_admin or self.prepared_by in trusted

    def of_event(self, event: Event) -> "GuestList":
        """Return the list as it counts for the event, empty if it does not.

        It has no preparer any more, so that a later change of coaches leaves it as it is.
        """
        if not self.counts_for(event):
            empty = empty_guest_list(event)
            return replace(empty, unsynced_since=self.unsynced_since, row_version=self.row_version)
        if self.prepared_by is None:
            return self
        version = event.first_version
        return replace(self, prepared_by=None, prepared_by_admin=False, event_version=version)


def empty_guest_list(event: Event) -> GuestList:
    """Return the list of an event that has no guests."""
    return GuestList(
        session_id=event.id,
        session_type=GROUP if event.is_group else COACHING,
        event_version=event.first_version,
    )


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
