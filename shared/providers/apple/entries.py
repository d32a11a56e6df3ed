"""Converts calendar objects to calendar entries."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.domain.zones import is_zone, zone
from shared.providers.apple.budget import Budget
from shared.providers.apple.components import Component, EntryMaker, SeriesOccurrence, can_be_in
from shared.providers.apple.event_lines import EventLines
from shared.providers.apple.ics import PARSE_ERRORS
from shared.providers.apple.object_zones import Zones
from shared.providers.apple.objects import read_object
from shared.providers.apple.recurrence import Series
from shared.providers.apple.times import Place

_DAY_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_UNREADABLE = (*PARSE_ERRORS, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaldavEntryReader:
    """Reads entries for one connection; `addresses` are the user's own, in lower case."""

    connection_id: str
    addresses: frozenset[str]
    zone: str | None

    def entries(
        self, text: str, href: str, *, within: Interval, budget: Budget
    ) -> Iterator[CalendarEntry]:
        """Yield the entries of one calendar object, as `read` does."""
        yield from self.read([(href, text)], within=within, budget=budget)

    def read(
        self, objects: Iterable[tuple[str, str]], *, within: Interval, budget: Budget
    ) -> list[CalendarEntry]:
        """Return the entries that overlap `within` of calendar objects: their hrefs and texts.

        A zero-length entry counts if its instant is inside. Cancelled events are left out. Events
        with one UID are one series, in one object or several. An entry in an unknown zone has the
        widest time that it could be.

        Raises:
            CalendarMalformed: an object, or an event that can be in `within`, cannot be read. The
                error has the entries that can be read.
            CalendarTooLarge: the objects exceed a bound, or the budget is used up.
        """
        place = Place(zone(self.zone) if self.zone and is_zone(self.zone) else None)
        maker = EntryMaker(self.connection_id, self.addresses, place, budget)
        reading = _Reading(maker, within, budget)
        for href, text in objects:
            reading.add(href, text)
        return reading.finish()


class _Source(NamedTuple):
    """One event, the href of its object and the zones that this defines."""

    href: str
    event: EventLines
    zones: Zones


@dataclass(slots=True)
class _Group:
    """The events with one UID: entries and series, and exceptions of these."""

    masters: list[_Source] = field(default_factory=list)
    exceptions: list[_Source] = field(default_factory=list)

    @property
    def repeats(self) -> bool:
        """Whether it is a series, or part of one."""
        return bool(self.exceptions) or any(each.event.repeats for each in self.masters)


class _Reading:
    def __init__(self, maker: EntryMaker, within: Interval, budget: Budget) -> None:
        self._maker = maker
        self._within = within
        self._budget = budget
        self._entries: list[CalendarEntry] = []
        self._groups: dict[str, _Group] = {}
        self._problem: CalendarMalformed | None = None

    def add(self, href: str, text: str) -> None:
        try:
            found = read_object(text, self._budget)
        except CalendarMalformed as error:
            self._problem = self._problem or error
            return
        zones = Zones(found.zones, self._budget)
        for number, event in enumerate(found.events):
            # An event without a UID belongs to no series.
            uid = event.text("UID") or f"\n{href}\n{number}"
            group = self._groups.get(uid)
            if group is None:
                group = self._groups[uid] = _Group()
            sources = group.exceptions if "RECURRENCE-ID" in event else group.masters
            sources.append(_Source(href, event, zones))

    def finish(self) -> list[CalendarEntry]:
        for group in self._groups.values():
            if group.repeats:
                self._read_series(group)
            else:
                self._read_singles(group.masters)
        if self._problem is not None:
            self._problem.entries = tuple(self._entries)
            raise self._problem
        return self._entries

    def _read_singles(self, sources: Sequence[_Source]) -> None:
        for number, source in enumerate(sources):
            try:
                component = self._maker.component(source.event, source.zones)
                if not component.is_cancelled:
                    external_id = f"{source.href}#{number}" if number else source.href
                    self._append(component.itself, external_id)
            except _UNREADABLE as error:
                self._note(source, error)

    def _read_series(self, group: _Group) -> None:
        exceptions = list(self._components(group.exceptions))
        masters = list(self._components(group.masters))
        for source, each in exceptions:
            self._budget.spend()
            try:
                if not each.is_cancelled:
                    is_first = all(self._names_first(each, master) for _, master in masters)
                    self._append_of_series(source, each.itself, is_first=is_first)
            except _UNREADABLE as error:
                self._note(source, error)
        changes = [each for _, each in exceptions]
        for source, master in masters:
            try:
                if not master.is_cancelled:
                    first = master.itself.identity
                    series = Series(master, changes, self._maker.place, self._budget)
                    for found in series.between(self._within):
                        is_first = found.identity == first
                        self._append_of_series(source, found, is_first=is_first)
            except _UNREADABLE as error:
                self._note(source, error)

    def _names_first(self, exception: Component, master: Component) -> bool:
        place = self._maker.place
        return place.earliest(exception.named) == place.earliest(master.start)

    def _components(self, sources: Sequence[_Source]) -> Iterator[tuple[_Source, Component]]:
        for source in sources:
            try:
                yield source, self._maker.component(source.event, source.zones)
            except _UNREADABLE as error:
                self._note(source, error)

    def _append_of_series(
        self, source: _Source, found: SeriesOccurrence, *, is_first: bool
    ) -> None:
        """Add an occurrence. Of a series that the user made of a copy, the first is the copy."""
        count = len(self._entries)
        self._append(found, f"{source.href}#{found.identity}")
        if len(self._entries) > count and not is_first:
            entry = self._entries[-1]
            self._entries[-1] = replace(entry, copy_of=None, copy_for_other=None, key=None)

    def _append(self, found: SeriesOccurrence, external_id: str) -> None:
        interval = found.interval(self._maker.place)
        if interval.falls_within(self._within):
            self._budget.take_occurrence()
            self._entries.append(self._maker.entry(found, interval, external_id))

    def _note(self, source: _Source, error: Exception) -> None:
        """Keep the first problem with an event that can be in the interval."""
        event, zones = source.event, source.zones
        if self._problem is None and can_be_in(self._within, event, zones, self._maker.place):
            day = _DAY_DIGITS.search(next((each.value for each in event.readable("DTSTART")), ""))
            self._problem = CalendarMalformed(
                "The calendar contains an event that cannot be read.",
                title=event.text("SUMMARY") or "",
                day="-".join(day.groups()) if day else None,
            )
            self._problem.__cause__ = error
