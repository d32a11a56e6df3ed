"""The two tables over one DynamoDB client, and transactions across them.

Each `Tables` has its own table names, endpoint and credentials, so one process can use several
AWS accounts or endpoints. Threads may share a botocore client.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pynamodb.connection import Connection
from pynamodb.connection.base import MetaTable

from shared.stores.table import Table

DUE_INDEX = "due"
"""Connections by the time their tokens must be refreshed; sparse, sharded."""

DUE_KEYS = ("due_shard", "due_at")

MESSAGE_INDEX = "message"
"""Invites by the SES message id of their newest mail; sparse."""

MESSAGE_KEYS = ("message_id",)

UNSYNCED_INDEX = "unsynced"
"""Unsynced items by the time since when; sparse, sharded."""

UNSYNCED_KEYS = ("unsynced_shard", "unsynced_since")

PENDING_INDEX = "pending"
"""Pending events by the time when they expire; sparse, sharded."""

PENDING_KEYS = ("pending_shard", "pending_until")

_INDEXES = {
    DUE_INDEX: DUE_KEYS,
    MESSAGE_INDEX: MESSAGE_KEYS,
    PENDING_INDEX: PENDING_KEYS,
    UNSYNCED_INDEX: UNSYNCED_KEYS,
}

CONNECT_SECONDS = 1
READ_SECONDS = 3
RETRIES = 2
POOL = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAccount:
    """Endpoint, region and credentials; None means the usual AWS environment."""

    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """At most 100 actions made by `Table`, each on a different item, sent in this order."""

    checks: Sequence[dict[str, Any]] = ()
    deletes: Sequence[dict[str, Any]] = ()
    puts: Sequence[dict[str, Any]] = ()
    updates: Sequence[dict[str, Any]] = ()


class Tables:
    """Both tables of one stack. Items of the past are kept for `retention`, None means for ever."""

    def __init__(
        self,
        *,
        events: str,
        connections: str,
        retention: timedelta | None = None,
        account: AwsAccount | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.client = _connect(account or AwsAccount(), names=(events, connections))
        self._retention = retention
        self.events = Table(events, self.client, sleep=sleep)
        self.connections = Table(connections, self.client, sleep=sleep)

    def expiry(self, end: datetime) -> int | None:
        """Return when DynamoDB may delete an item about something that ended at `end`, if ever."""
        return int((end + self._retention).timestamp()) if self._retention else None

    def transact(self, transaction: Transaction) -> None:
        """Perform all actions or none.

        Raises:
            pynamodb.exceptions.TransactWriteError: when nothing was written or the outcome is
                unknown; cancellation reasons are in the order of `Transaction`.
        """
        self.client.transact_write_items(
            condition_check_items=transaction.checks,
            delete_items=transaction.deletes,
            put_items=transaction.puts,
            update_items=transaction.updates,
        )


def _connect(account: AwsAccount, *, names: Iterable[str]) -> Connection:
    connection = Connection(
        region=account.region,
        host=account.endpoint,
        connect_timeout_seconds=CONNECT_SECONDS,
        read_timeout_seconds=READ_SECONDS,
        max_retry_attempts=RETRIES,
        max_pool_connections=POOL,
        aws_access_key_id=account.access_key,
        aws_secret_access_key=account.secret_key,
    )
    for name in names:
        connection.add_meta_table(_keys_of(name))
    # Created here, before threads share it: creating a client is not thread-safe.
    _ = connection.client
    return connection


def _keys_of(name: str) -> MetaTable:
    """Return the key schema for PynamoDB; only the indexes a table has are ever queried."""
    attributes = ("pk", "sk", *(key for keys in _INDEXES.values() for key in keys))
    return MetaTable(
        {
            "TableName": name,
            "KeySchema": _schema("pk", "sk"),
            "AttributeDefinitions": [
                {"AttributeName": each, "AttributeType": "S"} for each in attributes
            ],
            "GlobalSecondaryIndexes": [
                {"IndexName": index, "KeySchema": _schema(*keys)}
                for index, keys in _INDEXES.items()
            ],
        }
    )


def _schema(*keys: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": key, "KeyType": kind}
        for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]
