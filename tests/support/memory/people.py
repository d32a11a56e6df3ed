"""The people in memory: their weeks, holidays, connections and agendas."""

from dataclasses import replace
from datetime import date, datetime

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.errors import NotFound
from shared.domain.holiday import Holiday
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
from tests.support.memory.tables import Memory


class MemoryPeople:
    """Fills `PeopleStore`; `marks` lists the connections that `mark_connection` changed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.marks: list[str] = []

    def person(self, user_id: str) -> Person:
        with self._memory.lock:
            return self._memory.persons.get(user_id, Person(user_id=user_id))

    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        with self._memory.lock:
            days = sorted(self._memory.agendas.values(), key=lambda each: each.day)
            return tuple(
                each for each in days if each.user_id == user_id and first <= each.day <= last
            )

    def remember(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            seen = person.roles_seen | roles
            self._keep(replace(person, email=email or person.email, roles_seen=seen))

    def see_welcome(self, user_id: str, at: datetime) -> datetime:
        with self._memory.lock:
            first = self.person(user_id).welcome_seen_at or at
            self._keep(replace(self.person(user_id), welcome_seen_at=first))
            return first

    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            kept = {**person.availability, availability.role: availability}
            self._keep(replace(person, availability=kept))

    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            self._keep(replace(person, holidays=(*person.holidays, holiday)))

    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            kept = tuple(each for each in person.holidays if each.id != holiday_id)
            if len(kept) == len(person.holidays):
                raise NotFound(f"no holiday {holiday_id}")
            self._keep(replace(person, holidays=kept))

    def save_connection(self, connection: Connection) -> None:
        with self._memory.lock:
            person = self.person(connection.user_id)
            others = tuple(each for each in person.connections if each.id != connection.id)
            self._keep(replace(person, connections=(*others, connection)))

    def remove_connection(self, user_id: str, connection_id: str) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            kept = tuple(each for each in person.connections if each.id != connection_id)
            if len(kept) == len(person.connections):
                raise NotFound(f"no connection {connection_id}")
            self._keep(replace(person, connections=kept))

    def mark_connection(
        self, connection: Connection, status: ConnectionStatus, *, error: str | None
    ) -> bool:
        with self._memory.lock:
            connections = self.person(connection.user_id).connections
            kept = next((each for each in connections if each.id == connection.id), None)
            if kept is None or kept.credential != connection.credential:
                return False
            marked = replace(kept, status=status, last_error=error)
            if marked == kept:
                return False
            self.save_connection(marked)
            self.marks.append(connection.id)
            return True

    def _keep(self, person: Person) -> None:
        self._memory.persons[person.user_id] = person
