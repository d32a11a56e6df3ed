"""The type of a function's permissions: the DynamoDB actions its code performs, and no others.

A transaction needs the permissions of its parts: PutItem, UpdateItem and ConditionCheckItem.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal[
    "BatchGetItem", "ConditionCheckItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem"
]
READ_ACTIONS: frozenset[Action] = frozenset({"BatchGetItem", "GetItem", "Query"})
INDEX_PARTITIONS: Mapping[str, tuple[str, ...]] = {
    "due": tuple(f"due#{number}" for number in range(16)),
    "pending": tuple(f"pending#{number}" for number in range(4)),
    "unsynced": tuple(f"unsynced#{number}" for number in range(4)),
}
"""All partition keys of an index, for the indexes that have few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Allowed actions by table, and the function's other permissions.

    indexes: indexes the function may Query, limited to their `INDEX_PARTITIONS`.
    credentials: encrypt and decrypt credentials of connections, and read the OAuth client secrets.
    bearer_tokens: check bearer tokens, which in HS256 mode means reading the shared secret.
    serves_http: check that requests come through CloudFront, if the stack has it.
    sends_to_queue, receives_from_queue: the sync queue.
    reads_stream: the stream of the events table.
    publishes_events: read both streams, put domain events on the bus, and store dead records.
    sends_webhooks, receives_webhooks: the queue of deliveries to webhooks.
    webhook_secrets: encrypt and decrypt the secrets of webhooks.
    sends_mail: send through SES as the configured sender.
    confirms_subscription: confirm the SNS subscription for SES notifications.
    reads_replies: read the mails that SES has received.
    """

    connections: frozenset[Action] = frozenset()
    events: frozenset[Action] = frozenset()
    indexes: tuple[str, ...] = ()
    credentials: bool = False
    bearer_tokens: bool = False
    serves_http: bool = False
    sends_to_queue: bool = False
    receives_from_queue: bool = False
    reads_stream: bool = False
    publishes_events: bool = False
    sends_webhooks: bool = False
    receives_webhooks: bool = False
    webhook_secrets: bool = False
    sends_mail: bool = False
    confirms_subscription: bool = False
    reads_replies: bool = False


def actions(*names: Action) -> frozenset[Action]:
    """Return the actions as a set."""
    return frozenset(names)
