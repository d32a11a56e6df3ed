"""Counts of requests in the connections table: one item per source and window."""

import hashlib
from datetime import timedelta

from pynamodb.attributes import NumberAttribute

from shared.domain.interval import Interval
from shared.stores.rows import Row
from shared.stores.table import Key
from shared.stores.tables import Tables

_SK = "requests"
# DynamoDB drops expired items when it gets to it; a window that has ended is never counted on.
_KEPT = timedelta(minutes=10)


class CountRow(Row):
    """pk = `requests#<digest of the source>#<start of the window>`, sk = `requests`."""

    number = NumberAttribute()
    expires_at = NumberAttribute()


class DynamoRequestCounts:
    """Fills `RequestCounts`, with one request each time."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    def count(self, source: str, window: Interval) -> int:
        """Count one more and return how many that makes."""
        expiry = int((window.end + _KEPT).timestamp())
        item = self._table.changed(
            _key(source, window), [CountRow.number.add(1), CountRow.expires_at.set(expiry)]
        )
        return int(item[CountRow.number.attr_name]["N"])


def _key(source: str, window: Interval) -> Key:
    # Addresses say who asked: what the table keeps, for minutes, is no list of them.
    digest = hashlib.sha256(source.encode()).hexdigest()
    return f"requests#{digest}#{window.start.isoformat()}", _SK
