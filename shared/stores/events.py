"""Events and their copies in the events table."""

import dataclasses
from collections.abc import Iterable

from shared.domain.copy import Copy
from shared.domain.errors import LostRace
from shared.domain.event import Event
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
from shared.stores.unsynced_rows import settle


class DynamoEvents:
    """Fills `EventStore`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    def find(self, event_id: str) -> Event | None:
        """Return the event, or None."""
        item = self._table.get((event_id, EVENT_SK))
        return to_event(item) if item else None

    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        """Return those that exist, by id, in as few requests as the table allows."""
        items = self._table.get_all((event_id, EVENT_SK) for event_id in event_ids)
        return {event.id: event for event in map(to_event, items)}

    def with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        """Return the event and the record of every copy of it, in one request."""
        # The sort keys of copies and the event are neighbours, so nothing else is read.
        items = list(self._table.query(event_id, SK.between(COPY_PREFIX, EVENT_SK)))
        event = next((to_event(each) for each in items if each["sk"]["S"] == EVENT_SK), None)
        copies = (to_copy(each) for each in items if each["sk"]["S"].startswith(COPY_PREFIX))
        return event, tuple(copy for copy in copies if copy)

    def settle(self, event_id: str, version: int) -> None:
        """Note that calendars and mail say what that version says; a newer one stays unsynced."""
        settle(self._table, (event_id, EVENT_SK), EventRow.version, version)

    def save_copy(self, copy: Copy) -> Copy:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `copy.row_version` was read.
        """
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
