"""Copies of an event in connected calendars, and the entries of those calendars."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shared.domain.connection import Provider
from shared.domain.interval import Interval


class CopyState(StrEnum):
    """The state of a copy: PENDING until the calendar has the current version, then the outcome."""

    PENDING = "PENDING"
    SYNCED = "SYNCED"
    REMOVED = "REMOVED"
    FAILED = "FAILED"
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"


@dataclass(frozen=True, slots=True)
class CopyRef:
    """The provider's id of a copy (CalDAV: absolute href) and its strong etag, if it has one."""

    external_id: str
    etag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyContent:
    """The content of a copy. It has no attendees or organizer: the text lists the participants.

    `session_id` and `key` mark it as an own copy; `key` is `copy_key(event, connection)`.
    """

    session_id: str
    key: str
    title: str
    interval: Interval
    description: str
    location: str | None
    url: str | None
    sequence: int
    updated_at: datetime

    @property
    def digest(self) -> str:
        """A digest that changes if and only if something a calendar shows changes."""
        shown = (self.title, self.interval, self.description, self.location, self.url)
        return hashlib.sha256(repr(shown).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The record of one copy.

    `state` belongs to `desired_version`, the event version last reconciled; `applied_version` is
    the one the calendar has (0: none). The record is written before the first call, so a crash
    never leaves a copy without a record. `applied_digest` is the digest of the calendar's content,
    None if unknown. Until `unsettled_until` the provider may still execute an earlier call that
    timed out or was interrupted. The provider asked for no calls before `not_before`.
    `row_version` makes a slower writer lose. `calendar_id` is the calendar that has the entry, None
    if an older version wrote it.
    """

    event_id: str
    connection_id: str
    user_id: str
    provider: Provider
    state: CopyState = CopyState.PENDING
    desired_version: int = 0
    applied_version: int = 0
    applied_digest: str | None = None
    ref: CopyRef | None = None
    calendar_id: str | None = None
    attempts: int = 0
    error: str | None = None
    unsettled_until: datetime | None = None
    not_before: datetime | None = None
    updated_at: datetime
    row_version: int = 0

    def state_for(self, version: int) -> CopyState:
        """The state for that event version: PENDING until it has been reconciled."""
        return self.state if self.desired_version == version else CopyState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One entry of a connected calendar: a single occurrence, never a recurrence rule.

    `busy` is false for entries marked free or declined by the user; cancelled ones are left out.
    `copy_of` is the sessionId if the entry is this connection's own copy, `copy_for_other` if it is
    the copy of another connection to the same account. `key` is the entry's UID, which identifies
    an own copy that has lost its other marks. `problem` says what is wrong with an entry whose time
    had to be widened, such as one that ends before it starts. `dates` are the first and last date
    of an all-day entry, both included. `in_any_zone` says that the interval covers them in every
    zone, because that of the calendar is unknown. Of an entry that its owner has marked as
    `private`, other people see only the times.
    """

    external_id: str
    title: str
    interval: Interval
    all_day: bool
    busy: bool
    status: str | None = None
    location: str | None = None
    url: str | None = None
    copy_of: str | None = None
    copy_for_other: str | None = None
    key: str | None = None
    problem: str | None = None
    dates: tuple[date, date] | None = None
    in_any_zone: bool = False
    private: bool = False


def copy_key(event_id: str, connection_id: str) -> str:
    """Return the key of this copy, the same for every attempt: 52 characters of a-v and 0-9.

    Google allows this alphabet in event ids (base32hex, lower case); on CalDAV the key is the UID
    and the resource name.
    """
    digest = hashlib.sha256(f"{event_id}|{connection_id}".encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=").lower()


def place_digest(place: str) -> str:
    """Return the digest by which a copy records the place that this service wrote."""
    return hashlib.sha256(place.encode()).hexdigest()[:16]
