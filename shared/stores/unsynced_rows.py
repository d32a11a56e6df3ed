"""What every item has from which work follows: since when, for an index, and that it is done.

`unsynced_shard` and `unsynced_since` are written with the change and removed when nothing is left
to do for it; `settled_version` then says for which version, so that the removal is no new work.
"""

import zlib
from datetime import datetime
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import Key, Table

UNSYNCED_SHARDS = 4
"""So that a burst of changes is no hot partition of the index; a fixed number, read in parallel."""


class UnsyncedRow(Row):
    """An item that stands in the index while work is left to do for it."""

    unsynced_shard = UnicodeAttribute(null=True)
    unsynced_since = InstantAttribute(null=True)
    settled_version = NumberAttribute(null=True)


def unsynced_shard(number: int) -> str:
    """Return the index's partition of that number."""
    return f"unsynced#{number}"


def unsynced_keys(event_id: str, since: datetime | None) -> dict[str, Any]:
    """Return the attributes that keep an item in the index since then, or out of it."""
    shard = unsynced_shard(zlib.crc32(event_id.encode()) % UNSYNCED_SHARDS)
    return {"unsynced_shard": shard if since else None, "unsynced_since": since}


def settle(table: Table, key: Key, version: NumberAttribute, number: int) -> None:
    """Take the item out of the index, unless its `version` has moved on from `number`.

    One that is not there is not written, and so asks for no work through the stream.
    """
    actions: list[Action] = [
        UnsyncedRow.unsynced_shard.remove(),
        UnsyncedRow.unsynced_since.remove(),
        UnsyncedRow.settled_version.set(number),
    ]
    table.update(key, actions, (version == number) & UnsyncedRow.unsynced_since.exists())
