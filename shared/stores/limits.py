"""Request counts in the connections table."""

import hashlib
from datetime import timedelta

from pynamodb.attributes import NumberAttribute
from typing_extensions import override

from shared.domain.interval import Interval
from shared.ports import RequestCounts
from shared.stores.rows import Row
from shared.stores.table import Key
from shared.stores.tables import Tables

_SK = "requests"
# DynamoDB deletes expired items with a delay. That is harmless: no request reads a past window.
_RETENTION = timedelta(minutes=10)


class CountRow(Row):
    """pk = `requests#<digest of the source>#<start of the window>`, sk = `requests`."""

    number = NumberAttribute()
    expires_at = NumberAttribute()


class DynamoRequestCounts(RequestCounts):
    """One item per source and window; counting takes one request."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def count(self, source: str, window: Interval) -> int:
        expiry = int((window.end + _RETENTION).timestamp())
        item = self._table.update_and_get(
            _key(source, window), [CountRow.number.add(1), CountRow.expires_at.set(expiry)]
        )
        return int(item[CountRow.number.attr_name]["N"])


def _key(source: str, window: Interval) -> Key:
    # Store a hash only: IP addresses are personal data.
    digest = hashlib.sha256(source.encode()).hexdigest()
    return f"requests#{digest}#{window.start.isoformat()}", _SK
