"""The month calendar: a status and slot counts per date, computed without listing the slots."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.interval import EPOCH, Interval, to_utc
from shared.domain.localtime import DatePiece, date_of, date_pieces, intervals_of_dates
from shared.domain.person import Holiday
from shared.domain.slot_rules import ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import slot_runs

_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_START, _END = itemgetter(0), itemgetter(1)
_WIDEST_OFFSETS = timedelta(days=2)
"""More than the largest difference between the local dates of two zones at one instant."""


class DayStatus(StrEnum):
    """The status of a date."""

    AVAILABLE = "available"
    LIMITED = "limited"
    FULL = "full"
    UNVERIFIED = "unverified"
    HOLIDAY = "holiday"
    UNAVAILABLE = "unavailable"
    PAST = "past"


class DaySummary(NamedTuple):
    """The number of slots that start on `day`, and how many of them can be booked."""

    day: date
    status: DayStatus
    total_slots: int
    available_slots: int


@dataclass(frozen=True, slots=True)
class LocalMonth:
    """The dates `first` to `last` in the viewer's zone, as pieces of instants."""

    first: date
    last: date
    viewer: ZoneInfo
    pieces: tuple[DatePiece, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Every date of the month, including one the zone skipped."""
        return tuple(self.first + n * _ONE_DAY for n in range((self.last - self.first).days + 1))

    def dates_of(self, interval: Interval) -> tuple[date, ...]:
        """Return the dates of the month that the interval touches."""
        first = bisect_right(self.pieces, (interval.start - EPOCH) // _SECOND, key=_END)
        end = -((EPOCH - interval.end) // _SECOND)
        last = bisect_left(self.pieces, end, lo=first, key=_START)
        if last - first == 1:
            return (date_of(self.pieces[first].day),)
        return tuple(date_of(day) for day in dict.fromkeys(p.day for p in self.pieces[first:last]))

    def dates_off(self, holiday: Holiday, home: ZoneInfo) -> tuple[date, ...]:
        """Return the dates of the month that the holiday touches; its dates are in zone `home`."""
        first = max(holiday.first, self.first - _WIDEST_OFFSETS)
        last = min(holiday.last, self.last + _WIDEST_OFFSETS)
        if last < first:
            return ()
        parts = intervals_of_dates(home, first, last)
        return tuple(sorted({day for part in parts for day in self.dates_of(part)}))


def month_dates(year: int, month: int) -> tuple[date, date]:
    """Return the first and last date of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def local_month(year: int, month: int, viewer: ZoneInfo) -> LocalMonth:
    """Return the month in the zone of a viewer."""
    first, last = month_dates(year, month)
    return LocalMonth(first, last, viewer, date_pieces(viewer, first, last))


def summaries(
    month: LocalMonth, consulted: Sequence[ConsultedPerson], rules: SlotRules, *, now: datetime
) -> tuple[DaySummary, ...]:
    """Return one summary for each date of the month, in order.

    Each summary counts exactly the slots that `find_slots` returns for its date. The status is the
    first of these that applies: past (every slot is past, or the date is over), unavailable (no
    slots), holiday (every slot that is not past), available (all of those can be booked), limited
    (some can), unverified (none can, some are unverified), full. If the rules allow booking
    unverified slots, those count as bookable here too.

    Raises:
        ValueError: when `consulted` is empty, a zone is unknown or `now` is naive.
    """
    tallies: dict[date, dict[SlotStatus, int]] = {day: {} for day in month.days}
    dates = (month.first, month.last)
    for run in slot_runs(dates, month.viewer, consulted, rules, now=now):
        tally = tallies[run.day]
        tally[run.status] = tally.get(run.status, 0) + len(run.starts)
    over = _over(month, now)
    return tuple(_summary(day, tally, rules, is_over=day in over) for day, tally in tallies.items())


def _summary(
    day: date, tally: Mapping[SlotStatus, int], rules: SlotRules, *, is_over: bool
) -> DaySummary:
    total = sum(tally.values())
    free = sum(count for status, count in tally.items() if rules.can_book(status))
    return DaySummary(day, _status(tally, total, free, is_over=is_over), total, free)


def _status(tally: Mapping[SlotStatus, int], total: int, free: int, *, is_over: bool) -> DayStatus:
    remaining = total - tally.get(SlotStatus.PAST, 0)
    if is_over or (total and not remaining):
        return DayStatus.PAST
    if not total:
        return DayStatus.UNAVAILABLE
    if tally.get(SlotStatus.HOLIDAY) == remaining:
        return DayStatus.HOLIDAY
    if free:
        return DayStatus.AVAILABLE if free == remaining else DayStatus.LIMITED
    return DayStatus.UNVERIFIED if SlotStatus.UNVERIFIED in tally else DayStatus.FULL


def _over(month: LocalMonth, now: datetime) -> set[date]:
    """Return the dates that are over; a skipped date is over once a later date has begun."""
    now = to_utc(now)
    today, seconds = now.astimezone(month.viewer).date(), (now - EPOCH) // _SECOND
    # In order of instant, so for a date in two pieces the end of the later piece wins.
    ends = {date_of(each.day): each.end for each in month.pieces}
    return {day for day in month.days if (ends[day] <= seconds if day in ends else day < today)}
