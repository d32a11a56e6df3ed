"""Gathering what decides about people's time: one wave of reads, then their calendars."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from shared.domain.agenda import AgendaDay, first_and_last_day
from shared.domain.interval import Interval, busy_spans
from shared.domain.organization import Organization
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.slot_rules import ConsultedPerson
from shared.parallel import together
from shared.ports import PeopleStore
from shared.usecases.finding.calendars import Calendars, Reading, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """What the stores hold of one user for some stretch of time."""

    person: Person
    agenda: tuple[AgendaDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantTimes:
    """The people consulted, ready for slot finding, and the calendars that were asked."""

    consulted: tuple[ConsultedPerson, ...]
    readings: tuple[Reading, ...]


class Participants:
    """Asks the stores and the calendars about the people whose time decides."""

    def __init__(
        self, *, people: PeopleStore, calendars: Calendars, organization: Organization
    ) -> None:
        self._people = people
        self._calendars = calendars
        self._organization = organization

    def known(self, user_ids: Sequence[str], within: Interval) -> dict[str, PersonData]:
        """Return what is kept of each user: two requests a person, all in one wave."""
        days = first_and_last_day(within)
        users = tuple(dict.fromkeys(user_ids))
        persons = [partial(self._people.person, user) for user in users]
        agendas = [partial(self._people.agenda, user, *days) for user in users]
        return {
            user: PersonData(person=person, agenda=agenda)
            for user, person, agenda in zip(users, *together(persons, agendas), strict=True)
        }

    def gather(
        self,
        who: Sequence[tuple[str, Role]],
        known: dict[str, PersonData],
        within: Interval,
        *,
        leaving_out: str | None = None,
    ) -> ParticipantTimes:
        """Read the calendars of `who` and put it all together for slot finding.

        `leaving_out` is the one session whose time counts as free.
        """
        users = tuple(dict.fromkeys(user for user, _ in who))
        connections = [each for user in users for each in known[user].person.connections]
        readings = self._calendars.read(connections, within)
        consulted = tuple(
            self._consulted(known[user], role, readings, leaving_out) for user, role in who
        )
        return ParticipantTimes(consulted=consulted, readings=readings)

    def anybody(self, zone: str) -> ConsultedPerson:
        """Return the organization's default windows in `zone`, with nobody's busy times."""
        return ConsultedPerson(role=None, zone=zone, windows=self._organization.windows(zone))

    def _consulted(
        self, known: PersonData, role: Role, readings: Sequence[Reading], leaving_out: str | None
    ) -> ConsultedPerson:
        person = known.person
        mine = [each for each in readings if each.connection.user_id == person.user_id]
        availability = self._organization.availability(person, role)
        sessions = [
            held
            for day in known.agenda
            for session, held in day.sessions.items()
            if session != leaving_out
        ]
        return ConsultedPerson(
            role=role,
            zone=availability.zone,
            windows=availability.windows,
            holidays=person.holidays_as(role),
            busy=busy_spans([*sessions, *(taken for each in mine for taken in each.busy)]),
            unread=any(each.state is not SourceState.OK for each in mine),
        )
