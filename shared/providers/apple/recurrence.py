"""Expands the occurrences of a series (RFC 5545, 3.8.5), with a limit on the work."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.components import Component, SeriesOccurrence
from shared.providers.apple.rules import SeriesRule, rule_of
from shared.providers.apple.searches import Search
from shared.providers.apple.times import (
    DAY,
    Duration,
    Length,
    Moment,
    Place,
    extent_between,
    moments_of,
)

# Local times differ from UTC by up to this much, and a clock change adds an hour.
_ZONE_SLACK = timedelta(hours=27)


@dataclass(slots=True)
class _Dates:
    """Occurrences of one series, as named by dates or times of any kind."""

    place: Place
    of_dates: bool
    keys: set[object] = field(default_factory=set)
    dates: set[date] = field(default_factory=set)

    def add(self, moment: Moment) -> None:
        if self.of_dates:
            self.dates.add(self.place.local_date(moment))
        elif moment.is_date:
            self.dates.add(moment.wall.date())
        else:
            self.keys.add(_key(moment, self.place))

    def __contains__(self, moment: Moment) -> bool:
        if not self.of_dates and _key(moment, self.place) in self.keys:
            return True
        day = moment.wall.date()
        # A date names a time only if it is its date in UTC and in the zone of the calendar.
        return day in self.dates and (self.of_dates or self.place.local_date(moment) == day)


class Series:
    """A component and the occurrences that follow from it, without those that exceptions name."""

    def __init__(
        self, master: Component, exceptions: Sequence[Component], place: Place, budget: Budget
    ) -> None:
        self._master = master
        self._place = place
        self._budget = budget
        named = [each for each in exceptions if each.recurrence_id is not None]
        self._excluded = _Dates(place, master.start.is_date)
        for moment, _ in moments_of(master.event, "EXDATE", master.zones):
            self._excluded.add(moment)
        for each in named:
            self._excluded.add(each.named)
        self._for_future = sorted(
            (each for each in named if each.is_for_future),
            key=lambda each: place.earliest(each.named),
        )

    def between(self, within: Interval) -> Iterator[SeriesOccurrence]:
        """Yield what occurs within the interval or near it.

        Raises:
            CalendarTooLarge: the budget is used up.
            ValueError: a rule or a date cannot be read.
            OverflowError: a date is out of range.
        """
        seen = _Dates(self._place, self._master.start.is_date)
        for moment, extent in self._moments(within):
            if moment in seen or moment in self._excluded:
                continue
            seen.add(moment)
            self._budget.spend(1 + len(self._for_future))
            found = self._at(moment, extent)
            if found is not None:
                yield found

    def _moments(self, within: Interval) -> Iterator[tuple[Moment, Duration]]:
        master = self._master
        yield master.start, master.extent
        for moment, length in moments_of(master.event, "RDATE", master.zones):
            self._budget.spend()
            yield self._extra(moment, length)
        for found in master.event.all("RRULE"):
            rule = rule_of(found.value, master.start, master.zones)
            for moment in self._repeated(rule, within):
                yield moment, master.extent

    def _extra(self, moment: Moment, length: Length | None) -> tuple[Moment, Duration]:
        start = self._master.start
        if start.is_date and not moment.is_date:
            day = self._place.local_date(moment)
            moment = start._replace(wall=datetime(day.year, day.month, day.day))  # noqa: DTZ001 - a local time
        is_like_start = length is None and moment.is_date == start.is_date
        extent = self._master.extent if is_like_start else None
        return moment, extent or extent_between(moment, length, self._place)

    def _repeated(self, rule: SeriesRule, within: Interval) -> Iterator[Moment]:
        start = self._master.start
        low, high = self._bounds(within)
        if rule.last_wall is not None:
            high = min(high, rule.last_wall)
        for wall in Search(rule.text, start.wall, self._budget).between(low, high):
            moment = start._replace(wall=wall)
            if rule.keeps(moment, self._place):
                yield moment

    def _bounds(self, within: Interval) -> tuple[datetime, datetime]:
        """Return local times before and after every occurrence that can overlap `within`."""
        components = [self._master, *self._for_future]
        lengths = [each.extent.days + each.extent.exact for each in components]
        length = max(lengths) + DAY
        moved = [_moved(each) for each in self._for_future]
        low = _local(within.start) - _ZONE_SLACK - length - max([timedelta(), *moved])
        travel = max(each.travel for each in components)
        return low, _local(within.end) + _ZONE_SLACK + travel - min([timedelta(), *moved])

    def _at(self, moment: Moment, extent: Duration) -> SeriesOccurrence | None:
        at = self._place.earliest(moment)
        changes = [each for each in self._for_future if self._place.earliest(each.named) <= at]
        if not changes:
            return SeriesOccurrence(self._master, moment, extent, moment)
        change = changes[-1]
        if change.is_cancelled:
            return None
        # The exception moves this occurrence as far as the one that it names.
        moved = change.start.moved(self._since(change, moment))
        return SeriesOccurrence(change, moved, change.extent, moment)

    def _since(self, change: Component, moment: Moment) -> timedelta:
        first = change.named
        if first.zone is moment.zone or first.is_date or moment.is_date:
            length = moment.wall - first.wall
        else:
            length = self._place.earliest(moment) - self._place.earliest(first)
        return timedelta(days=length.days) if change.start.is_date else length


def _key(moment: Moment, place: Place) -> object:
    if place.knows(moment):
        return place.earliest(moment)
    return moment.zone_name, moment.wall


def _moved(change: Component) -> timedelta:
    first = change.named
    length = change.start.wall - first.wall
    return length + DAY if length > timedelta() else length - DAY


def _local(at: datetime) -> datetime:
    return at.replace(tzinfo=None)
