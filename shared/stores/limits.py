"""Counts for limits in the connections table."""

import hashlib
from datetime import timedelta

from pynamodb.attributes import NumberAttribute
from pynamodb.exceptions import PynamoDBException
from typing_extensions import override

from shared.domain.interval import Interval
from shared.ports import CountUnavailable, RequestCounts
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
    def count(self, source: str, window: Interval, number: int = 1) -> int:
        expiry = int((window.end + _RETENTION).timestamp())
        actions = [CountRow.number.add(number), CountRow.expires_at.set(expiry)]
        try:
            item = self._table.update_and_get(_key(source, window), actions)
        except PynamoDBException as error:
            raise CountUnavailable("A count could not be changed in DynamoDB.") from error
        return int(item[CountRow.number.attr_name]["N"])


def _key(source: str, window: Interval) -> Key:
    # Store a hash only: IP and e-mail addresses are personal data.
    digest = hashlib.sha256(source.encode()).hexdigest()
    return f"requests#{digest}#{window.start.isoformat()}", _SK
