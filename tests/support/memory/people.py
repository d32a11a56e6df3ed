"""Users in memory: availability, holidays, connections and agendas."""

from dataclasses import replace
from datetime import date, datetime

from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.errors import NotFound
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
from shared.ports import PeopleStore
from tests.support.memory.tables import Memory


class MemoryPeople(PeopleStore):
    """Users; `marks` lists the connections that `mark_connection` changed."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.marks: list[str] = []

    @override
    def person(self, user_id: str) -> Person:
        with self._memory.lock:
            return self._memory.persons.get(user_id, Person(user_id=user_id))

    @override
    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        with self._memory.lock:
            days = sorted(self._memory.agendas.values(), key=lambda each: each.day)
            return tuple(
                each for each in days if each.user_id == user_id and first <= each.day <= last
            )

    @override
    def save_profile(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            seen = person.roles_seen | roles
            self._save(replace(person, email=email or person.email, roles_seen=seen))

    @override
    def record_welcome_seen(self, user_id: str, at: datetime) -> datetime:
        with self._memory.lock:
            first = self.person(user_id).welcome_seen_at or at
            self._save(replace(self.person(user_id), welcome_seen_at=first))
            return first

    @override
    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            merged = {**person.availability, availability.role: availability}
            self._save(replace(person, availability=merged))

    @override
    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            self._save(replace(person, holidays=(*person.holidays, holiday)))

    @override
    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            others = tuple(each for each in person.holidays if each.id != holiday_id)
            if len(others) == len(person.holidays):
                raise NotFound(f"no holiday {holiday_id}")
            self._save(replace(person, holidays=others))

    @override
    def save_connection(self, connection: Connection) -> None:
        with self._memory.lock:
            person = self.person(connection.user_id)
            others = tuple(each for each in person.connections if each.id != connection.id)
            self._save(replace(person, connections=(*others, connection)))

    @override
    def remove_connection(self, user_id: str, connection_id: str) -> None:
        with self._memory.lock:
            person = self.person(user_id)
            others = tuple(each for each in person.connections if each.id != connection_id)
            if len(others) == len(person.connections):
                raise NotFound(f"no connection {connection_id}")
            self._save(replace(person, connections=others))

    @override
    def mark_connection(
        self, connection: Connection, status: ConnectionStatus, *, error: str | None
    ) -> bool:
        with self._memory.lock:
            connections = self.person(connection.user_id).connections
            stored = next((each for each in connections if each.id == connection.id), None)
            if stored is None or stored.credential != connection.credential:
                return False
            marked = replace(stored, status=status, last_error=error)
            if marked == stored:
                return False
            self.save_connection(marked)
            self.marks.append(connection.id)
            return True

    def _save(self, person: Person) -> None:
        self._memory.persons[person.user_id] = person
