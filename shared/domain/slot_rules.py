"""The input of slot finding: the slot rules and the people consulted."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.interval import Interval, Spans
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.week import Window

MINUTE = timedelta(minutes=1)
_NONE = timedelta(0)


class SlotStatus(StrEnum):
    """Whether a slot can be booked, or the first reason why not."""

    AVAILABLE = "available"
    UNVERIFIED = "unverified"
    BUSY = "busy"
    HOLIDAY = "holiday"
    PAST = "past"


class Obstacle(StrEnum):
    """A reason why a person is not available at a time."""

    OUTSIDE_WINDOWS = "outside_windows"
    HOLIDAY = "holiday"
    SESSION = "session"
    CALENDAR = "calendar"
    BUFFER = "buffer"
    NOTICE = "notice"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRules:
    """The length and grid of slots, in whole minutes, and what counts as free.

    Slots start at minutes since midnight on the viewer's clock that are divisible by `step`, and
    not before now plus `minimum_notice`. `buffer_before` and `buffer_after` surround every session:
    calendar entries stay outside them, and those of two sessions do not overlap. They may be
    outside the windows.

    Raises:
        ValueError: when a time is not whole minutes, negative, or zero for `length` or `step`.
    """

    length: timedelta
    step: timedelta
    buffer_before: timedelta = _NONE
    buffer_after: timedelta = _NONE
    minimum_notice: timedelta = _NONE
    unverified_is_available: bool = False

    def __post_init__(self) -> None:
        times = (self.buffer_before, self.buffer_after, self.minimum_notice)
        if min(self.length, self.step) <= _NONE or min(times) < _NONE:
            raise ValueError("length and step must be positive, buffers and notice not negative")
        if any(each % MINUTE for each in (self.length, self.step, *times)):
            raise ValueError("length, step, buffers and notice must be whole minutes")

    def around_session(self, within: Interval) -> Interval:
        """Return the interval whose sessions are too close for one in `within`."""
        both = self.buffer_before + self.buffer_after
        return within.widened(both, both)

    def can_book(self, status: SlotStatus) -> bool:
        """Whether a slot with that status can be booked."""
        if status is SlotStatus.UNVERIFIED:
            return self.unverified_is_available
        return status is SlotStatus.AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultedPerson:
    """A person who must be free, in the role they are consulted in.

    `role` is None for the organization's default windows. `zone` is the zone of the person's role;
    `holidays` are those of that role, as dates in that zone. `busy` are their sessions, each with
    its buffers, and the busy times of their calendars. `unread` is true if one of their calendars
    could not be read, so that free time may in fact be busy.
    """

    role: Role | None
    zone: str
    windows: tuple[Window, ...]
    holidays: tuple[Holiday, ...] = ()
    busy: Spans = ()
    unread: bool = False
