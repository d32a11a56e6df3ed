from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.calendar_sync.handler import reconcile_all
from tests.support.memory import MemoryQueue

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
WAIT = timedelta(seconds=90)


class FakeReconciler:
    """Returns the given outcome for each event; `calls` lists the events in order."""

    def __init__(self, **outcomes: Callable[[], timedelta | None]) -> None:
        self._ends = outcomes
        self.calls: list[str] = []

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        assert now == NOW
        self.calls.append(event_id)
        return self._ends[event_id]()


class BrokenQueue(MemoryQueue):
    """A queue whose receipts have expired."""

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        raise ValueError(f"{receipt_handle} has expired, so it is not hidden for {wait}")


def record(event_id: str, number: int = 1) -> dict[str, Any]:
    """Return a message as a FIFO queue's event source mapping delivers it."""
    return {
        "messageId": f"{event_id}-{number}",
        "receiptHandle": f"receipt-{event_id}-{number}",
        "body": event_id,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795424400000",
            "SequenceNumber": "18849496460467696128",
            "MessageGroupId": event_id,
            "SenderId": "AIDAIO23YVJENQZJOL4VO",
            "MessageDeduplicationId": f"change-{number}",
            "ApproximateFirstReceiveTimestamp": "1795424400000",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:sync.fifo",
        "awsRegion": "eu-central-1",
    }


def failures(response: dict[str, Any]) -> list[str]:
    """Return the message ids a response reports as failed."""
    return [each["itemIdentifier"] for each in response["batchItemFailures"]]


def settled() -> None:
    return None


def transient() -> timedelta:
    return WAIT


def poison() -> timedelta:
    raise KeyError("a bug, or a table that does not answer")


def test_only_messages_to_retry_are_reported() -> None:
    sync, queue = FakeReconciler(ok=settled, poison=poison, transient=transient), MemoryQueue()
    payload = {"Records": [record("ok"), record("poison"), record("transient")]}

    response = reconcile_all(payload, sync=sync, queue=queue, now=lambda: NOW)

    assert failures(response) == ["poison-1", "transient-1"]
    assert queue.delays == [("receipt-transient-1", WAIT)]


def test_later_messages_of_a_failed_group_are_retried_in_order() -> None:
    sync, queue = FakeReconciler(ok=settled, transient=transient), MemoryQueue()
    records = [record("transient"), record("ok"), record("transient", 2), record("ok", 2)]

    response = reconcile_all({"Records": records}, sync=sync, queue=queue, now=lambda: NOW)

    assert failures(response) == ["transient-1", "transient-2"]
    assert sync.calls == ["transient", "ok", "ok"]


def test_a_batch_that_fails_completely_is_reported_and_does_not_raise() -> None:
    sync, queue = FakeReconciler(poison=poison, transient=transient), MemoryQueue()
    payload = {"Records": [record("poison"), record("transient")]}

    response = reconcile_all(payload, sync=sync, queue=queue, now=lambda: NOW)

    assert failures(response) == ["poison-1", "transient-1"]


def test_a_message_whose_visibility_cannot_be_changed_fails_alone() -> None:
    sync, queue = FakeReconciler(ok=settled, transient=transient), BrokenQueue()
    payload = {"Records": [record("transient"), record("ok")]}

    response = reconcile_all(payload, sync=sync, queue=queue, now=lambda: NOW)

    assert failures(response) == ["transient-1"]


@pytest.mark.parametrize(
    ("wait", "hidden"),
    [
        (timedelta(milliseconds=1), timedelta(seconds=1)),
        (timedelta(minutes=15), timedelta(minutes=15)),
    ],
)
def test_a_message_is_hidden_for_the_wait_but_at_least_a_second(
    wait: timedelta, hidden: timedelta
) -> None:
    sync, queue = FakeReconciler(transient=lambda: wait), MemoryQueue()

    reconcile_all({"Records": [record("transient")]}, sync=sync, queue=queue, now=lambda: NOW)

    assert [("receipt-transient-1", hidden)] == queue.delays


def test_a_completed_batch_reports_nothing() -> None:
    sync, queue = FakeReconciler(ok=settled), MemoryQueue()

    response = reconcile_all({"Records": [record("ok")]}, sync=sync, queue=queue, now=lambda: NOW)

    assert response == {"batchItemFailures": []}
    assert queue.delays == []
