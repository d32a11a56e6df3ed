"""One local date of a user: their sessions and the entries of their connected calendars."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from shared.domain.agenda import first_and_last_day
from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.event import Event
from shared.domain.interval import Interval, union
from shared.domain.localtime import intervals_of_dates
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.time_policy import Detail, detail_for
from shared.domain.zones import zone
from shared.parallel import together
from shared.ports import EventStore, PeopleStore
from shared.usecases.finding.calendars import (
    Calendars,
    Reading,
    Source,
    all_sources,
    combined_source,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """One entry of the day; `provider` is None for this service's own sessions.

    `dates` are the first and last date of an all-day entry, both included.
    `times_only` is true when the caller may see only the times, not whose entry it is. Of a
    `private` entry only its owner sees more.
    """

    provider: Provider | None
    title: str
    interval: Interval
    all_day: bool
    busy: bool
    external_id: str | None = None
    session_id: str | None = None
    status: str | None = None
    location: str | None = None
    url: str | None = None
    connection_id: str | None = None
    calendar_name: str | None = None
    dates: tuple[date, date] | None = None
    times_only: bool = False
    private: bool = False

    @property
    def reduced(self) -> "DayEntry":
        """The entry for callers who may see only its times."""
        return _times_only(self.interval, all_day=self.all_day, busy=self.busy)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """The entries of a date in order of start, and the calendars that were read.

    As far as the caller may see them.
    """

    user_id: str
    day: date
    zone: str
    entries: tuple[DayEntry, ...]
    sources: tuple[Source, ...]


class DayList:
    """Lists the entries of days. `public_details` shows all fields to every caller."""

    def __init__(
        self,
        *,
        people: PeopleStore,
        events: EventStore,
        calendars: Calendars,
        public_details: bool,
    ) -> None:
        self._people = people
        self._events = events
        self._calendars = calendars
        self._public_details = public_details

    def on(
        self,
        caller: Caller | None,
        *,
        day: date,
        user_id: str | None,
        zone_name: str | None,
        now: datetime,
    ) -> DayView:
        """Return the day of a user, or of the caller when `user_id` is None.

        The zone defaults to the user's own, without a caller to UTC. Without a caller, a user who
        has nothing on that date looks like an unknown one.

        Raises:
            InvalidRequest: when there is neither a user id nor a caller.
        """
        owner_id = user_id or (caller.user_id if caller else None)
        if owner_id is None:
            problem = FieldProblem("userId", "is required without a bearer token")
            raise InvalidRequest("Send userId or a bearer token.", [problem])
        person = self._people.person(owner_id)
        is_owner = caller is not None and caller.user_id == owner_id
        detail = Detail.ALL if self._public_details else detail_for(caller, owner_id)
        own_zone = "UTC" if detail is Detail.BUSY else person.zone(Role.COACH, "UTC")
        name = zone_name or own_zone
        parts = intervals_of_dates(zone(name), day, day)
        entries, readings = self._entries(person, parts, now=now)
        entries = [
            entry.reduced if entry.private and not is_owner else entry
            for entry in entries
            if any(entry.interval.falls_within(part) for part in parts)
        ]
        return DayView(
            user_id=owner_id,
            day=day,
            zone=name,
            entries=_in_order(_shown(entries, detail)),
            sources=_shown_sources(owner_id, readings, detail),
        )

    def _entries(
        self, person: Person, parts: Sequence[Interval], *, now: datetime
    ) -> tuple[list[DayEntry], tuple[Reading, ...]]:
        if not parts:  # the zone skipped this date
            return [], ()
        within = Interval(parts[0].start, parts[-1].end)
        zones = {person.user_id: person.own_zone}
        [sessions], [readings] = together(
            [partial(self._sessions, person.user_id, within, now=now)],
            [partial(self._calendars.read, person.connections, within, zones)],
        )
        known = {event.id for event in sessions}
        return [
            *(_session_entry(event) for event in sessions),
            *(entry for reading in readings for entry in _calendar_entries(reading, known)),
        ], readings

    def _sessions(self, user_id: str, within: Interval, *, now: datetime) -> list[Event]:
        days = first_and_last_day(within)
        agenda = self._people.agenda(user_id, *days)
        ids = [
            session
            for day in agenda
            for session, interval in day.sessions.items()
            if interval.overlaps(within)
        ]
        stored = self._events.find_all(ids).values() if ids else ()
        events = [event.at(now) for event in stored]
        return [event for event in events if not event.is_closed and user_id in event.participants]


def _session_entry(event: Event) -> DayEntry:
    return DayEntry(
        provider=None,
        title=event.title,
        interval=event.interval,
        all_day=False,
        busy=True,
        external_id=event.id,
        session_id=event.id,
        status=event.status,
        location=event.location,
        url=event.session_link,
    )


def _calendar_entries(reading: Reading, sessions: Collection[str]) -> list[DayEntry]:
    connection = reading.connection
    return [
        DayEntry(
            provider=connection.provider,
            title=entry.title,
            interval=entry.interval,
            all_day=entry.all_day,
            busy=entry.busy,
            external_id=entry.external_id,
            status=entry.status,
            location=entry.location,
            url=entry.url,
            connection_id=connection.id,
            calendar_name=connection.calendar_name,
            private=entry.private,
            dates=entry.dates,
        )
        for entry in reading.users_entries(sessions)
    ]


def _times_only(interval: Interval, *, all_day: bool = False, busy: bool = True) -> DayEntry:
    return DayEntry(
        provider=None,
        title="Busy",
        interval=interval,
        all_day=all_day,
        busy=busy,
        times_only=True,
    )


def _shown(entries: Sequence[DayEntry], detail: Detail) -> Sequence[DayEntry]:
    """Return the entries as far as the caller may see them.

    For BUSY, entries marked free are left out and the others merged: the start and end of each
    entry, and that it lasts whole days of some zone, are details too.
    """
    if detail is Detail.ALL:
        return entries
    if detail is Detail.TIMES:
        return [entry.reduced for entry in entries]
    return [_times_only(each) for each in union(entry.interval for entry in entries if entry.busy)]


def _shown_sources(user_id: str, readings: Sequence[Reading], detail: Detail) -> tuple[Source, ...]:
    if detail is Detail.BUSY:
        return combined_source(user_id, readings)
    every = all_sources(readings)
    return every if detail is Detail.ALL else tuple(each.state_only for each in every)


def _in_order(entries: Sequence[DayEntry]) -> tuple[DayEntry, ...]:
    return tuple(
        sorted(entries, key=lambda entry: (entry.interval.start, entry.interval.end, entry.title))
    )
