"""The two DynamoDB tables as data, read by the stack, the local run and the tests."""

from dataclasses import dataclass
from typing import Any

PARTITION_KEY = "pk"
SORT_KEY = "sk"
STREAM_IMAGES = "NEW_AND_OLD_IMAGES"
"""Domain events say what has changed."""

TTL_ATTRIBUTE = "expires_at"
"""Epoch seconds after which DynamoDB may delete an item."""


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """A sparse global secondary index that projects only the table's keys."""

    name: str
    partition_key: str
    sort_key: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The key attributes."""
        return (self.partition_key, *((self.sort_key,) if self.sort_key else ()))


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One on-demand table with the keys above and a stream of the images of items.

    `setting` is the variable that holds its name.
    """

    setting: str
    indexes: tuple[IndexSpec, ...] = ()


EVENTS = TableSpec(
    "EVENTS_TABLE",
    indexes=(
        IndexSpec("message", "message_id"),
        IndexSpec("pending", "pending_shard", "pending_until"),
        IndexSpec("unsynced", "unsynced_shard", "unsynced_since"),
    ),
)
CONNECTIONS = TableSpec("CONNECTIONS_TABLE", indexes=(IndexSpec("due", "due_shard", "due_at"),))
TABLES = (EVENTS, CONNECTIONS)


def create_request(table: TableSpec, name: str) -> dict[str, Any]:
    """Return the DynamoDB CreateTable request for the table, with `name` as its name."""
    keys = [PARTITION_KEY, SORT_KEY, *(key for index in table.indexes for key in index.keys)]
    request: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _schema(PARTITION_KEY, SORT_KEY),
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": STREAM_IMAGES},
    }
    if table.indexes:
        request["GlobalSecondaryIndexes"] = [_index(each) for each in table.indexes]
    return request


def _index(index: IndexSpec) -> dict[str, Any]:
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
