"""Unsynced items, from an index of the events table."""

from datetime import datetime
from functools import partial
from itertools import islice

from typing_extensions import override

from shared.parallel import together
from shared.ports import UnsyncedEvents
from shared.stores.attributes import InstantAttribute
from shared.stores.tables import UNSYNCED_INDEX, UNSYNCED_KEYS, Tables
from shared.stores.unsynced_rows import UNSYNCED_SHARDS, unsynced_shard

_SINCE = InstantAttribute()


class DynamoUnsynced(UnsyncedEvents):
    """The sharded index of unsynced items; its shards are read in parallel."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def oldest(self, limit: int) -> tuple[tuple[str, datetime], ...]:
        """Query the index, which may lag: callers must read each event again."""
        shards = together([partial(self._in_shard, limit, n) for n in range(UNSYNCED_SHARDS)])
        items = sorted((each for shard in shards for each in shard), key=lambda each: each[1])
        return tuple(items[:limit])

    def _in_shard(self, limit: int, number: int) -> list[tuple[str, datetime]]:
        items = self._table.query(unsynced_shard(number), None, index=UNSYNCED_INDEX)
        return [
            (item["pk"]["S"], _SINCE.deserialize(item[UNSYNCED_KEYS[1]]["S"]))
            for item in islice(items, limit)
        ]
