"""Tokens of connections in the connections table: leases, expiry and shared accounts."""

from datetime import datetime
from functools import partial

from pynamodb.expressions.update import Action
from typing_extensions import override

from shared.domain.connection import Connection
from shared.parallel import together
from shared.ports import TokenStore
from shared.stores.people_rows import (
    CONNECTION_PREFIX,
    DUE_SHARDS,
    ConnectionRow,
    due_shard,
    from_connection,
    to_connection,
)
from shared.stores.rows import Row
from shared.stores.table import SK, Key
from shared.stores.tables import DUE_INDEX, Tables

_MARK_PREFIX = "connection#"


class AccountMark(Row):
    """pk = `account#<provider>#<account>`, sk = `connection#<user>#<id>`: it uses the account."""


class DynamoTokens(TokenStore):
    """Tokens and leases in the items of connections, and one marker item per account in use."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def connection(self, user_id: str, connection_id: str) -> Connection | None:
        item = self._table.get((user_id, f"{CONNECTION_PREFIX}{connection_id}"))
        return to_connection(item) if item else None

    @override
    def lease(self, connection: Connection, *, until: datetime, now: datetime) -> bool:
        expiry = ConnectionRow.lease_until
        return self._table.update(
            _key(connection),
            [expiry.set(until)],
            (ConnectionRow.credential == connection.credential)
            & (expiry.does_not_exist() | (expiry < now)),
        )

    @override
    def release(self, connection: Connection) -> None:
        self._table.update(
            _key(connection),
            [ConnectionRow.lease_until.remove()],
            ConnectionRow.credential == connection.credential,
        )

    @override
    def save(self, before: Connection, after: Connection) -> bool:
        row = from_connection(after)
        actions: list[Action] = [
            ConnectionRow.credential.set(after.credential),
            ConnectionRow.lease_until.remove(),
        ]
        if row.due_at is not None:
            actions += [
                ConnectionRow.token_expires_at.set(row.token_expires_at),
                ConnectionRow.due_shard.set(row.due_shard),
                ConnectionRow.due_at.set(row.due_at),
            ]
        return self._table.update(
            _key(before), actions, ConnectionRow.credential == before.credential
        )

    @override
    def find_expiring(self, before: datetime) -> tuple[tuple[str, str], ...]:
        """Query the index, which may lag: callers must read each connection again."""
        shards = together([partial(self._due_in, before, shard) for shard in range(DUE_SHARDS)])
        return tuple(connection for shard in shards for connection in shard)

    @override
    def mark_account(self, connection: Connection) -> None:
        for account in _accounts(connection):
            self._table.put(AccountMark(account, _mark(connection)))

    @override
    def unmark_account(self, connection: Connection) -> bool:
        accounts = _accounts(connection)
        for account in accounts:
            self._table.delete((account, _mark(connection)))
        return any(map(self._is_marked, accounts))

    def _is_marked(self, account: str) -> bool:
        return any(True for _ in self._table.query(account, SK.startswith(_MARK_PREFIX)))

    def _due_in(self, before: datetime, shard: int) -> list[tuple[str, str]]:
        keys = ConnectionRow.due_at < before
        items = self._table.query(due_shard(shard), keys, index=DUE_INDEX)
        return [
            (item["pk"]["S"], item["sk"]["S"].removeprefix(CONNECTION_PREFIX)) for item in items
        ]


def _key(connection: Connection) -> Key:
    return connection.user_id, f"{CONNECTION_PREFIX}{connection.id}"


def _accounts(connection: Connection) -> list[str]:
    return [f"account#{connection.provider}#{each}" for each in sorted(connection.account_names)]


def _mark(connection: Connection) -> str:
    return f"{_MARK_PREFIX}{connection.user_id}#{connection.id}"
