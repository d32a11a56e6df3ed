"""The data the in-memory stores share, and the unsynced items in it."""

import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.copy import Copy
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite
from shared.domain.person import Person
from shared.ports import UnsyncedEvents

K = TypeVar("K")
Record = TypeVar("Record", Copy, Invite, GuestList)


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
    """Unsynced events, guest lists and invites."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def oldest(self, limit: int) -> tuple[tuple[str, datetime], ...]:
        with self._memory.lock:
            guests, invites = self._memory.guest_lists.values(), self._memory.invites.values()
            items = [
                *self._memory.unsynced.items(),
                *((each.session_id, each.unsynced_since) for each in guests),
                *((each.event_id, _unsynced_since(each)) for each in invites),
            ]
            waiting = [(event_id, since) for event_id, since in items if since]
            return tuple(sorted(waiting, key=lambda each: each[1])[:limit])


def _unsynced_since(invite: Invite) -> datetime | None:
    if invite.resend:
        return invite.resend_since
    newest = invite.newest
    if newest is None or not newest.is_unsent:
        return None
    return newest.not_before or newest.updated_at
