"""The two DynamoDB tables as data, read by the stack, the local run and the tests."""

from dataclasses import dataclass
from typing import Any

PARTITION_KEY = "pk"
SORT_KEY = "sk"
TTL_ATTRIBUTE = "expires_at"
"""Epoch seconds after which DynamoDB may drop an item."""


@dataclass(frozen=True, slots=True)
class Index:
    """A sparse global index that carries the table's keys only."""

    name: str
    partition_key: str
    sort_key: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """Its key attributes."""
        return (self.partition_key, *((self.sort_key,) if self.sort_key else ()))


@dataclass(frozen=True, slots=True)
class Table:
    """One on-demand table with the keys above; `setting` is the variable that carries its name."""

    setting: str
    has_stream: bool
    indexes: tuple[Index, ...] = ()


EVENTS = Table(
    "EVENTS_TABLE",
    has_stream=True,
    indexes=(
        Index("message", "message_id"),
        Index("unsynced", "unsynced_shard", "unsynced_since"),
    ),
)
CONNECTIONS = Table(
    "CONNECTIONS_TABLE", has_stream=False, indexes=(Index("due", "due_shard", "due_at"),)
)
TABLES = (EVENTS, CONNECTIONS)


def create_request(table: Table, name: str) -> dict[str, Any]:
    """Return DynamoDB's CreateTable request for the table, under that name."""
    keys = [PARTITION_KEY, SORT_KEY, *(key for index in table.indexes for key in index.keys)]
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _schema(PARTITION_KEY, SORT_KEY),
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        if table.has_stream
        else {"StreamEnabled": False},
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(each) for each in table.indexes]
    return request


def _index(index: Index) -> dict[str, Any]:
    return {
        "IndexName": index.name,
        "KeySchema": _schema(*index.keys),
        "Projection": {"ProjectionType": "KEYS_ONLY"},
    }


def _schema(partition_key: str, *sort_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition_key, "KeyType": "HASH"},
        *({"AttributeName": each, "KeyType": "RANGE"} for each in sort_key),
    ]
