"""Month calendar: the slot summary, the holidays and the sessions of each date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.agenda import SessionHeading, session_heading
from shared.domain.caller import Caller
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from shared.domain.month import DaySummary, LocalMonth, local_month, month_dates, summaries
from shared.domain.organization import Organization
from shared.domain.person import Person
from shared.domain.policy import Policy
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import reach
from shared.domain.time_policy import Detail, detail_for
from shared.domain.zones import zone
from shared.ports import EventStore
from shared.usecases.finding.calendars import Source, sources
from shared.usecases.finding.participants import Participants, PersonData
from shared.usecases.finding.queries import Basis, ParticipantQuery

SOME_HOLIDAY = "Holiday"
"""The name shown for another user's holiday."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthQuery(ParticipantQuery):
    """A query for a month."""

    year: int
    month: int


class MonthSession(NamedTuple):
    """A session as the month shows it."""

    id: str
    title: str
    interval: Interval
    status: EventStatus


class MonthDay(NamedTuple):
    """A date, the holidays on it of the users named, and the sessions the caller may see."""

    summary: DaySummary
    holidays: tuple[str, ...]
    sessions: tuple[MonthSession, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthView:
    """All dates of a month, the rules they follow and the calendars that were read."""

    year: int
    month: int
    zone: str
    rules: SlotRules
    basis: Basis
    days: tuple[MonthDay, ...]
    sources: tuple[Source, ...]


class Months:
    """Shows months. Holidays and sessions are those of all users named, consulted or not."""

    def __init__(
        self,
        *,
        participants: Participants,
        events: EventStore,
        policy: Policy,
        organization: Organization,
        rules: SlotRules,
    ) -> None:
        self._participants = participants
        self._events = events
        self._policy = policy
        self._organization = organization
        self._rules = rules

    def of(self, caller: Caller, query: MonthQuery, *, now: datetime) -> MonthView:
        """Return the month. Each date counts exactly the slots a slot query for it would return.

        The session that a reschedule moves is still listed.

        Raises:
            InvalidRequest: when the query names no user or too many, or is a reschedule
                without a session id.
            Forbidden: when the caller may not ask about these people.
            NotFound: when there is no session with that id that the caller may see.
        """
        query.check()
        query.check_asked_by(caller)
        moving = query.session_to_move(caller, self._events, self._policy)
        rules, dates = query.rules(self._rules), month_dates(query.year, query.month)
        persons = self._participants.read_persons(
            [user for user, _ in query.named], query.longest_reach(dates, rules), now=now
        )
        viewer = query.viewer_zone(persons, self._organization)
        times = self._participants.read_times(
            query.consulted,
            persons,
            reach(dates, zone(viewer), rules),
            rules,
            leaving_out=moving,
        )
        people = times.consulted or (self._participants.default_person(viewer),)
        month = local_month(query.year, query.month, zone(viewer))
        holidays = self._holidays(caller, query, persons, month)
        sessions = self._sessions(caller, persons, month)
        return MonthView(
            year=query.year,
            month=query.month,
            zone=viewer,
            rules=rules,
            basis=query.basis,
            days=tuple(
                MonthDay(
                    summary,
                    tuple(holidays.get(summary.day, ())),
                    tuple(sessions.get(summary.day, ())),
                )
                for summary in summaries(month, people, rules, now=now)
            ),
            sources=sources(times.readings, caller),
        )

    def _holidays(
        self,
        caller: Caller,
        query: MonthQuery,
        persons: Mapping[str, PersonData],
        month: LocalMonth,
    ) -> dict[date, dict[str, None]]:
        """Return the holiday names by date, each name once."""
        names: dict[date, dict[str, None]] = {}
        for user, role in query.named:
            person = persons[user].person
            home = zone(self._zone(person, role))
            may_see_name = detail_for(caller, user) is Detail.ALL
            for holiday in sorted(person.holidays_as(role), key=lambda holiday: holiday.first):
                for day in month.dates_off(holiday, home):
                    name = holiday.name if may_see_name else SOME_HOLIDAY
                    names.setdefault(day, {})[name] = None
        return names

    def _zone(self, person: Person, role: Role) -> str:
        return self._organization.availability(person, role).zone

    def _sessions(
        self, caller: Caller, persons: Mapping[str, PersonData], month: LocalMonth
    ) -> dict[date, list[MonthSession]]:
        """Return the sessions the caller may see, by date, in order of start."""
        entries = _agenda_entries(persons, month)
        missing = self._headings([entry.session_id for entry in entries if not entry.heading])
        by_date: dict[date, list[MonthSession]] = {}
        for entry in entries:
            heading = entry.heading or missing.get(entry.session_id)
            if heading and (caller.manages_events or caller.user_id in heading.participants):
                session = MonthSession(
                    entry.session_id, heading.title, entry.interval, heading.status
                )
                for day in entry.dates:
                    by_date.setdefault(day, []).append(session)
        return by_date

    def _headings(self, session_ids: Sequence[str]) -> dict[str, SessionHeading]:
        """Read the headings that agendas lack; one more request, only if there are any."""
        if not session_ids:
            return {}
        events = self._events.find_all(session_ids).values()
        return {event.id: session_heading(event) for event in events if not event.is_closed}


class _AgendaEntry(NamedTuple):
    session_id: str
    interval: Interval
    heading: SessionHeading | None
    dates: tuple[date, ...]


def _agenda_entries(persons: Mapping[str, PersonData], month: LocalMonth) -> list[_AgendaEntry]:
    """Return the sessions of all persons that touch the month, each once, in order of start."""
    entries = {
        session: _AgendaEntry(session, interval, day.headings.get(session), dates)
        for data in persons.values()
        for day in data.agenda
        for session, interval in day.sessions.items()
        if (dates := month.dates_of(interval))
    }
    return sorted(
        entries.values(),
        key=lambda entry: (entry.interval.start, entry.interval.end, entry.session_id),
    )
