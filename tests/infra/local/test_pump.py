import contextlib
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from aws_lambda_powertools.utilities.data_classes import DynamoDBStreamEvent, SQSEvent

from infra.local.aws import open_session
from infra.local.pump import Pump, StillBusy, Work
from infra.local.workers import InvocationFailed
from tests.support.waiting import until

Answer = Callable[[Any], Any]


class FakeInvoker:
    """Runs functions of the test in place of handlers and keeps the payloads."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.payloads: dict[str, list[Any]] = {"relay": [], "sync": []}

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Answer as the test said, else with nothing."""
        assert (function, seconds) == ("calendar_sync", 60)
        self.payloads[module].append(payload)
        answer = self.answers.get(module)
        return answer(payload) if answer else None

    @property
    def bodies(self) -> list[list[str]]:
        """What each sync invocation was given."""
        return [[each["body"] for each in batch["Records"]] for batch in self.payloads["sync"]]


@contextlib.contextmanager
def pumping(
    environment: dict[str, str], invoker: FakeInvoker, *, hidden_seconds: float = 2.5
) -> Iterator[Pump]:
    pump = Pump(invoker, environment, relay="relay", sync="sync", hidden_seconds=hidden_seconds)
    pump.start()
    try:
        yield pump
    finally:
        pump.halt()
        pump.join()


def write_event(environment: dict[str, str], event_id: str) -> None:
    client = open_session(environment).client(
        "dynamodb", endpoint_url=environment["AWS_ENDPOINT_URL"]
    )
    client.put_item(
        TableName=environment["EVENTS_TABLE"],
        Item={"pk": {"S": event_id}, "sk": {"S": "EVENT"}, "secret": {"B": b"\x00\x01"}},
    )


class Queue:
    """The sync queue as its senders see it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._url = environment["SYNC_QUEUE_URL"]
        self._client = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self._sent = 0

    def send(self, event_id: str, *, body: str | None = None) -> None:
        """Put one message on the queue."""
        self._sent += 1
        self._client.send_message(
            QueueUrl=self._url,
            MessageBody=body or event_id,
            MessageGroupId=event_id,
            MessageDeduplicationId=str(self._sent),
        )

    def delay(self, record: dict[str, Any], wait: timedelta) -> None:
        """Hide a message that was received."""
        self._client.change_message_visibility(
            QueueUrl=self._url,
            ReceiptHandle=record["receiptHandle"],
            VisibilityTimeout=int(wait.total_seconds()),
        )


def test_a_written_item_reaches_the_relay_as_lambda_would_send_it(
    environment: dict[str, str],
) -> None:
    invoker = FakeInvoker()
    with pumping(environment, invoker) as pump:
        write_event(environment, "event-1")
        work = pump.wait_until_idle(seconds=20)

    (payload,) = invoker.payloads["relay"]
    (record,) = DynamoDBStreamEvent(payload).records
    assert work == Work(relayed=1)
    assert record.event_name is not None
    assert record.event_name.name == "INSERT"
    assert record.dynamodb is not None
    assert record.dynamodb.keys == {"pk": "event-1", "sk": "EVENT"}
    assert record.raw_event["dynamodb"]["NewImage"]["secret"] == {"B": "AAE="}
    assert isinstance(record.raw_event["dynamodb"]["ApproximateCreationDateTime"], float)
    assert "/stream/" in record.raw_event["eventSourceARN"]
    assert record.raw_event["eventSource"] == "aws:dynamodb"


def test_a_relay_that_fails_gets_the_same_records_again_in_order(
    environment: dict[str, str],
) -> None:
    outcomes = iter([InvocationFailed("first time")])

    def fail_once(_: Any) -> None:
        for failure in outcomes:
            raise failure

    write_event(environment, "event-1")
    write_event(environment, "event-2")
    invoker = FakeInvoker(relay=fail_once)
    with pumping(environment, invoker) as pump:
        work = pump.wait_until_idle(seconds=20)

    first, second = invoker.payloads["relay"]
    assert work.relayed == 2
    assert first == second


def test_a_relay_that_names_a_record_goes_on_from_there(environment: dict[str, str]) -> None:
    def fail_the_second(payload: Any) -> Any:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in payload["Records"]]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in numbers[1:2]]}

    write_event(environment, "event-1")
    write_event(environment, "event-2")
    invoker = FakeInvoker(relay=fail_the_second)
    with pumping(environment, invoker) as pump:
        pump.wait_until_idle(seconds=20)

    keys = [
        [record["dynamodb"]["Keys"]["pk"]["S"] for record in payload["Records"]]
        for payload in invoker.payloads["relay"]
    ]
    assert keys == [["event-1", "event-2"], ["event-2"]]


def test_a_message_reaches_the_sync_as_lambda_would_send_it(environment: dict[str, str]) -> None:
    invoker = FakeInvoker()
    Queue(environment).send("event-1")
    with pumping(environment, invoker) as pump:
        work = pump.wait_until_idle(seconds=20)

    (payload,) = invoker.payloads["sync"]
    (record,) = SQSEvent(payload).records
    assert work == Work(synced=1)
    assert record.body == "event-1"
    assert record.attributes.approximate_receive_count == "1"
    assert record.attributes.message_group_id == "event-1"
    assert record.event_source_arn.endswith(":calendar-service-sync.fifo")
    assert record.event_source == "aws:sqs"
    assert record.receipt_handle


def test_what_the_sync_sends_on_is_done_before_the_wait_is_over(
    environment: dict[str, str],
) -> None:
    queue = Queue(environment)

    def relay(payload: Any) -> None:
        for record in payload["Records"]:
            queue.send(record["dynamodb"]["Keys"]["pk"]["S"])

    write_event(environment, "event-1")
    invoker = FakeInvoker(relay=relay)
    with pumping(environment, invoker) as pump:
        work = pump.wait_until_idle(seconds=20)

    assert work == Work(relayed=1, synced=1)
    assert invoker.bodies == [["event-1"]]


def test_one_group_has_one_batch_at_a_time_and_several_groups_run_together(
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
    with pumping(environment, invoker) as pump:
        work = pump.wait_until_idle(seconds=20)

    order = [int(body) for batch in invoker.bodies for body in batch]
    assert (work.synced, work.failed) == (6, 0)
    assert sorted(met) == ["event-0", "event-1"]
    assert [each for each in order if each % 2 == 0] == [0, 2, 4]
    assert [each for each in order if each % 2] == [1, 3, 5]


def test_a_message_named_as_failed_comes_again(environment: dict[str, str]) -> None:
    queue = Queue(environment)

    def fail_first_time(payload: Any) -> Any:
        again = [
            record
            for record in payload["Records"]
            if record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        for record in again:
            queue.delay(record, timedelta(seconds=1))
        return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in again]}

    queue.send("event-1")
    invoker = FakeInvoker(sync=fail_first_time)
    with pumping(environment, invoker) as pump:
        work = pump.wait_until_idle(seconds=20)

    assert work == Work(synced=1, failed=1)
    assert invoker.bodies == [["event-1"], ["event-1"]]


def test_a_message_hidden_for_long_is_no_work_left_but_is_told(
    environment: dict[str, str],
) -> None:
    queue = Queue(environment)

    def later(payload: Any) -> Any:
        queue.delay(payload["Records"][0], timedelta(minutes=5))
        return {"batchItemFailures": [{"itemIdentifier": payload["Records"][0]["messageId"]}]}

    queue.send("event-1")
    with pumping(environment, FakeInvoker(sync=later), hidden_seconds=0.2) as pump:
        work = pump.wait_until_idle(seconds=20)

    assert work == Work(failed=1, waiting=1)


def test_an_invocation_that_fails_keeps_its_messages(environment: dict[str, str]) -> None:
    def fail(_: Any) -> None:
        raise InvocationFailed("told to")

    Queue(environment).send("event-1")
    with pumping(environment, FakeInvoker(sync=fail), hidden_seconds=0.2) as pump:
        work = pump.wait_until_idle(seconds=20)

    assert work == Work(failed=1, waiting=1)


def test_the_wait_has_an_end(environment: dict[str, str]) -> None:
    released = threading.Event()
    invoker = FakeInvoker(sync=lambda _: released.wait(20))
    Queue(environment).send("event-1")
    with pumping(environment, invoker) as pump:
        assert until(lambda: bool(invoker.payloads["sync"]))
        try:
            with pytest.raises(StillBusy, match=r"left after 0\.1 s"):
                pump.wait_until_idle(seconds=0.1)
        finally:
            released.set()
