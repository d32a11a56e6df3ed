"""The SQS FIFO queue of ids of events to reconcile."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError
from shared.ports import SyncQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
MAX_DELAY = timedelta(hours=12) - timedelta(minutes=15)
"""SQS hides a message for at most 12 hours after it was received, of which a Lambda may use 15
minutes; SQS rejects a request for more than what is left."""


class NotQueued(CalendarServiceError):
    """SQS accepted only some of the messages; it is safe to send all of them again."""


class SqsSyncQueue(SyncQueue):
    """An SQS FIFO queue; the body of a message is the event id."""

    def __init__(self, url: str, clients: Clients) -> None:
        self._url = url
        self._clients = clients

    @override
    def send(self, event_ids: Mapping[str, str]) -> None:
        """Send ten messages per request.

        The message group is the event, so only one worker at a time receives it. SQS accepts but
        does not deliver a value it has seen for the same event within five minutes.

        Raises:
            NotQueued: when SQS rejected some messages; the others are on the queue.
        """
        failures = [
            failure for batch in _batches(list(event_ids.items())) for failure in self._send(batch)
        ]
        if failures:
            raise NotQueued(
                f"SQS rejected {len(failures)} of {len(event_ids)} messages: {failures[0]}"
            )

    @override
    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Change the message's visibility; waits over `MAX_DELAY` are cut to it."""
        hide_message(self._clients, self._url, receipt_handle, wait)

    def _send(self, batch: Sequence[tuple[str, str]]) -> list[str]:
        response = self._clients.sqs.send_message_batch(
            QueueUrl=self._url,
            Entries=[_entry(n, event_id, change) for n, (event_id, change) in enumerate(batch)],
        )
        return [
            f"{batch[int(each['Id'])][0]}: {each['Code']} {each.get('Message', '')}".strip()
            for each in response.get("Failed", ())
        ]


def hide_message(clients: Clients, url: str, receipt_handle: str, wait: timedelta) -> None:
    """Hide a received message of a queue for `wait`, at most `MAX_DELAY`."""
    seconds = max(timedelta(0), min(wait, MAX_DELAY)).total_seconds()
    clients.sqs.change_message_visibility(
        QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=math.ceil(seconds)
    )


def _entry(number: int, event_id: str, change: str) -> "SendMessageBatchRequestEntryTypeDef":
    return {
        "Id": str(number),
        "MessageBody": event_id,
        "MessageGroupId": event_id,
        "MessageDeduplicationId": change,
    }


def _batches(entries: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], ...]]:
    left = iter(entries)
    while batch := tuple(itertools.islice(left, BATCH)):
        yield batch
