"""Events and their copies in the events table."""

import dataclasses
from collections.abc import Collection, Iterable

from typing_extensions import override

from shared.domain.copy import Copy
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.ports import EventStore
from shared.stores.event_rows import (
    COPY_PREFIX,
    EVENT_SK,
    CopyRow,
    EventRow,
    from_copy,
    to_copy,
    to_event,
)
from shared.stores.table import PK, SK
from shared.stores.tables import Tables
from shared.stores.unsynced_rows import mark_synced


class DynamoEvents(EventStore):
    """Events and copies, each event and its copies in one partition."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def find(self, event_id: str) -> Event | None:
        item = self._table.get((event_id, EVENT_SK))
        return to_event(item) if item else None

    @override
    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        items = self._table.get_all((event_id, EVENT_SK) for event_id in event_ids)
        return {event.id: event for event in map(to_event, items)}

    @override
    def find_with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        # No other sort keys lie between those of the copies and the event.
        items = list(self._table.query(event_id, SK.between(COPY_PREFIX, EVENT_SK)))
        event = next((to_event(each) for each in items if each["sk"]["S"] == EVENT_SK), None)
        copies = (to_copy(each) for each in items if each["sk"]["S"].startswith(COPY_PREFIX))
        return event, tuple(copies)

    @override
    def mark_synced(
        self, event_id: str, version: int, *, unreachable: Collection[str] = ()
    ) -> None:
        users = EventRow.unreachable
        named = [users.set(sorted(unreachable)) if unreachable else users.remove()]
        mark_synced(self._table, (event_id, EVENT_SK), EventRow.version, version, named)

    @override
    def save_copy(self, copy: Copy) -> Copy:
        saved = dataclasses.replace(copy, row_version=copy.row_version + 1)
        unchanged = (
            CopyRow.row_version == copy.row_version if copy.row_version else PK.does_not_exist()
        )
        if not self._table.put(from_copy(saved), unchanged):
            raise LostRace(
                f"the copy of {copy.event_id} in {copy.connection_id} has changed since version "
                f"{copy.row_version}; read it again"
            )
        return saved
