"""OAuth states in the connections table, under the digest of the `state` parameter."""

from datetime import timedelta

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from typing_extensions import override

from shared.domain.connection import Provider
from shared.ports import OAuthState, StateStore
from shared.stores.attributes import InstantAttribute
from shared.stores.rows import Row
from shared.stores.table import Item, Key
from shared.stores.tables import Tables

_SK = "state"
# DynamoDB deletes expired items with a delay, so callers check the state's own expiry.
_RETENTION = timedelta(hours=1)


class StateRow(Row):
    """pk = `state#<digest>`, sk = `state`; `verifier` is ciphertext."""

    user_id = UnicodeAttribute()
    provider = UnicodeAttribute()
    verifier = BinaryAttribute(legacy_encoding=False)
    return_to = UnicodeAttribute(null=True)
    until = InstantAttribute()
    browser = UnicodeAttribute(null=True)
    expires_at = NumberAttribute()


class DynamoStates(StateStore):
    """One item per state, deleted by DynamoDB an hour after it expires."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def put(self, digest: str, state: OAuthState) -> None:
        pk, sk = _key(digest)
        self._table.put(
            StateRow(
                pk,
                sk,
                user_id=state.user_id,
                provider=state.provider.value,
                verifier=state.verifier,
                return_to=state.return_to,
                until=state.expires_at,
                browser=state.browser,
                expires_at=int((state.expires_at + _RETENTION).timestamp()),
            )
        )

    @override
    def get(self, digest: str) -> OAuthState | None:
        item = self._table.get(_key(digest))
        return None if item is None else _state(item)

    @override
    def take(self, digest: str) -> OAuthState | None:
        item = self._table.take(_key(digest))
        return None if item is None else _state(item)


def _state(item: Item) -> OAuthState:
    row = StateRow.from_raw_data(dict(item))
    return OAuthState(
        user_id=row.user_id,
        provider=Provider(row.provider),
        verifier=row.verifier,
        return_to=row.return_to,
        expires_at=row.until,
        browser=row.browser,
    )


def _key(digest: str) -> Key:
    return f"state#{digest}", _SK
