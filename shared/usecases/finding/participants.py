"""Read the times of participants: one wave of store reads, then their calendars."""

from collections.abc import Mapping, Sequence
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
    """The stored data of one user for an interval."""

    person: Person
    agenda: tuple[AgendaDay, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantTimes:
    """The consulted participants, ready for slot finding, and the calendars that were read."""

    consulted: tuple[ConsultedPerson, ...]
    readings: tuple[Reading, ...]


class Participants:
    """Reads the stores and the calendars of participants."""

    def __init__(
        self, *, people: PeopleStore, calendars: Calendars, organization: Organization
    ) -> None:
        self._people = people
        self._calendars = calendars
        self._organization = organization

    def read_persons(self, user_ids: Sequence[str], within: Interval) -> dict[str, PersonData]:
        """Return the stored data of each user, with two parallel requests per user."""
        days = first_and_last_day(within)
        users = tuple(dict.fromkeys(user_ids))
        persons = [partial(self._people.person, user) for user in users]
        agendas = [partial(self._people.agenda, user, *days) for user in users]
        return {
            user: PersonData(person=person, agenda=agenda)
            for user, person, agenda in zip(users, *together(persons, agendas), strict=True)
        }

    def read_times(
        self,
        consulted: Sequence[tuple[str, Role]],
        persons: Mapping[str, PersonData],
        within: Interval,
        *,
        leaving_out: str | None = None,
    ) -> ParticipantTimes:
        """Read the calendars of the consulted users and combine them with their stored data.

        The time of the session `leaving_out` counts as free.
        """
        users = tuple(dict.fromkeys(user for user, _ in consulted))
        connections = [
            connection for user in users for connection in persons[user].person.connections
        ]
        readings = self._calendars.read(connections, within)
        people = tuple(
            self._consulted(persons[user], role, readings, leaving_out) for user, role in consulted
        )
        return ParticipantTimes(consulted=people, readings=readings)

    def default_person(self, zone: str) -> ConsultedPerson:
        """Return a person with the organization's default windows in `zone` and no busy times."""
        return ConsultedPerson(role=None, zone=zone, windows=self._organization.windows(zone))

    def _consulted(
        self, data: PersonData, role: Role, readings: Sequence[Reading], leaving_out: str | None
    ) -> ConsultedPerson:
        person = data.person
        own = [reading for reading in readings if reading.connection.user_id == person.user_id]
        availability = self._organization.availability(person, role)
        sessions = [
            interval
            for day in data.agenda
            for session, interval in day.sessions.items()
            if session != leaving_out
        ]
        return ConsultedPerson(
            role=role,
            zone=availability.zone,
            windows=availability.windows,
            holidays=person.holidays_as(role),
            busy=busy_spans([*sessions, *(busy for reading in own for busy in reading.busy)]),
            unread=any(reading.state is not SourceState.OK for reading in own),
        )
