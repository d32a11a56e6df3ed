"""Parked grants in the connections table, under the digest of their completion code."""

from datetime import timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from typing_extensions import override

from shared.domain.connection import Provider
from shared.ports import ParkedGrant, ParkedGrantStore
from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import Key
from shared.stores.tables import Tables

_SK = "completion"
# DynamoDB deletes expired items with a delay, so callers check the grant's own expiry.
_RETENTION = timedelta(hours=1)


class ParkedGrantRow(Row):
    """pk = `completion#<digest>`, sk = `completion`; `sealed` is ciphertext."""

    user_id = UnicodeAttribute()
    provider = UnicodeAttribute()
    sealed = BinaryAttribute(legacy_encoding=False)
    until = InstantAttribute()
    expires_at = NumberAttribute()


class DynamoParkedGrants(ParkedGrantStore):
    """One item per completion code, deleted by DynamoDB an hour after it expires."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def put(self, digest: str, grant: ParkedGrant) -> None:
        pk, sk = _key(digest)
        self._table.put(
            ParkedGrantRow(
                pk,
                sk,
                user_id=grant.user_id,
                provider=grant.provider.value,
                sealed=grant.sealed,
                until=grant.expires_at,
                expires_at=int((grant.expires_at + _RETENTION).timestamp()),
            )
        )

    @override
    def take(self, digest: str) -> ParkedGrant | None:
        item = self._table.take(_key(digest))
        if item is None:
            return None
        row = ParkedGrantRow.from_raw_data(dict(item))
        return ParkedGrant(
            user_id=row.user_id,
            provider=Provider(row.provider),
            sealed=row.sealed,
            expires_at=row.until,
        )


def _key(digest: str) -> Key:
    return f"completion#{digest}", _SK
