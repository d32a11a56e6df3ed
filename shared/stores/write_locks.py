"""Write locks in the connections table, one item per write lane in the user's partition."""

from datetime import datetime, timedelta

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from typing_extensions import override

from shared.domain.connection import Connection
from shared.ports import WriteLockStore
from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import PK, Key
from shared.stores.tables import Tables

_RETENTION = timedelta(days=1)


class WriteLockRow(Row):
    """sk = `turn#<write lane of a connection>`."""

    holder = UnicodeAttribute()
    until = InstantAttribute()
    expires_at = NumberAttribute()


class DynamoWriteLocks(WriteLockStore):
    """One item per locked lane, deleted by DynamoDB a day after it expires."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def acquire(
        self, connection: Connection, holder: str, *, until: datetime, now: datetime
    ) -> bool:
        pk, sk = _key(connection)
        row = WriteLockRow(
            pk, sk, holder=holder, until=until, expires_at=int((until + _RETENTION).timestamp())
        )
        return self._table.put(row, PK.does_not_exist() | (WriteLockRow.until < now))

    @override
    def release(self, connection: Connection, holder: str) -> None:
        self._table.delete(_key(connection), WriteLockRow.holder == holder)


def _key(connection: Connection) -> Key:
    return connection.user_id, f"turn#{connection.write_lane}"
