"""Whose turn it is to write to a calendar: one item per connection, in the user's partition."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from shared.domain.connection import Connection
from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import PK, Key
from shared.stores.tables import Tables

_KEPT = timedelta(days=1)


class WriteLockRow(Row):
    """sk = `turn#<connection id>`."""

    holder = UnicodeAttribute()
    until = InstantAttribute()
    expires_at = NumberAttribute()


class DynamoWriteLocks:
    """Fills `WriteLockStore`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    def take(self, connection: Connection, holder: str, *, until: datetime, now: datetime) -> bool:
        """Take the turn until then, unless somebody else has it."""
        pk, sk = _key(connection)
        row = WriteLockRow(
            pk, sk, holder=holder, until=until, expires_at=int((until + _KEPT).timestamp())
        )
        return self._table.put(row, PK.does_not_exist() | (WriteLockRow.until < now))

    def end(self, connection: Connection, holder: str) -> None:
        """Give the turn back, if it is still this holder's."""
        self._table.delete(_key(connection), WriteLockRow.holder == holder)


def _key(connection: Connection) -> Key:
    return connection.user_id, f"turn#{connection.id}"
