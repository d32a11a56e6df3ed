import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, SQSEvent

from infra.local.aws import open_session
from infra.local.event_sources import EventSources, WorkLeft, WorkReport
from infra.local.workers import InvocationFailed
from tests.support.waiting import until

pytestmark = pytest.mark.long

Handler = Callable[[Any], Any]


class FakeInvoker:
    """Runs functions of the test in place of handlers and records the payloads."""

    def __init__(self, **handlers: Handler) -> None:
        self.handlers = handlers
        self.payloads: dict[str, list[Any]] = {"relay": [], "sync": []}

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Call the test's function, if there is one."""
        assert (function, seconds) == ("calendar_sync", 60)
        self.payloads[module].append(payload)
        handler = self.handlers.get(module)
        return handler(payload) if handler else None

    @property
    def bodies(self) -> list[list[str]]:
        """The message bodies of each sync invocation."""
        return [[each["body"] for each in batch["Records"]] for batch in self.payloads["sync"]]


@contextlib.contextmanager
def polling(
    environment: dict[str, str], invoker: FakeInvoker, *, hidden_seconds: float = 2.5
) -> Iterator[EventSources]:
    sources = EventSources(
        invoker, environment, relay="relay", sync="sync", hidden_seconds=hidden_seconds
    )
    sources.start()
    try:
        yield sources
    finally:
        sources.halt()
        sources.join()


def write_event(environment: dict[str, str], event_id: str) -> None:
    client = open_session(environment).client(
        "dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"]
    )
    client.put_item(
        TableName=environment["EVENTS_TABLE"],
        Item={"pk": {"S": event_id}, "sk": {"S": "EVENT"}, "secret": {"B": b"\x00\x01"}},
    )


class Queue:
    """Sends messages to the sync queue."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._url = environment["SYNC_QUEUE_URL"]
        self._client = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self._sent = 0

    def send(self, event_id: str, *, body: str | None = None) -> None:
        """Send one message."""
        self._sent += 1
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body or event_id,
            MessageGroupId=event_id,
            MessageDeduplicationId=str(self._sent),
        )

    def delay(self, record: dict[str, Any], wait: timedelta) -> None:
        """Hide a received message."""
        self._client.change_message_visibility(
            QueueUrl=self._url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=int(wait.total_seconds()),
        )


def test_the_relay_gets_a_written_item_in_lambdas_format(
    environment: dict[str, str],
) -> None:
    invoker = FakeInvoker()
    with polling(environment, invoker) as sources:
        write_event(environment, "event-1")
        report = sources.wait_until_idle(seconds=20)

    (payload,) = invoker.payloads["relay"]
    (record,) = DynamoDBStreamEvent(payload).records
    assert report == WorkReport(relayed=1)
    assert record.event_name is not None
    assert record.event_name.name == "INSERT"
    assert record.dynamodb is not None
    assert record.dynamodb.keys == {"pk": "event-1", "sk": "EVENT"}
    assert record.raw_event["dynamodb"]["NewImage"]["secret"] == {"B": "AAE="}
    assert isinstance(record.raw_event["dynamodb"]["ApproximateCreationDateTime"], float)
    assert "/stream/" in record.raw_event["eventSourceARN"]
    assert record.raw_event["eventSource"] == "aws:dynamodb"


def test_a_failed_relay_gets_the_same_records_again_in_order(
    environment: dict[str, str],
) -> None:
    outcomes = iter([InvocationFailed("first time")])

    def fail_once(_: Any) -> None:
        for failure in outcomes:
            raise failure

    write_event(environment, "event-1")
    write_event(environment, "event-2")
    invoker = FakeInvoker(relay=fail_once)
    with polling(environment, invoker) as sources:
        report = sources.wait_until_idle(seconds=20)

    first, second = invoker.payloads["relay"]
    assert report.relayed == 2
    assert first == second


def test_a_relay_that_reports_a_failed_record_continues_from_it(
    environment: dict[str, str],
) -> None:
    def fail_the_second(payload: Any) -> Any:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in payload["Records"]]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in numbers[1:2]]}

    write_event(environment, "event-1")
    write_event(environment, "event-2")
    invoker = FakeInvoker(relay=fail_the_second)
    with polling(environment, invoker) as sources:
        sources.wait_until_idle(seconds=20)

    keys = [
        [record["dynamodb"]["Keys"]["pk"]["S"] for record in payload["Records"]]
        for payload in invoker.payloads["relay"]
    ]
    assert keys == [["event-1", "event-2"], ["event-2"]]


def test_the_sync_gets_a_message_in_lambdas_format(environment: dict[str, str]) -> None:
    invoker = FakeInvoker()
    Queue(environment).send("event-1")
    with polling(environment, invoker) as sources:
        report = sources.wait_until_idle(seconds=20)

    (payload,) = invoker.payloads["sync"]
    (record,) = SQSEvent(payload).records
    assert report == WorkReport(synced=1)
    assert record.body == "event-1"
    assert record.attributes.approximate_receive_count == "1"
    assert record.attributes.message_group_id == "event-1"
    assert record.event_source_arn.endswith(":calendar-service-sync.fifo")
    assert record.event_source == "aws:sqs"
    assert record.receipt_handle


def test_the_wait_includes_messages_that_the_relay_sends(
    environment: dict[str, str],
) -> None:
    queue = Queue(environment)

    def relay(payload: Any) -> None:
        for record in payload["Records"]:
            queue.send(record["dynamodb"]["Keys"]["pk"]["S"])

    write_event(environment, "event-1")
    invoker = FakeInvoker(relay=relay)
    with polling(environment, invoker) as sources:
        report = sources.wait_until_idle(seconds=20)

    assert report == WorkReport(relayed=1, synced=1)
    assert invoker.bodies == [["event-1"]]


def test_groups_run_in_parallel_but_each_has_one_batch_at_a_time(
    environment: dict[str, str],
) -> None:
    queue, together, running = Queue(environment), threading.Barrier(2, timeout=20), set[str]()
    met: list[str] = []

    def sync(payload: Any) -> None:
        groups = {record["attributes"]["MessageGroupId"] for record in payload["Records"]}
        (group,) = groups
        assert group not in running
        running.add(group)
        if group not in met:
            together.wait()
            met.append(group)
        running.discard(group)

    invoker = FakeInvoker(sync=sync)
    for number in range(6):
        queue.send(f"event-{number % 2}", body=str(number))
    with polling(environment, invoker) as sources:
        report = sources.wait_until_idle(seconds=20)

    order = [int(body) for batch in invoker.bodies for body in batch]
    assert (report.synced, report.failed) == (6, 0)
    assert sorted(met) == ["event-0", "event-1"]
    assert [each for each in order if each % 2 == 0] == [0, 2, 4]
    assert [each for each in order if each % 2] == [1, 3, 5]


def test_a_message_reported_as_failed_is_retried(environment: dict[str, str]) -> None:
    queue = Queue(environment)

    def fail_first_time(payload: Any) -> Any:
        retried = [
            record
            for record in payload["Records"]
            if record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        for record in retried:
            queue.delay(record, timedelta(seconds=1))
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in retried]}

    queue.send("event-1")
    invoker = FakeInvoker(sync=fail_first_time)
    with polling(environment, invoker) as sources:
        report = sources.wait_until_idle(seconds=20)

    assert report == WorkReport(synced=1, failed=1)
    assert invoker.bodies == [["event-1"], ["event-1"]]


def test_a_message_hidden_for_long_counts_as_waiting_and_not_as_work_left(
    environment: dict[str, str],
) -> None:
    queue = Queue(environment)

    def later(payload: Any) -> Any:
        queue.delay(payload["Records"][0], timedelta(minutes=5))
        return {"batchItemFailures": [{"itemIdentifier": payload["Records"][0]["messageId"]}]}

    queue.send("event-1")
    with polling(environment, FakeInvoker(sync=later), hidden_seconds=0.2) as sources:
        report = sources.wait_until_idle(seconds=20)

    assert report == WorkReport(failed=1, waiting=1)


def test_a_failed_invocation_leaves_its_messages_on_the_queue(environment: dict[str, str]) -> None:
    def fail(_: Any) -> None:
        raise InvocationFailed("fails on purpose")

    Queue(environment).send("event-1")
    with polling(environment, FakeInvoker(sync=fail), hidden_seconds=0.2) as sources:
        report = sources.wait_until_idle(seconds=20)

    assert report == WorkReport(failed=1, waiting=1)


def test_the_wait_times_out(environment: dict[str, str]) -> None:
    released = threading.Event()
    invoker = FakeInvoker(sync=lambda _: released.wait(20))
    Queue(environment).send("event-1")
    with polling(environment, invoker) as sources:
        assert until(lambda: bool(invoker.payloads["sync"]))
        try:
            with pytest.raises(WorkLeft, match=r"left after 0\.1 s"):
                sources.wait_until_idle(seconds=0.1)
        finally:
            released.set()
