"""The stores in memory: small, safe for threads, with the guarantees the ports state."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from shared.domain.agenda import AgendaDay, Heading, days_touching
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.copy import Copy
from shared.domain.errors import LostRace, NotFound
from shared.domain.event import Event
from shared.domain.holiday import Holiday
from shared.domain.interval import Interval
from shared.domain.invite import Externals, Invite
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability


@dataclass(frozen=True, slots=True)
class Memory:
    """What the stores share, and the lock that makes a transaction one."""

    persons: dict[str, Person] = field(default_factory=dict)
    agendas: dict[tuple[str, date], AgendaDay] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    copies: dict[tuple[str, str], Copy] = field(default_factory=dict)
    invites: dict[tuple[str, str], Invite] = field(default_factory=dict)
    externals: dict[str, Externals] = field(default_factory=dict)
    unsynced: dict[str, datetime] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)


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


class MemoryEvents:
    """Fills `EventStore`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def find(self, event_id: str) -> Event | None:
        with self._memory.lock:
            return self._memory.events.get(event_id)

    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        with self._memory.lock:
            found = self._memory.events
            return {each: found[each] for each in event_ids if each in found}

    def with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        with self._memory.lock:
            copies = self._memory.copies.values()
            return self.find(event_id), tuple(each for each in copies if each.event_id == event_id)

    def settle(self, event_id: str, version: int) -> None:
        with self._memory.lock:
            if self._memory.events[event_id].version == version:
                self._memory.unsynced.pop(event_id, None)

    def save_copy(self, copy: Copy) -> Copy:
        with self._memory.lock:
            key = copy.event_id, copy.connection_id
            kept = self._memory.copies.get(key)
            if copy.row_version != (kept.row_version if kept else 0):
                raise LostRace(f"the copy {key} has changed")
            saved = replace(copy, row_version=copy.row_version + 1)
            self._memory.copies[key] = saved
            return saved


class MemoryInvites:
    """Fills `InviteStore`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def invites(self, event_id: str) -> tuple[Invite, ...]:
        with self._memory.lock:
            invites = self._memory.invites.values()
            return tuple(each for each in invites if each.event_id == event_id)

    def invite(self, event_id: str, invite_id: str) -> Invite | None:
        with self._memory.lock:
            return self._memory.invites.get((event_id, invite_id))

    def save_invite(self, invite: Invite) -> Invite:
        with self._memory.lock:
            key = invite.event_id, invite.id
            kept = self._memory.invites.get(key)
            if invite.row_version != (kept.row_version if kept else 0):
                raise LostRace(f"the invite {key} has changed")
            saved = replace(invite, row_version=invite.row_version + 1)
            self._memory.invites[key] = saved
            return saved

    def by_message(self, message_id: str) -> tuple[str, str] | None:
        with self._memory.lock:
            return next(
                (
                    key
                    for key, each in self._memory.invites.items()
                    if each.newest and each.newest.message_id == message_id
                ),
                None,
            )

    def externals(self, session_id: str) -> Externals | None:
        with self._memory.lock:
            return self._memory.externals.get(session_id)

    def save_externals(self, externals: Externals) -> Externals:
        with self._memory.lock:
            kept = self._memory.externals.get(externals.session_id)
            if externals.row_version != (kept.row_version if kept else 0):
                raise LostRace(f"the guests of {externals.session_id} have changed")
            saved = replace(externals, row_version=externals.row_version + 1)
            self._memory.externals[externals.session_id] = saved
            return saved

    def settle_externals(self, externals: Externals) -> None:
        with self._memory.lock:
            kept = self._memory.externals[externals.session_id]
            if kept.row_version == externals.row_version:
                settled = replace(kept, unsynced_since=None)
                self._memory.externals[externals.session_id] = settled


class MemoryUnsynced:
    """Fills `UnsyncedEvents`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def oldest(self, most: int) -> tuple[tuple[str, datetime], ...]:
        with self._memory.lock:
            guests, invites = self._memory.externals.values(), self._memory.invites.values()
            found = [
                *self._memory.unsynced.items(),
                *((each.session_id, each.unsynced_since) for each in guests),
                *((each.event_id, _unsynced_since(each)) for each in invites),
            ]
            waiting = [(event_id, since) for event_id, since in found if since]
            return tuple(sorted(waiting, key=lambda each: each[1])[:most])


def _unsynced_since(invite: Invite) -> datetime | None:
    if invite.resend:
        return invite.resend_since
    newest = invite.newest
    return newest.updated_at if newest and newest.is_unsent else None


class MemoryBookings:
    """Fills `Bookings`; `lost` is how many of the next commits lose a race for no reason."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.lost = 0
        self.unsettled = 0
        self.commits = 0

    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        with self._memory.lock:
            return tuple(
                self._day(user, day) for user in user_ids for day in days_touching(interval)
            )

    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        with self._memory.lock:
            self.commits += 1
            if self.lost:
                self.lost -= 1
                raise LostRace("somebody else wrote first")
            kept = self._memory.events.get(event.id)
            if (kept and kept.version) != (previous and previous.version):
                raise LostRace(f"event {event.id} has changed")
            self._check(event, guarded, seen)
            self._hold(previous, held=False)
            self._hold(event, held=True)
            self._memory.events[event.id] = event
            self._memory.unsynced[event.id] = event.updated_at

    def settle_holds(self, event_id: str) -> None:
        if self.unsettled:
            self.unsettled -= 1
            raise LostRace(f"others write the days event {event_id} has left")

    def _check(self, event: Event, guarded: Sequence[str], seen: Sequence[AgendaDay]) -> None:
        versions = {(each.user_id, each.day): each.version for each in seen}
        for user in guarded:
            for day in days_touching(event.interval):
                if versions[user, day] != self._day(user, day).version:
                    raise LostRace(f"the agenda of {user} on {day} has changed")

    def _hold(self, event: Event | None, *, held: bool) -> None:
        if event is None or event.is_cancelled:
            return
        for user in event.participants:
            day = self._day(user, event.interval.start.date())
            sessions, headings = dict(day.sessions), dict(day.headings)
            sessions.pop(event.id, None)
            headings.pop(event.id, None)
            if held:
                sessions[event.id] = event.interval
                headings[event.id] = Heading(event.title, frozenset(event.participants))
            self._memory.agendas[user, day.day] = replace(
                day, version=day.version + 1, sessions=sessions, headings=headings
            )

    def _day(self, user: str, day: date) -> AgendaDay:
        return self._memory.agendas.get((user, day), AgendaDay(user_id=user, day=day))


class MemoryQueue:
    """Fills `SyncQueue` and keeps what it was asked."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.delays: list[tuple[str, timedelta]] = []

    def send(self, event_ids: Mapping[str, str]) -> None:
        self.sent.append(dict(event_ids))

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        self.delays.append((receipt_handle, wait))
