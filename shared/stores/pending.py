"""Events that wait for approval, from an index of the events table."""

from datetime import datetime
from functools import partial

from typing_extensions import override

from shared.parallel import together
from shared.ports import PendingEvent, PendingEvents
from shared.stores.event_rows import EventRow
from shared.stores.table import Item
from shared.stores.tables import PENDING_INDEX, PENDING_KEYS, Tables
from shared.stores.unsynced_rows import UNSYNCED_SHARDS, pending_shard

_AFTER_EVERY_START = "~"


class DynamoPending(PendingEvents):
    """The sharded index of pending events; its shards are read in parallel."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def pending(self, *, until: datetime | None = None) -> tuple[PendingEvent, ...]:
        shards = together([partial(self._in_shard, n, until) for n in range(UNSYNCED_SHARDS)])
        found = (_pending_event(item) for items in shards for item in items)
        return tuple(sorted(found, key=lambda each: (each.until, each.event_id)))

    def _in_shard(self, number: int, until: datetime | None) -> list[Item]:
        keys = None
        if until is not None:
            keys = EventRow.pending_until <= f"{until.isoformat()} {_AFTER_EVERY_START}"
        return list(self._table.query(pending_shard(number), keys, index=PENDING_INDEX))


def _pending_event(item: Item) -> PendingEvent:
    until, start = item[PENDING_KEYS[1]]["S"].split(" ")
    return PendingEvent(
        item["pk"]["S"], datetime.fromisoformat(until), datetime.fromisoformat(start)
    )
