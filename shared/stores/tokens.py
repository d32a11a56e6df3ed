"""Tokens of connections in the connections table: leases, expiry and shared accounts."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from typing_extensions import override

from shared.domain.connection import OAUTH_PROVIDERS, Connection, Provider
from shared.parallel import together
from shared.ports import DisconnectedAccount, TokenStore
from shared.stores.people_rows import (
    CONNECTION_PREFIX,
    DUE_SHARDS,
    ConnectionRow,
    due_shard,
    from_connection,
    to_connection,
)
from shared.stores.rows import Row
from shared.stores.table import SK, Item, Key
from shared.stores.tables import DUE_INDEX, Tables

_MARK_PREFIX = "connection#"
DISCONNECTED_PREFIX = "disconnected#"


class AccountMark(Row):
    """pk = `account#<provider>#<account>`, sk = `connection#<user>#<id>`: it uses the account.

    sk = `connection#<user>#sign-in`: the platform's sign-in of that user does. A mark expires with
    a connection that stays unusable.
    """

    expires_at = NumberAttribute(null=True)


class DisconnectedRow(Row):
    """pk = user id, sk = `disconnected#<provider>#<account>`: the user has disconnected it."""

    account = UnicodeAttribute()
    email = UnicodeAttribute()
    calendar_id = UnicodeAttribute()


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
        if after.zone is not None and after.zone != before.zone:
            actions.append(ConnectionRow.zone.set(after.zone))
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
        for pk, sk in mark_keys(connection):
            self._table.put(AccountMark(pk, sk))

    @override
    def mark_sign_in(self, connection: Connection) -> None:
        for key in _sign_in_keys(connection.user_id, connection.provider, connection.account_names):
            self._table.put(AccountMark(*key))

    @override
    def forget_sign_ins(self, user_id: str) -> None:
        connections = self._table.query(user_id, SK.startswith(CONNECTION_PREFIX))
        for each in map(to_connection, connections):
            self._unmark_sign_in(user_id, each.provider, each.account_names)
        for provider in OAUTH_PROVIDERS:
            for account in self.disconnected(user_id, provider):
                self._unmark_sign_in(user_id, provider, account.names)

    def _unmark_sign_in(self, user_id: str, provider: Provider, accounts: Iterable[str]) -> None:
        for key in _sign_in_keys(user_id, provider, accounts):
            self._table.delete(key)

    @override
    def record_disconnected(self, connection: Connection) -> None:
        self._table.put(
            DisconnectedRow(
                connection.user_id,
                f"{_disconnected(connection.provider)}{connection.account}",
                account=connection.account,
                email=connection.email,
                calendar_id=connection.calendar_id,
            )
        )

    @override
    def disconnected(self, user_id: str, provider: Provider) -> tuple[DisconnectedAccount, ...]:
        items = self._table.query(user_id, SK.startswith(_disconnected(provider)))
        return tuple(map(to_disconnected_account, items))

    @override
    def forget_disconnected(self, connection: Connection) -> None:
        prefix = _disconnected(connection.provider)
        for account in connection.account_names:
            self._table.delete((connection.user_id, f"{prefix}{account}"))

    @override
    def unmark_account(self, connection: Connection) -> bool:
        keys = mark_keys(connection)
        for key in keys:
            self._table.delete(key)
        return any(self._is_marked(account) for account, _ in keys)

    def _is_marked(self, account: str) -> bool:
        return any(True for _ in self._table.query(account, SK.startswith(_MARK_PREFIX)))

    def _due_in(self, before: datetime, shard: int) -> list[tuple[str, str]]:
        keys = ConnectionRow.due_at < before
        items = self._table.query(due_shard(shard), keys, index=DUE_INDEX)
        return [
            (item["pk"]["S"], item["sk"]["S"].removeprefix(CONNECTION_PREFIX)) for item in items
        ]


def to_disconnected_account(item: Item) -> DisconnectedAccount:
    """Convert the record of a disconnected account."""
    row = DisconnectedRow.from_raw_data(dict(item))
    return DisconnectedAccount(account=row.account, email=row.email, calendar_id=row.calendar_id)


def _disconnected(provider: Provider) -> str:
    return f"{DISCONNECTED_PREFIX}{provider}#"


def _key(connection: Connection) -> Key:
    return connection.user_id, f"{CONNECTION_PREFIX}{connection.id}"


def mark_keys(connection: Connection) -> list[Key]:
    """Return the keys of the markers of a connection, one for each name of its account."""
    mark = f"{_MARK_PREFIX}{connection.user_id}#{connection.id}"
    names = sorted(connection.account_names)
    return [(f"account#{connection.provider}#{each}", mark) for each in names]


def _sign_in_keys(user_id: str, provider: Provider, accounts: Iterable[str]) -> list[Key]:
    """Return the keys of the markers of a user's sign-in, one for each name of the account."""
    mark = f"{_MARK_PREFIX}{user_id}#sign-in"
    return [(f"account#{provider}#{each}", mark) for each in sorted(accounts)]
