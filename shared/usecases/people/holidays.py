"""Holidays: whole local dates off in one role, and the sessions they conflict with."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from shared.domain.agenda import MAX_SESSION
from shared.domain.caller import Caller
from shared.domain.errors import FieldProblem, InvalidRequest
from shared.domain.limits import HOLIDAYS
from shared.domain.localtime import intervals_of_dates
from shared.domain.organization import Organization
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.zones import zone
from shared.ports import PeopleStore
from shared.usecases.people.limits import Limits

LONGEST = timedelta(days=366)
_WIDEST_OFFSET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class HolidayAdded:
    """A new holiday and the ids of the conflicting sessions, which are not changed."""

    holiday: Holiday
    conflicting_sessions: tuple[str, ...]


class Holidays:
    """The operations on the holidays of the caller, or whom an Admin acts for."""

    def __init__(self, *, people: PeopleStore, organization: Organization, limits: Limits) -> None:
        self._people = people
        self._organization = organization
        self._limits = limits

    def of(self, caller: Caller) -> tuple[Holiday, ...]:
        """Return all of the caller's holidays in order of their first date."""
        holidays = self._people.person(caller.user_id).holidays
        return tuple(
            sorted(holidays, key=lambda holiday: (holiday.first, holiday.last, holiday.id))
        )

    def add(
        self, caller: Caller, *, name: str, role: Role, first: date, last: date, now: datetime
    ) -> HolidayAdded:
        """Store a holiday from `first` to `last`, both included.

        Raises:
            InvalidRequest: when the dates are out of order or over 366 days.
            Forbidden: when the caller does not have the role.
            TooManyRequests: when the caller has too many holidays.
        """
        _check(first, last)
        caller.require(role)
        person = self._people.person(caller.user_id)
        self._limits.check(HOLIDAYS, len(person.holidays) + 1)
        holiday = Holiday(
            id=str(uuid.uuid4()),
            name=name,
            role=role,
            first=first,
            last=last,
            created_at=now,
            created_by=caller.actor_id,
        )
        self._people.add_holiday(caller.user_id, holiday)
        if not caller.acting_admin:
            self._people.save_profile(caller.user_id, email=caller.email, roles=caller.roles)
        return HolidayAdded(holiday, self._sessions_on(person, holiday, now=now))

    def remove(self, caller: Caller, holiday_id: str) -> None:
        """Delete one of the caller's holidays.

        Raises:
            NotFound: when the caller has no holiday with that id.
        """
        self._people.remove_holiday(caller.user_id, holiday_id, acting_admin=caller.acting_admin)

    def _sessions_on(self, person: Person, holiday: Holiday, *, now: datetime) -> tuple[str, ...]:
        home = zone(person.zone(holiday.role, self._organization.zone))
        off = intervals_of_dates(home, holiday.first, holiday.last)
        agenda = self._people.agenda(
            person.user_id,
            holiday.first - _WIDEST_OFFSET - MAX_SESSION,
            holiday.last + _WIDEST_OFFSET,
        )
        sessions = [
            (interval.start, session)
            for day in agenda
            for session, interval in day.at(now).sessions.items()
            if any(interval.overlaps(part) for part in off)
        ]
        return tuple(session for _, session in sorted(sessions))


def _check(first: date, last: date) -> None:
    if last < first:
        problem = FieldProblem("endDate", "must not be before startDate")
        raise InvalidRequest("endDate is before startDate. Swap them.", [problem])
    if last - first >= LONGEST:
        problem = FieldProblem("endDate", "must be within 366 days of startDate")
        raise InvalidRequest("A holiday lasts at most 366 days. Split it into several.", [problem])
