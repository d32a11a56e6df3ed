"""What waits for its calendars and mail, from an index of the events table."""

from datetime import datetime
from functools import partial
from itertools import islice

from shared.parallel import together
from shared.stores.attributes import InstantAttribute
from shared.stores.tables import UNSYNCED_INDEX, UNSYNCED_KEYS, Tables
from shared.stores.unsynced_rows import UNSYNCED_SHARDS, unsynced_shard

_SINCE = InstantAttribute()


class DynamoUnsynced:
    """Fills `UnsyncedEvents`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    def oldest(self, most: int) -> tuple[tuple[str, datetime], ...]:
        """Return (event id, since) of up to so many items that wait, the longest waiting first.

        Read from an index, so it is looked up again before anything is decided on it.
        """
        shards = together([partial(self._in_shard, most, n) for n in range(UNSYNCED_SHARDS)])
        found = sorted((each for shard in shards for each in shard), key=lambda each: each[1])
        return tuple(found[:most])

    def _in_shard(self, most: int, number: int) -> list[tuple[str, datetime]]:
        items = self._table.query(unsynced_shard(number), None, index=UNSYNCED_INDEX)
        return [
            (item["pk"]["S"], _SINCE.deserialize(item[UNSYNCED_KEYS[1]]["S"]))
            for item in islice(items, most)
        ]
