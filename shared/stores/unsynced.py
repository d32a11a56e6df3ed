"""Unsynced items, from an index of the events table, and how often each event was swept."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial

from pynamodb.attributes import NumberAttribute
from typing_extensions import override

from shared.domain.sweep import SweepCount
from shared.parallel import together
from shared.ports import ParkedEvents, UnsyncedEvents
from shared.stores.attributes import InstantAttribute
from shared.stores.event_rows import EVENT_SK
from shared.stores.invite_rows import GUEST_LIST_SK
from shared.stores.rows import Row
from shared.stores.table import Item, Key
from shared.stores.tables import UNSYNCED_INDEX, UNSYNCED_KEYS, Tables
from shared.stores.unsynced_rows import (
    UNSYNCED_SHARDS,
    UnsyncedRow,
    mark_parked,
    mark_unparked,
    unsynced_shard,
)

SWEEP_SK = "sweep"
_PARKABLE = (EVENT_SK, GUEST_LIST_SK)
"""The items that make the relay forward an event; a reconciliation covers its other items too."""

_SINCE = InstantAttribute()
_RETENTION = timedelta(days=30)


class SweepRow(Row):
    """sk = `sweep`: the tries of an event. It expires long after the last one."""

    changed_at = InstantAttribute()
    tries = NumberAttribute()
    expires_at = NumberAttribute()


class DynamoUnsynced(UnsyncedEvents):
    """The sharded index of unsynced items; its shards are read in parallel."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def waiting(self, *, until: datetime) -> tuple[tuple[str, datetime], ...]:
        """Query the index, which may lag: callers must read each event again."""
        shards = together([partial(self._in_shard, n, until) for n in range(UNSYNCED_SHARDS)])
        return tuple(sorted((each for shard in shards for each in shard), key=lambda each: each[1]))

    @override
    def sweep_counts(self, event_ids: Iterable[str]) -> Mapping[str, SweepCount]:
        items = self._table.get_all((event_id, SWEEP_SK) for event_id in event_ids)
        rows = (SweepRow.from_raw_data(item) for item in items)
        return {row.pk: SweepCount(changed_at=row.changed_at, tries=int(row.tries)) for row in rows}

    @override
    def save_sweep_count(self, event_id: str, count: SweepCount, *, now: datetime) -> None:
        self._table.put(
            SweepRow(
                event_id,
                SWEEP_SK,
                changed_at=count.changed_at,
                tries=count.tries,
                expires_at=int((now + _RETENTION).timestamp()),
            )
        )

    @override
    def park(self, event_id: str, *, until: datetime, now: datetime) -> None:
        for item in self._table.query(event_id, None):
            since = _since(item)
            if since is not None and since <= until:
                mark_parked(self._table, (event_id, item["sk"]["S"]), since, now=now)

    def _in_shard(self, number: int, until: datetime) -> list[tuple[str, datetime]]:
        items = self._table.query(
            unsynced_shard(number), UnsyncedRow.unsynced_since <= until, index=UNSYNCED_INDEX
        )
        return [(item["pk"]["S"], since) for item in items if (since := _since(item))]


class DynamoParked(ParkedEvents):
    """Parked items of events."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def unpark(self, event_ids: Iterable[str], *, now: datetime) -> None:
        """Read first, because hardly ever is one parked, and a rejected write costs as much."""
        items = self._table.get_all((each, sk) for each in event_ids for sk in _PARKABLE)
        keys = [(item["pk"]["S"], item["sk"]["S"]) for item in items if "parked_at" in item]
        together([partial(self._unpark, key, now=now) for key in keys])

    def _unpark(self, key: Key, *, now: datetime) -> None:
        mark_unparked(self._table, key, now=now)


def _since(item: Item) -> datetime | None:
    value = item.get(UNSYNCED_KEYS[1])
    return _SINCE.deserialize(value["S"]) if value else None
