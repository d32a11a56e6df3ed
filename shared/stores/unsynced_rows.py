"""The attributes of items that calendars and mail must follow, and the keys of their indexes.

`unsynced_shard` and `unsynced_since`, the keys of an index, are written with a change and removed
when calendars and mail match it. The removal also sets `settled_version`, from which the stream
relay sees that the removal itself needs no reconciliation. The sweeper parks an item by removing
the keys and setting `parked_at`. A change is a put, which drops `parked_at`, and so does
`mark_unparked`; both make a stream record that the relay forwards.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import Key, Table

UNSYNCED_SHARDS = 4
"""A fixed number of shards, read in parallel, so that many changes do not hit one partition."""


class UnsyncedRow(Row):
    """An item that is in the index while it is unsynced."""

    unsynced_shard = UnicodeAttribute(null=True)
    unsynced_since = InstantAttribute(null=True)
    settled_version = NumberAttribute(null=True)
    parked_at = InstantAttribute(null=True)


def unsynced_shard(number: int) -> str:
    """Return the index partition with that number."""
    return f"unsynced#{number}"


def shard_of(event_id: str) -> int:
    """Return the number of the event's partition in each index of events."""
    return zlib.crc32(event_id.encode()) % UNSYNCED_SHARDS


def pending_shard(number: int) -> str:
    """Return the partition of the index of pending events with that number."""
    return f"pending#{number}"


def pending_keys(event_id: str, until: datetime | None, start: datetime) -> dict[str, Any]:
    """Return the index attributes of an event that is pending until `until`, or of another."""
    if until is None:
        return {}
    return {
        "pending_shard": pending_shard(shard_of(event_id)),
        "pending_until": f"{until.isoformat()} {start.isoformat()}",
    }


def unsynced_keys(event_id: str, since: datetime | None) -> dict[str, Any]:
    """Return the index attributes of an item unsynced since `since`, or of a synced one (None)."""
    shard = unsynced_shard(shard_of(event_id))
    return {"unsynced_shard": shard if since else None, "unsynced_since": since}


def mark_synced(
    table: Table, key: Key, version: NumberAttribute, number: int, more: Sequence[Action] = ()
) -> None:
    """Remove the item from the index, unless its `version` is no longer `number`.

    `more` is done in the same write. An item that is neither in the index nor parked is not
    written, so it produces no stream record.
    """
    actions: list[Action] = [
        UnsyncedRow.unsynced_shard.remove(),
        UnsyncedRow.unsynced_since.remove(),
        UnsyncedRow.parked_at.remove(),
        UnsyncedRow.settled_version.set(number),
        *more,
    ]
    is_unsynced = UnsyncedRow.unsynced_since.exists() | UnsyncedRow.parked_at.exists()
    table.update(key, actions, (version == number) & is_unsynced)


def mark_parked(table: Table, key: Key, since: datetime, *, now: datetime) -> None:
    """Remove the item from the index, unless it is no longer unsynced since `since`."""
    actions: list[Action] = [
        UnsyncedRow.unsynced_shard.remove(),
        UnsyncedRow.unsynced_since.remove(),
        UnsyncedRow.parked_at.set(now),
    ]
    table.update(key, actions, UnsyncedRow.unsynced_since == since)


def mark_unparked(table: Table, key: Key, *, now: datetime) -> None:
    """Return the item to the index as unsynced since `now`, if it is parked."""
    event_id, _ = key
    keys = unsynced_keys(event_id, now)
    actions: list[Action] = [
        UnsyncedRow.unsynced_shard.set(keys["unsynced_shard"]),
        UnsyncedRow.unsynced_since.set(keys["unsynced_since"]),
        UnsyncedRow.parked_at.remove(),
    ]
    table.update(key, actions, UnsyncedRow.parked_at.exists())
