"""What the stores in memory share, and what waits in any of it."""

import threading
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from shared.domain.agenda import AgendaDay
from shared.domain.copy import Copy
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite
from shared.domain.person import Person

K = TypeVar("K")
Row = TypeVar("Row", Copy, Invite, GuestList)


@dataclass(frozen=True, slots=True)
class Memory:
    """What the stores share, and the lock that makes a transaction one."""

    persons: dict[str, Person] = field(default_factory=dict)
    agendas: dict[tuple[str, date], AgendaDay] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    copies: dict[tuple[str, str], Copy] = field(default_factory=dict)
    invites: dict[tuple[str, str], Invite] = field(default_factory=dict)
    guest_list: dict[str, GuestList] = field(default_factory=dict)
    unsynced: dict[str, datetime] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def save(self, rows: dict[K, Row], key: K, row: Row) -> Row:
        """Keep the row as its next version, unless what is kept is not the one it was read as."""
        with self.lock:
            kept = rows.get(key)
            if row.row_version != (kept.row_version if kept else 0):
                raise LostRace(f"{key} has changed")
            rows[key] = replace(row, row_version=row.row_version + 1)
            return rows[key]


class MemoryUnsynced:
    """Fills `UnsyncedEvents`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def oldest(self, most: int) -> tuple[tuple[str, datetime], ...]:
        with self._memory.lock:
            guests, invites = self._memory.guest_list.values(), self._memory.invites.values()
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
