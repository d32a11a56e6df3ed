"""Users in memory: availability, holidays, connections and agendas."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.connection import (
    CallKind,
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    Outage,
)
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
    def save_address(self, user_id: str, email: str, *, at: datetime) -> bool:
        with self._memory.lock:
            person = self.person(user_id)
            if person.email == email and user_id not in self._memory.new_addresses:
                return False
            self._save(replace(person, email=email))
            self._memory.new_addresses[user_id] = at
            return True

    @override
    def confirm_address(self, user_id: str, email: str) -> None:
        with self._memory.lock:
            if self.person(user_id).email == email:
                self._memory.new_addresses.pop(user_id, None)

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
    def remove_holiday(
        self, user_id: str, holiday_id: str, *, acting_admin: str | None = None
    ) -> None:
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
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: ConnectionProblem | None,
        now: datetime,
    ) -> bool:
        with self._memory.lock:
            stored = self._stored(connection)
            if stored is None or stored.credential != connection.credential:
                return False
            if status is ConnectionStatus.ACTIVE and not stored.is_active:
                return False
            if stored.status is status and _is_same(stored.last_error, error):
                return False
            marked = replace(stored, status=status, last_error=error)
            self.save_connection(marked)
            self.marks.append(connection.id)
            return True

    @override
    def record_outage(
        self, connection: Connection, kind: CallKind, *, started: datetime, now: datetime
    ) -> bool:
        with self._memory.lock:
            stored = self._stored(connection)
            outage = stored.outage(kind) if stored else None
            if stored is None or (outage and outage.at > started):
                return False
            self._set_outage(stored, kind, Outage.after(outage, now))
            return True

    @override
    def begin_probe(self, connection: Connection, kind: CallKind, *, now: datetime) -> bool:
        with self._memory.lock:
            stored, seen = self._stored(connection), connection.outage(kind)
            outage = stored.outage(kind) if stored else None
            if stored is None or seen is None or outage is None or outage.at != seen.at:
                return False
            self._set_outage(stored, kind, replace(outage, at=now))
            return True

    @override
    def end_outage(self, connection: Connection, kind: CallKind) -> None:
        with self._memory.lock:
            if stored := self._stored(connection):
                self._set_outage(stored, kind, None)

    def _set_outage(self, stored: Connection, kind: CallKind, outage: Outage | None) -> None:
        if kind is CallKind.READ:
            self.save_connection(replace(stored, read_outage=outage))
        else:
            self.save_connection(replace(stored, write_outage=outage))

    def _stored(self, connection: Connection) -> Connection | None:
        connections = self.person(connection.user_id).connections
        return next((each for each in connections if each.id == connection.id), None)

    @override
    def mark_healed(self, connection: Connection) -> None:
        with self._memory.lock:
            stored = self._stored(connection)
            if stored and stored.credential == connection.credential:
                self.save_connection(replace(stored, heal_from=None))

    @override
    def record_left_over(self, user_id: str, event_id: str, *, until: datetime) -> None:
        with self._memory.lock:
            self._memory.left_overs.setdefault(user_id, set()).add(event_id)

    @override
    def left_overs(self, user_id: str) -> frozenset[str]:
        with self._memory.lock:
            return frozenset(self._memory.left_overs.get(user_id, ()))

    @override
    def remove_left_overs(self, user_id: str, event_ids: Iterable[str]) -> None:
        with self._memory.lock:
            self._memory.left_overs.setdefault(user_id, set()).difference_update(event_ids)

    def _save(self, person: Person) -> None:
        self._memory.persons[person.user_id] = person


def _is_same(old: ConnectionProblem | None, new: ConnectionProblem | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.code, old.message) == (new.code, new.message)
