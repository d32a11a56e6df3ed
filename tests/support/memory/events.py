"""Events and copies in memory, and the queue of event ids."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from typing_extensions import override

from shared.domain.copy import Copy
from shared.domain.event import Event
from shared.ports import EventStore, SyncQueue
from tests.support.memory.tables import Memory


class MemoryEvents(EventStore):
    """Events and copies."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    @override
    def find(self, event_id: str) -> Event | None:
        with self._memory.lock:
            return self._memory.events.get(event_id)

    @override
    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        with self._memory.lock:
            events = self._memory.events
            return {each: events[each] for each in event_ids if each in events}

    @override
    def find_with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        with self._memory.lock:
            copies = self._memory.copies.values()
            return self.find(event_id), tuple(each for each in copies if each.event_id == event_id)

    @override
    def mark_synced(
        self, event_id: str, version: int, *, unreachable: Collection[str] = ()
    ) -> None:
        with self._memory.lock:
            if self._memory.events[event_id].version == version:
                self._memory.unsynced.pop(event_id, None)
                self._memory.unreachable[event_id] = frozenset(unreachable)

    @override
    def save_copy(self, copy: Copy) -> Copy:
        return self._memory.save(self._memory.copies, (copy.event_id, copy.connection_id), copy)


class MemoryQueue(SyncQueue):
    """A queue that records its calls."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.delays: list[tuple[str, timedelta]] = []

    @override
    def send(self, event_ids: Mapping[str, str]) -> None:
        self.sent.append(dict(event_ids))

    @override
    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        self.delays.append((receipt_handle, wait))
