"""Read the times of participants: one wave of store reads, then their calendars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from shared.domain.agenda import AgendaDay, first_and_last_day
from shared.domain.interval import Interval, Spans, busy_spans, merge
from shared.domain.organization import Organization
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, ConsultedPerson, SlotRules
from shared.parallel import together
from shared.ports import PeopleStore
from shared.usecases.finding.calendars import Calendars, Reading, SourceState


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """The stored data of one user for an interval."""

    person: Person
    agenda: tuple[AgendaDay, ...]

    @property
    def known_sessions(self) -> frozenset[str]:
        """The ids of the sessions on the agenda; calendar entries may be copies of them."""
        return frozenset(session for day in self.agenda for session in day.sessions)

    def sessions(self, *, leaving_out: str | None = None) -> tuple[Interval, ...]:
        """Return the times of the sessions on the agenda, without the one left out."""
        return tuple(
            interval
            for day in self.agenda
            for session, interval in day.sessions.items()
            if session != leaving_out
        )


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

    def read_persons(
        self, user_ids: Sequence[str], within: Interval, *, now: datetime
    ) -> dict[str, PersonData]:
        """Return the stored data of each user, with two parallel requests per user.

        Agendas are those at `now`: pending sessions that have expired take no time.
        """
        days = first_and_last_day(within)
        users = tuple(dict.fromkeys(user_ids))
        persons = [partial(self._people.person, user) for user in users]
        agendas = [partial(self._people.agenda, user, *days) for user in users]
        return {
            user: PersonData(person=person, agenda=tuple(day.at(now) for day in agenda))
            for user, person, agenda in zip(users, *together(persons, agendas), strict=True)
        }

    def read_times(
        self,
        consulted: Sequence[tuple[str, Role]],
        persons: Mapping[str, PersonData],
        within: Interval,
        rules: SlotRules,
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
        zones = {user: persons[user].person.own_zone for user in users}
        readings = self._calendars.read(connections, within, zones)
        is_alone = len(consulted) == 1
        people = tuple(
            self.consulted(
                persons[user],
                role,
                rules,
                is_alone=is_alone,
                readings=readings,
                leaving_out=leaving_out,
            )
            for user, role in consulted
        )
        return ParticipantTimes(consulted=people, readings=readings)

    def default_person(self, zone: str) -> ConsultedPerson:
        """Return a person with the organization's default windows in `zone` and no busy times."""
        return ConsultedPerson(role=None, zone=zone, windows=self._organization.windows(zone))

    def consulted(
        self,
        data: PersonData,
        role: Role,
        rules: SlotRules,
        *,
        is_alone: bool,
        readings: Sequence[Reading] = (),
        leaving_out: str | None = None,
    ) -> ConsultedPerson:
        """Return a person in a role, with the sessions and the calendars that were read.

        `is_alone` says that no one else is consulted.
        """
        person = data.person
        own = [reading for reading in readings if reading.connection.user_id == person.user_id]
        availability = self._organization.limiting(person, role, is_alone=is_alone)
        entries = [busy for reading in own for busy in reading.busy(data.known_sessions)]
        sessions = data.sessions(leaving_out=leaving_out)
        return ConsultedPerson(
            role=role,
            zone=availability.zone,
            windows=availability.windows,
            holidays=person.holidays_as(role),
            busy=_busy(sessions, entries, rules),
            unread=any(reading.state is not SourceState.OK for reading in own),
        )


def _busy(sessions: Sequence[Interval], entries: Sequence[Interval], rules: SlotRules) -> Spans:
    """Return the calendar entries, and the sessions with the buffers that surround each."""
    before, after = rules.buffer_before // MINUTE, rules.buffer_after // MINUTE
    if not before and not after:
        return busy_spans([*sessions, *entries])
    around = ((start - before, end + after) for start, end in busy_spans(sessions))
    return merge([*around, *busy_spans(entries)])
