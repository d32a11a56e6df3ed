"""The SQS queue of deliveries to webhooks, which has no order."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from typing_extensions import override

from shared.aws.clients import Clients
from shared.aws.queue import BATCH, NotQueued, hide_message
from shared.domain.webhook_delivery import WebhookTask, task_text
from shared.ports.webhooks import WebhookQueue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef

MAX_BATCH_BYTES = 256 * 1024
"""What SQS accepts in one request, in every region."""

Entry = tuple[str, str]
"""The webhook's id and the body of a message."""


class SqsWebhookQueue(WebhookQueue):
    """A standard SQS queue; the body of a message is the text of its task."""

    def __init__(self, url: str, clients: Clients) -> None:
        self._url = url
        self._clients = clients

    @override
    def enqueue(self, tasks: Sequence[WebhookTask]) -> None:
        """Send at most ten messages per request.

        The message group is the webhook. A standard queue delivers the messages of groups with few
        waiting messages first ("fair queues" in the developer guide of SQS).

        Raises:
            NotQueued: when SQS rejected some messages; the others are on the queue.
        """
        entries = [(each.webhook_id, task_text(each)) for each in tasks]
        failures = [failure for batch in batches(entries) for failure in self._send(batch)]
        if failures:
            raise NotQueued(f"SQS rejected {len(failures)} of {len(tasks)} messages: {failures[0]}")

    @override
    def postpone(self, receipt_handle: str, wait: timedelta) -> None:
        hide_message(self._clients, self._url, receipt_handle, wait)

    def _send(self, batch: Sequence[Entry]) -> list[str]:
        response = self._clients.sqs.send_message_batch(
            QueueUrl=self._url, Entries=[_entry(n, *each) for n, each in enumerate(batch)]
        )
        return [f"{each['Code']} {each.get('Message', '')}" for each in response.get("Failed", ())]


def batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in batches that SQS accepts in one request."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        added = len(entry[1].encode())
        if batch and (len(batch) == BATCH or size + added > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += added
    if batch:
        yield batch


def _entry(number: int, webhook_id: str, body: str) -> "SendMessageBatchRequestEntryTypeDef":
    return {"Id": str(number), "MessageBody": body, "MessageGroupId": webhook_id}
