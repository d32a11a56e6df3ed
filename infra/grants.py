"""What each function may do: the actions its use-cases carry out, and no other.

A transaction asks for the rights of its parts: PutItem, UpdateItem and ConditionCheckItem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal[
    "BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
]
READING: frozenset[Action] = frozenset({"BatchGetItem", "GetItem", "Query"})
INDEX_PARTITIONS: Mapping[str, tuple[str, ...]] = {
    "due": tuple(f"due#{number}" for number in range(16)),
    "unsynced": tuple(f"unsynced#{number}" for number in range(4)),
}
"""The only partition keys of an index, where there are few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Actions by table, and what else a function may do.

    `indexes` are asked with Query alone, each by its `INDEX_PARTITIONS`. `queues` puts events on
    the sync queue, `works_queue` takes them from it, `reads_stream` reads the events table's.
    `credentials`: opens and seals credentials of connections, and reads the client secrets that
    refreshing them takes. `tokens`: checks bearer tokens, so it reads the secret of HS256.
    `mails`: sends as the sender. `confirms`: confirms a subscription to what became of mails.
    """

    connections: frozenset[Action] = frozenset()
    events: frozenset[Action] = frozenset()
    indexes: tuple[str, ...] = ()
    credentials: bool = False
    tokens: bool = False
    queues: bool = False
    works_queue: bool = False
    reads_stream: bool = False
    mails: bool = False
    confirms: bool = False


def _may(*actions: Action) -> frozenset[Action]:
    return frozenset(actions)


# Reading a calendar may have to refresh its tokens: lease, new tokens, or the mark that they died.
_TOKEN_ROWS = _may("GetItem", "UpdateItem")

GRANTS: Mapping[str, Grants] = {
    "status": Grants(connections=_may("Query", "UpdateItem"), tokens=True),
    "slots": Grants(
        connections=_may("Query") | _TOKEN_ROWS,
        events=_may("BatchGetItem"),
        credentials=True,
        tokens=True,
    ),
    "legacy": Grants(
        connections=_may("Query") | _TOKEN_ROWS,
        credentials=True,
    ),
    "events": Grants(
        connections=_may("Query", "BatchGetItem", "ConditionCheckItem", "PutItem") | _TOKEN_ROWS,
        events=_may("BatchGetItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        credentials=True,
        tokens=True,
    ),
    "invites": Grants(
        connections=_may("Query"),
        events=_may("GetItem", "PutItem", "Query"),
        tokens=True,
    ),
    "availability": Grants(connections=_may("PutItem", "Query", "UpdateItem"), tokens=True),
    "holidays": Grants(
        connections=_may("DeleteItem", "PutItem", "Query", "UpdateItem"), tokens=True
    ),
    "connections": Grants(
        connections=_may("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"),
        credentials=True,
        tokens=True,
    ),
    "ses_notifications": Grants(
        events=_may("GetItem", "PutItem"), indexes=("message",), confirms=True
    ),
    "calendar_sync": Grants(
        connections=_may("BatchGetItem", "DeleteItem", "PutItem", "Query") | _TOKEN_ROWS,
        events=_may("GetItem", "PutItem", "Query", "UpdateItem"),
        credentials=True,
        works_queue=True,
        mails=True,
    ),
    "relay": Grants(reads_stream=True, queues=True),
    "token_refresh": Grants(connections=_TOKEN_ROWS, indexes=("due",), credentials=True),
    "sweeper": Grants(indexes=("unsynced",), queues=True),
}
"""By function."""
