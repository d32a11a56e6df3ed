"""The two DynamoDB tables as data, read by the stack, the local run and the tests."""

from dataclasses import dataclass

PARTITION_KEY = "pk"
SORT_KEY = "sk"
TTL_ATTRIBUTE = "expires_at"
"""Epoch seconds after which DynamoDB may drop an item."""


@dataclass(frozen=True, slots=True)
class Table:
    """One on-demand table with the keys above; `setting` is the variable that carries its name."""

    setting: str
    has_stream: bool


EVENTS = Table("EVENTS_TABLE", has_stream=True)
CONNECTIONS = Table("CONNECTIONS_TABLE", has_stream=False)
TABLES = (EVENTS, CONNECTIONS)
