"""The data the in-memory stores share, and the unsynced items in it."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Provider
from shared.domain.copy import Copy
from shared.domain.erasure import Erasure
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite
from shared.domain.person import Person
from shared.domain.sweep import SweepCount
from shared.ports import (
    DisconnectedAccount,
    ParkedEvents,
    PendingEvent,
    PendingEvents,
    UnsyncedEvents,
)

K = TypeVar("K")
Record = TypeVar("Record", Copy, Invite, GuestList, Erasure)


@dataclass(frozen=True, slots=True)
class Memory:
    """The data of all stores, and the lock that makes transactions atomic."""

    persons: dict[str, Person] = field(default_factory=dict)
    agendas: dict[tuple[str, date], AgendaDay] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    copies: dict[tuple[str, str], Copy] = field(default_factory=dict)
    invites: dict[tuple[str, str], Invite] = field(default_factory=dict)
    guest_lists: dict[str, GuestList] = field(default_factory=dict)
    unsynced: dict[str, datetime] = field(default_factory=dict)
    parked: dict[tuple[str, str], int] = field(default_factory=dict)
    parked_events: set[str] = field(default_factory=set)
    mentions: set[tuple[str, str]] = field(default_factory=set)
    erasures: dict[str, Erasure] = field(default_factory=dict)
    unreachable: dict[str, frozenset[str]] = field(default_factory=dict)
    sweep_counts: dict[str, SweepCount] = field(default_factory=dict)
    left_overs: dict[str, set[str]] = field(default_factory=dict)
    new_addresses: dict[str, datetime] = field(default_factory=dict)
    account_marks: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    disconnected: dict[tuple[str, Provider, str], DisconnectedAccount] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def save(self, records: dict[K, Record], key: K, record: Record) -> Record:
        """Store the record with its next version.

        Raises:
            LostRace: when the stored version is not the one that was read.
        """
        with self.lock:
            stored = records.get(key)
            if record.row_version != (stored.row_version if stored else 0):
                raise LostRace(f"{key} has changed")
            records[key] = replace(record, row_version=record.row_version + 1)
            return records[key]


class MemoryUnsynced(UnsyncedEvents):
    """Unsynced events, guest lists and invites; `parked` has the version of parked invites."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def waiting(self, *, until: datetime) -> tuple[tuple[str, datetime], ...]:
        with self._memory.lock:
            guests, invites = self._memory.guest_lists.values(), self._memory.invites.values()
            items = [
                *self._memory.unsynced.items(),
                *((each.session_id, each.unsynced_since) for each in guests),
                *((each.event_id, _unsynced_since(each)) for each in invites if self._waits(each)),
            ]
            waiting = [(event_id, since) for event_id, since in items if since and since <= until]
            return tuple(sorted(waiting, key=lambda each: each[1]))

    @override
    def sweep_counts(self, event_ids: Iterable[str]) -> Mapping[str, SweepCount]:
        counts = self._memory.sweep_counts
        return {each: counts[each] for each in event_ids if each in counts}

    @override
    def save_sweep_count(self, event_id: str, count: SweepCount, *, now: datetime) -> None:
        self._memory.sweep_counts[event_id] = count

    @override
    def park(self, event_id: str, *, until: datetime, now: datetime) -> None:
        with self._memory.lock:
            since = self._memory.unsynced.get(event_id)
            if since and since <= until:
                del self._memory.unsynced[event_id]
                self._memory.parked_events.add(event_id)
            guests = self._memory.guest_lists.get(event_id)
            if guests and guests.unsynced_since and guests.unsynced_since <= until:
                self._memory.guest_lists[event_id] = replace(guests, unsynced_since=None)
            for key, invite in tuple(self._memory.invites.items()):
                since = _unsynced_since(invite)
                if invite.event_id == event_id and since and since <= until:
                    self._memory.parked[key] = invite.row_version
                    self._memory.invites[key] = replace(invite, resend_since=None)

    def _waits(self, invite: Invite) -> bool:
        key = invite.event_id, invite.id
        return self._memory.parked.get(key) != invite.row_version


class MemoryPending(PendingEvents):
    """The pending events."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def pending(self, *, until: datetime | None = None) -> tuple[PendingEvent, ...]:
        with self._memory.lock:
            found = (
                PendingEvent(event.id, event.pending_until, event.interval.start)
                for event in self._memory.events.values()
                if event.pending_until
            )
            due = [each for each in found if until is None or each.until <= until]
            return tuple(sorted(due, key=lambda each: each.until))


class MemoryParked(ParkedEvents):
    """Parked events."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def unpark(self, event_ids: Iterable[str], *, now: datetime) -> None:
        with self._memory.lock:
            for event_id in event_ids:
                if event_id in self._memory.parked_events:
                    self._memory.parked_events.remove(event_id)
                    self._memory.unsynced[event_id] = now


def _unsynced_since(invite: Invite) -> datetime | None:
    if invite.resend:
        return invite.resend_since
    newest = invite.newest
    if newest is None or not newest.is_unsent:
        return None
    return newest.not_before or newest.updated_at
