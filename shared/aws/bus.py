"""The EventBridge bus, and the queue of stream records that were not understood."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from typing_extensions import override

from shared.aws.clients import Clients
from shared.domain.domain_event import DomainEvent
from shared.domain.errors import CalendarServiceError
from shared.domain.retry import Pause
from shared.ports import DeadRecords, EventSink

SOURCE = "calendar-service"
BATCH = 10
MAX_BATCH_BYTES = 200_000
"""EventBridge accepts 256 KB in one request; the rest is for names and times."""

TRIES = 4
MAX_RECORD_BYTES = 250_000
"""SQS accepts 256 KB."""


class NotPublished(CalendarServiceError):
    """EventBridge did not accept some events; it is safe to put all of them again."""


class EventBridgeBus(EventSink):
    """The bus; `pause` waits before try number n."""

    def __init__(self, name: str, clients: Clients, *, pause: Pause) -> None:
        self._name = name
        self._clients = clients
        self._pause = pause

    @override
    def publish(self, events: Sequence[DomainEvent]) -> None:
        """Put up to ten events per request, of one subject only one, until all are accepted.

        Raises:
            NotPublished: when EventBridge rejects an event four times.
        """
        for batch in _batches(events):
            self._put(batch)

    def _put(self, batch: Sequence[DomainEvent]) -> None:
        left, reason = list(batch), ""
        for number in range(1, TRIES + 1):
            response = self._clients.get("events").put_events(
                Entries=[self._entry(each) for each in left]
            )
            results = list(zip(left, response["Entries"], strict=True))
            left = [event for event, result in results if "ErrorCode" in result]
            if not left:
                return
            reason = next(each["ErrorCode"] for _, each in results if "ErrorCode" in each)
            self._pause(number)
        raise NotPublished(f"EventBridge rejected {len(left)} events: {reason}")

    def _entry(self, event: DomainEvent) -> dict[str, Any]:
        return {
            "Source": SOURCE,
            "DetailType": event.type.value,
            "Detail": event.text,
            "EventBusName": self._name,
            "Time": event.occurred_at,
        }


class SqsDeadRecords(DeadRecords):
    """An SQS queue; the body of a message has the record."""

    def __init__(self, url: str, clients: Clients) -> None:
        self._url = url
        self._clients = clients

    @override
    def add(self, record: Mapping[str, Any], reason: str) -> None:
        """Store the record.

        Raises:
            CalendarServiceError: when it is too large. Lambda then retries, and finally stores
                where the stream has it.
        """
        body = json.dumps({"record": record, "reason": reason}, separators=(",", ":"))
        if len(body.encode()) > MAX_RECORD_BYTES:
            raise CalendarServiceError("The stream record is too large for the queue.")
        self._clients.sqs.send_message(QueueUrl=self._url, MessageBody=body)


def _batches(events: Sequence[DomainEvent]) -> Iterator[tuple[DomainEvent, ...]]:
    """Yield the events in order, in batches without two events of one subject.

    So an event that is put again cannot arrive after a later one of its subject.
    """
    batch: list[DomainEvent] = []
    size = 0
    for event in events:
        length = len(event.text.encode())
        is_full = len(batch) == BATCH or size + length > MAX_BATCH_BYTES
        if batch and (is_full or any(event.subject == each.subject for each in batch)):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield tuple(batch)
