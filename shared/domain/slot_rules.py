"""What slot finding is told: the rules of a slot and the people consulted."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shared.domain.holiday import Holiday
from shared.domain.interval import Spans
from shared.domain.role import Role
from shared.domain.week import Window

MINUTE = timedelta(minutes=1)
_NONE = timedelta(0)


class SlotStatus(StrEnum):
    """Whether a slot can be booked, and if not the first reason why."""

    AVAILABLE = "available"
    UNVERIFIED = "unverified"
    BUSY = "busy"
    HOLIDAY = "holiday"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRules:
    """The shape of a slot, in whole minutes, and what counts as free.

    A slot starts when the viewer's clock shows minutes since midnight divisible by `step`, and not
    before now plus `minimum_notice`. `buffer_before` and `buffer_after` must be free of busy time
    as well; they need not be working time.

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

    def can_book(self, status: SlotStatus) -> bool:
        """Whether a slot of that status can be booked."""
        if status is SlotStatus.UNVERIFIED:
            return self.unverified_is_available
        return status is SlotStatus.AVAILABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultedPerson:
    """One person whose time decides, in the role they are consulted in.

    `role` is None for windows that are nobody's, the organization's default ones. `zone` is the
    zone of that person's role; `holidays`, those of that role, are dates in it. `busy` is what
    `interval.busy_spans` returns of their sessions and calendars. `unread` tells that a calendar
    of theirs could not be read, so that free may be busy.
    """

    role: Role | None
    zone: str
    windows: tuple[Window, ...]
    holidays: tuple[Holiday, ...] = ()
    busy: Spans = ()
    unread: bool = False
