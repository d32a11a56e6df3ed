"""A month at a glance: what each date comes to, who is off then, and the sessions on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from shared.domain.agenda import SessionHeading
from shared.domain.caller import Caller
from shared.domain.interval import Interval
from shared.domain.month import DaySummary, LocalMonth, local_month, month_dates, summaries
from shared.domain.organization import Organization
from shared.domain.role import Role
from shared.domain.slot_rules import SlotRules
from shared.domain.slots import reach
from shared.domain.zones import zone
from shared.ports import EventStore
from shared.usecases.finding.calendars import Source, sources
from shared.usecases.finding.participants import Participants, PersonData
from shared.usecases.finding.queries import Basis, ParticipantQuery

SOME_HOLIDAY = "Holiday"
"""What somebody else's holiday is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthQuery(ParticipantQuery):
    """What was asked."""

    year: int
    month: int


class SessionShown(NamedTuple):
    """A session as the month tells it."""

    id: str
    title: str
    interval: Interval


class MonthDay(NamedTuple):
    """A date, the holidays of the people named on it, and the sessions the caller may see."""

    summary: DaySummary
    holidays: tuple[str, ...]
    sessions: tuple[SessionShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthView:
    """Every date of a month, the rules it follows and the calendars it rests on."""

    year: int
    month: int
    zone: str
    rules: SlotRules
    basis: Basis
    days: tuple[MonthDay, ...]
    sources: tuple[Source, ...]


class Months:
    """Shows months; holidays and sessions are those of everybody named, consulted or not."""

    def __init__(
        self,
        *,
        consultation: Participants,
        events: EventStore,
        organization: Organization,
        rules: SlotRules,
    ) -> None:
        self._consultation = consultation
        self._events = events
        self._organization = organization
        self._rules = rules

    def of(self, caller: Caller, query: MonthQuery, *, now: datetime) -> MonthView:
        """Return the month, each date counting exactly the slots of asking for that date.

        Raises:
            InvalidRequest: when nobody is named, or more people than may be.
        """
        query.check()
        rules, dates = query.rules(self._rules), month_dates(query.year, query.month)
        known = self._consultation.known(
            [user for user, _ in query.named], query.widest(dates, rules)
        )
        viewer = query.viewer(known, self._organization)
        where = zone(viewer)
        gathered = self._consultation.gather(query.consulted, known, reach(dates, where, rules))
        people = gathered.consulted or (self._consultation.anybody(viewer),)
        month = local_month(query.year, query.month, where)
        holidays = self._holidays(caller, query, known, month)
        sessions = self._sessions(caller, known, month)
        return MonthView(
            year=query.year,
            month=query.month,
            zone=viewer,
            rules=rules,
            basis=query.basis,
            days=tuple(
                MonthDay(each, tuple(holidays.get(each.day, ())), tuple(sessions.get(each.day, ())))
                for each in summaries(month, people, rules, now=now)
            ),
            sources=sources(gathered.readings),
        )

    def _holidays(
        self, caller: Caller, query: MonthQuery, known: Mapping[str, PersonData], month: LocalMonth
    ) -> dict[date, dict[str, None]]:
        """The names by date, each once."""
        found: dict[date, dict[str, None]] = {}
        for user, role in query.named:
            person = known[user].person
            home = zone(self._zone(known[user], role))
            may_know = caller.is_admin or caller.user_id == user
            for holiday in sorted(person.holidays_as(role), key=lambda each: each.first):
                for day in month.dates_off(holiday, home):
                    name = holiday.name if may_know else SOME_HOLIDAY
                    found.setdefault(day, {})[name] = None
        return found

    def _zone(self, known: PersonData, role: Role) -> str:
        return self._organization.availability(known.person, role).zone

    def _sessions(
        self, caller: Caller, known: Mapping[str, PersonData], month: LocalMonth
    ) -> dict[date, list[SessionShown]]:
        """The sessions the caller may see, by date, in order of start."""
        held = _held(known, month)
        older = self._headings([session for session, each in held.items() if not each.heading])
        found: dict[date, list[SessionShown]] = {}
        for session, each in sorted(held.items(), key=_by_time):
            heading = each.heading or older.get(session)
            if heading and (caller.is_admin or caller.user_id in heading.participants):
                shown = SessionShown(session, heading.title, each.interval)
                for day in each.dates:
                    found.setdefault(day, []).append(shown)
        return found

    def _headings(self, session_ids: Sequence[str]) -> dict[str, SessionHeading]:
        """What agendas written before they kept headings lack; a request more, for those only."""
        if not session_ids:
            return {}
        events = self._events.find_all(session_ids).values()
        return {
            each.id: SessionHeading(each.title, frozenset(each.participants))
            for each in events
            if not each.is_cancelled
        }


class _Held(NamedTuple):
    interval: Interval
    heading: SessionHeading | None
    dates: tuple[date, ...]


def _held(known: Mapping[str, PersonData], month: LocalMonth) -> dict[str, _Held]:
    """The sessions of everybody named that fall into the month, each once."""
    return {
        session: _Held(interval, day.headings.get(session), dates)
        for each in known.values()
        for day in each.agenda
        for session, interval in day.sessions.items()
        if (dates := month.dates_of(interval))
    }


def _by_time(item: tuple[str, _Held]) -> tuple[datetime, datetime, str]:
    session, held = item
    return held.interval.start, held.interval.end, session
