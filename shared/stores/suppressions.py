"""Addresses whose recipients complained, in the events table."""

from datetime import datetime

from typing_extensions import override

from shared.ports import SuppressionStore
from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import Key
from shared.stores.tables import Tables

_SK = "suppressed"


class SuppressionRow(Row):
    """pk = `suppressed#<invite id>`, sk = `suppressed`. The invite id is a digest of the address.

    The item has no expiry: a complaint counts until an Admin clears it.
    """

    since = InstantAttribute()


class DynamoSuppressions(SuppressionStore):
    """One item per address."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.events

    @override
    def suppress_address(self, invite_id: str, *, since: datetime) -> None:
        pk, sk = _key(invite_id)
        self._table.put(SuppressionRow(pk, sk, since=since))

    @override
    def is_address_suppressed(self, invite_id: str) -> bool:
        return self._table.get(_key(invite_id)) is not None

    @override
    def lift_suppression(self, invite_id: str) -> None:
        self._table.delete(_key(invite_id))


def _key(invite_id: str) -> Key:
    return f"suppressed#{invite_id}", _SK
