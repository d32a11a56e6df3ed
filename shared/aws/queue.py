"""The SQS FIFO queue that carries ids of events whose calendars may be behind."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

BATCH = 10
MAX_DELAY = timedelta(hours=12) - timedelta(minutes=15)
"""SQS hides a message for 12 hours from when it was received, and a Lambda may hold it 15 minutes;
asking for more than what is left is refused."""


class NotQueued(CalendarServiceError):
    """SQS took only a part of the messages; sending all of them again does no harm."""


class SqsSyncQueue:
    """Fills `SyncQueue`; a message's body is the event id."""

    def __init__(self, url: str, clients: Clients) -> None:
        self._url = url
        self._clients = clients

    def send(self, event_ids: Mapping[str, str]) -> None:
        """Put each event id on the queue; the value tells repeats of one change apart.

        The group is the event, so one worker at a time has it. A value SQS has seen for the same
        event within five minutes is taken and not delivered again.

        Raises:
            NotQueued: when SQS refused some; the others are on the queue.
        """
        refused = [
            failed for batch in _batches(list(event_ids.items())) for failed in self._send(batch)
        ]
        if refused:
            raise NotQueued(
                f"SQS refused {len(refused)} of {len(event_ids)} messages: {refused[0]}"
            )

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for that long, `MAX_DELAY` at most, before it comes again."""
        seconds = max(timedelta(0), min(wait, MAX_DELAY)).total_seconds()
        self._clients.sqs.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt_handle, VisibilityTimeout=math.ceil(seconds)
        )

    def _send(self, batch: Sequence[tuple[str, str]]) -> list[str]:
        answer = self._clients.sqs.send_message_batch(
            QueueUrl=self._url,
            Entries=[_entry(n, event_id, change) for n, (event_id, change) in enumerate(batch)],
        )
        return [
            f"{batch[int(each['Id'])][0]}: {each['Code']} {each.get('Message', '')}".strip()
            for each in answer.get("Failed", ())
        ]


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
