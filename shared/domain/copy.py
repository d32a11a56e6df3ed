"""Our event inside somebody's calendar, and what a provider tells of that calendar."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.connection import Provider
from shared.domain.interval import Interval


class CopyState(StrEnum):
    """PENDING until the calendar holds the current version; the rest say how it ended."""

    PENDING = "PENDING"
    SYNCED = "SYNCED"
    REMOVED = "REMOVED"
    FAILED = "FAILED"
    RECONNECT_REQUIRED = "RECONNECT_REQUIRED"


@dataclass(frozen=True, slots=True)
class CopyRef:
    """Where a copy is: the provider's id (CalDAV: absolute href) and its strong etag, if told."""

    external_id: str
    etag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyContent:
    """What a copy says: no attendees and no organizer, the participants stand in the text.

    `session_id` and `key` mark the copy as ours; `key` is `copy_key(event, connection)`.
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
        """Changes when, and only when, something a calendar shows changes."""
        shown = (self.title, self.interval, self.description, self.location, self.url)
        return hashlib.sha256(repr(shown).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """The record of one copy.

    `state` speaks of `desired_version`, the event version last worked on; `applied_version` is
    the one the calendar holds (0: none yet). The record is written before the first call, so a
    crash never leaves a copy nobody knows of. `applied_digest` is what the calendar is sure to say,
    None when that is not known. While `unsettled_until` is ahead, an earlier call that timed out or
    was cut short may still be carried out by the provider, which asked not to be called before
    `not_before`. `row_version` guards the record against a slower writer.
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
    attempts: int = 0
    error: str | None = None
    unsettled_until: datetime | None = None
    not_before: datetime | None = None
    updated_at: datetime
    row_version: int = 0

    def state_for(self, version: int) -> CopyState:
        """The state as of that event version: PENDING until it was worked on to an end."""
        return self.state if self.desired_version == version else CopyState.PENDING


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One entry of a connected calendar, expanded: an occurrence, never a rule.

    `busy` is false for entries marked free or that the user declined; cancelled ones are not told.
    `copy_of` is the sessionId when the entry is a copy of a session of ours in this connection.
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


def copy_key(event_id: str, connection_id: str) -> str:
    """Return the key every create of this copy carries: 52 characters of a-v and 0-9.

    The alphabet is the one Google allows in event ids (base32hex, lower case); the same key serves
    as UID and resource name on CalDAV.
    """
    digest = hashlib.sha256(f"{event_id}|{connection_id}".encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=").lower()
