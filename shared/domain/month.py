"""The month at a glance: what the slots of each date come to, counted without listing them."""

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.holiday import Holiday
from shared.domain.interval import EPOCH, Interval, to_utc
from shared.domain.localtime import DatePiece, date_of, date_pieces, intervals_of_dates
from shared.domain.slot_rules import ConsultedPerson, SlotRules, SlotStatus
from shared.domain.slot_runs import slot_runs

_ONE_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_START, _END = itemgetter(0), itemgetter(1)
_WIDEST_OFFSETS = timedelta(days=2)
"""How far the dates two zones show at an instant may lie apart, and a little more."""


class DayStatus(StrEnum):
    """What a date comes to."""

    AVAILABLE = "available"
    LIMITED = "limited"
    FULL = "full"
    UNVERIFIED = "unverified"
    HOLIDAY = "holiday"
    UNAVAILABLE = "unavailable"
    PAST = "past"


class DaySummary(NamedTuple):
    """How many slots start on `day`, and how many of them can be booked."""

    day: date
    status: DayStatus
    total_slots: int
    available_slots: int


@dataclass(frozen=True, slots=True)
class LocalMonth:
    """The dates `first` to `last` as the viewer's wall clock shows them, piece by piece."""

    first: date
    last: date
    viewer: ZoneInfo
    pieces: tuple[DatePiece, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Every date of the month, one a zone left out too."""
        return tuple(self.first + n * _ONE_DAY for n in range((self.last - self.first).days + 1))

    def dates_of(self, interval: Interval) -> tuple[date, ...]:
        """Return the dates of the month on which some instant of the interval falls."""
        first = bisect_right(self.pieces, (interval.start - EPOCH) // _SECOND, key=_END)
        end = -((EPOCH - interval.end) // _SECOND)
        last = bisect_left(self.pieces, end, lo=first, key=_START)
        if last - first == 1:
            return (date_of(self.pieces[first].day),)
        return tuple(date_of(day) for day in dict.fromkeys(p.day for p in self.pieces[first:last]))

    def dates_off(self, holiday: Holiday, home: ZoneInfo) -> tuple[date, ...]:
        """Return the dates of the month on which some instant of the holiday falls.

        `home` is the zone whose dates the holiday takes.
        """
        first = max(holiday.first, self.first - _WIDEST_OFFSETS)
        last = min(holiday.last, self.last + _WIDEST_OFFSETS)
        if last < first:
            return ()
        parts = intervals_of_dates(home, first, last)
        return tuple(sorted({day for part in parts for day in self.dates_of(part)}))


def month_dates(year: int, month: int) -> tuple[date, date]:
    """Return the first and the last date of a month."""
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def local_month(year: int, month: int, viewer: ZoneInfo) -> LocalMonth:
    """Return the month as a viewer in that zone sees it."""
    first, last = month_dates(year, month)
    return LocalMonth(first, last, viewer, date_pieces(viewer, first, last))


def summaries(
    month: LocalMonth, consulted: Sequence[ConsultedPerson], rules: SlotRules, *, now: datetime
) -> tuple[DaySummary, ...]:
    """Return one summary for each date of the month, in order.

    Each counts exactly the slots that `find_slots` returns for its date. The first status that
    holds is told: past, when every slot is or the date is over; unavailable, without any slot;
    holiday, when every slot still to come is one; then by how many of those can be booked:
    available for all, limited for some; and with none of them unverified, when some are, or else
    full. Where the rules let unverified slots be booked they count as such here too, so that a date
    says what can be booked on it, and its slots say on what that rests.

    Raises:
        ValueError: when nobody is consulted, a zone is unknown or `now` is naive.
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
    to_come = total - tally.get(SlotStatus.PAST, 0)
    if is_over or (total and not to_come):
        return DayStatus.PAST
    if not total:
        return DayStatus.UNAVAILABLE
    if tally.get(SlotStatus.HOLIDAY) == to_come:
        return DayStatus.HOLIDAY
    if free:
        return DayStatus.AVAILABLE if free == to_come else DayStatus.LIMITED
    return DayStatus.UNVERIFIED if SlotStatus.UNVERIFIED in tally else DayStatus.FULL


def _over(month: LocalMonth, now: datetime) -> set[date]:
    """The dates that will not be shown again; one left out is over once a later one is shown."""
    now = to_utc(now)
    today, seconds = now.astimezone(month.viewer).date(), (now - EPOCH) // _SECOND
    # In order of instant, so that of a date shown in two pieces the later one stays.
    ends = {date_of(each.day): each.end for each in month.pieces}
    return {day for day in month.days if (ends[day] <= seconds if day in ends else day < today)}
