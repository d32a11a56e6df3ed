"""Invitations by mail: recipients, the content of each mail and its delivery status."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from shared.domain.event import Event
from shared.domain.interval import Interval

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


_NOT_DELIVERED = {DeliveryState.FAILED, DeliveryState.REJECTED, DeliveryState.BOUNCED}
_PERMANENT = "Permanent/"
_SUPPRESSED = ("OnAccountSuppressionList", "/Suppressed")


def strength(state: DeliveryState, bounce_type: str | None) -> float:
    """Return a number that orders reports about one mail: a later one replaces a weaker one.

    The order of the states, but a bounce that is not permanent is weaker than a delivery: SES
    reports out-of-office replies to a delivered mail as such bounces.
    """
    is_passing = _is_passing(state, bounce_type)
    return DeliveryState.DELIVERED.rank - 0.5 if is_passing else state.rank


def _is_passing(state: DeliveryState, bounce_type: str | None) -> bool:
    """Whether it is a bounce that is not permanent."""
    return state is DeliveryState.BOUNCED and not (bounce_type or "").startswith(_PERMANENT)


class InviteKind(StrEnum):
    """The kind of recipient: a participant or a guest."""

    PARTICIPANT = "participant"
    EXTERNAL = "external"


class InviteMethod(StrEnum):
    """The iTIP methods this service sends (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


class Answer(StrEnum):
    """What a recipient answered to an invitation (PARTSTAT, RFC 5545, 3.2.12)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NEEDS_ACTION = "needsAction"


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteResponse:
    """The newest answer of a recipient, and the SEQUENCE of the invitation it is about.

    `responded_at` is the time the recipient's calendar states, `received_at` that of the mail.
    """

    answer: Answer
    sequence: int
    responded_at: datetime
    received_at: datetime
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """The content of a mail; `digest` covers what a REQUEST shows (time, place, title, link)."""

    method: InviteMethod
    sequence: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What an invitation shows of a session, so that an update can name the old values."""

    title: str
    interval: Interval
    zone: str
    location: str | None = None
    session_link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One mail. It is stored before it is sent, as PENDING without a message id.

    `shown` is what a REQUEST shows; attempts that older versions stored lack it. `seen` has the
    time each status was first notified; `bounce_type` and `diagnostic` come from SES. An attempt
    over a limit has not been sent and waits until `not_before`; its `diagnostic` says why.
    `is_refused` means that SES answered the last try with an error, so that it certainly has not
    sent the mail. `stamp` is its DTSTAMP; `event_version` is the version of the event it is about.
    Attempts that older versions stored lack both.
    """

    number: int
    content: MailContent
    shown: Shown | None = None
    status: DeliveryState = DeliveryState.PENDING
    message_id: str | None = None
    bounce_type: str | None = None
    diagnostic: str | None = None
    seen: tuple[tuple[DeliveryState, datetime], ...] = ()
    updated_at: datetime
    not_before: datetime | None = None
    is_refused: bool = False
    stamp: datetime | None = None
    event_version: int = 0

    @property
    def is_unsent(self) -> bool:
        """True until SES has accepted it."""
        return self.status is DeliveryState.PENDING and self.message_id is None

    @property
    def is_postponed(self) -> bool:
        """Whether it was over a limit, so that it certainly has not been sent."""
        return self.is_unsent and self.not_before is not None

    @property
    def is_certainly_unsent(self) -> bool:
        """Whether it waits and SES has not sent it, so that other content may replace it."""
        return self.is_postponed or (self.is_unsent and self.is_refused)

    @property
    def is_suppressed(self) -> bool:
        """Whether SES did not send it because the address is on a suppression list of SES."""
        return (self.bounce_type or "").endswith(_SUPPRESSED)

    @property
    def may_have_arrived(self) -> bool:
        """Whether the recipient may have got it."""
        if self.is_certainly_unsent or self.is_suppressed:
            return False
        return self.status not in _NOT_DELIVERED

    @property
    def has_failed_for_good(self) -> bool:
        """Whether another mail to the address would fail too."""
        is_passing = _is_passing(self.status, self.bounce_type)
        return self.is_suppressed or (self.status in _NOT_DELIVERED and not is_passing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """One address invited to one event; the last of `attempts` is the newest and determines it.

    The record keeps only the last `KEPT_ATTEMPTS`; the numbers of attempts start at 1 and increase.
    `resend` requests another mail with the content of the last one, `resend_since` is the time of
    that request. `reply_address` is the address of this service that receives the recipient's
    answers, and secret. It is None if answers are not received, and it never changes,
    because calendars ignore an update by another organizer. `response` is the newest answer.
    `row_version` makes a slower writer lose.
    """

    event_id: str
    address: str
    kind: InviteKind
    name: str | None = None
    user_id: str | None = None
    attempts: tuple[Attempt, ...] = ()
    resend: bool = False
    resend_since: datetime | None = None
    reply_address: str | None = None
    response: InviteResponse | None = None
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

    @property
    def held(self) -> Attempt | None:
        """The last invitation that the recipient may hold, None if there is none.

        It may have arrived, and no later cancellation did.
        """
        held = None
        for each in self.attempts:
            if each.may_have_arrived:
                held = each if each.content.method is InviteMethod.REQUEST else None
        return held

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


def shown(event: Event) -> Shown:
    """Return what an invitation shows of the event."""
    return Shown(
        title=event.title,
        interval=event.interval,
        zone=event.zone,
        location=event.location,
        session_link=event.session_link,
    )


def mail_content(event: Event, method: InviteMethod) -> MailContent:
    """Return the content of a mail about the event.

    Events with the same digest look the same to a recipient: title, time, zone, place and link.
    """
    seen = shown(event)
    parts = (
        seen.title,
        seen.interval.start.isoformat(),
        seen.interval.end.isoformat(),
        seen.zone,
        seen.location,
        seen.session_link,
    )
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    return MailContent(method=method, sequence=event.sequence, digest=digest)
