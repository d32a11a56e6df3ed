"""One local date of a user: their sessions and what their connected calendars hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from shared.domain.agenda import first_and_last_day
from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.localtime import intervals_of_dates
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.zones import zone
from shared.parallel import together
from shared.ports import EventStore, PeopleStore
from shared.usecases.finding.calendars import Calendars, Reading, Source, sources


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEntry:
    """One entry of the day; `provider` is None for a session of ours.

    `times_only` says that the rest is not for whoever asked.
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
    times_only: bool = False

    @property
    def reduced(self) -> "DayEntry":
        """The entry as told to those who may know its times only."""
        return DayEntry(
            provider=self.provider,
            title="Busy",
            interval=self.interval,
            all_day=self.all_day,
            busy=self.busy,
            times_only=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayView:
    """The entries of a date in order of start, and the calendars that were asked."""

    user_id: str
    day: date
    zone: str
    entries: tuple[DayEntry, ...]
    sources: tuple[Source, ...]


class DayList:
    """Lists days; `public_details` tells everything to everybody, for trusted networks."""

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
        self, caller: Caller | None, *, day: date, user_id: str | None, zone_name: str | None
    ) -> DayView:
        """Return the day of a user, the caller's own when none is named.

        Raises:
            InvalidRequest: when nobody is named and nobody asks.
        """
        whose = user_id or (caller.user_id if caller else None)
        if whose is None:
            problem = FieldProblem("userId", "is required without a bearer token")
            raise InvalidRequest("Say whose day in userId, or send a token.", [problem])
        person = self._people.person(whose)
        name = zone_name or _own_zone(person)
        parts = intervals_of_dates(zone(name), day, day)
        entries, readings = self._entries(person, parts)
        shown = [
            each for each in entries if any(each.interval.falls_within(part) for part in parts)
        ]
        full = self._public_details or (caller and (caller.is_admin or caller.user_id == whose))
        return DayView(
            user_id=whose,
            day=day,
            zone=name,
            entries=_in_order(shown if full else [each.reduced for each in shown]),
            sources=sources(readings),
        )

    def _entries(
        self, person: Person, parts: Sequence[Interval]
    ) -> tuple[list[DayEntry], tuple[Reading, ...]]:
        if not parts:  # a date the zone skipped
            return [], ()
        within = Interval(parts[0].start, parts[-1].end)
        [sessions], [readings] = together(
            [partial(self._sessions, person.user_id, within)],
            [partial(self._calendars.read, person.connections, within)],
        )
        return [
            *(_session_entry(each) for each in sessions),
            *(entry for each in readings for entry in _calendar_entries(each)),
        ], readings

    def _sessions(self, user_id: str, within: Interval) -> list[Event]:
        days = first_and_last_day(within)
        agenda = self._people.agenda(user_id, *days)
        ids = [
            session
            for day in agenda
            for session, held in day.sessions.items()
            if held.overlaps(within)
        ]
        events = self._events.find_all(ids).values() if ids else ()
        return [each for each in events if not each.is_cancelled and user_id in each.participants]


def _own_zone(person: Person) -> str:
    return person.zone(Role.COACH, "UTC")


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


def _calendar_entries(reading: Reading) -> list[DayEntry]:
    connection = reading.connection
    return [
        DayEntry(
            provider=connection.provider,
            title=each.title,
            interval=each.interval,
            all_day=each.all_day,
            busy=each.busy,
            external_id=each.external_id,
            status=each.status,
            location=each.location,
            url=each.url,
            connection_id=connection.id,
            calendar_name=connection.calendar_name,
        )
        for each in reading.entries
        if each.copy_of is None
    ]


def _in_order(entries: Sequence[DayEntry]) -> tuple[DayEntry, ...]:
    return tuple(
        sorted(entries, key=lambda each: (each.interval.start, each.interval.end, each.title))
    )
