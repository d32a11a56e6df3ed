from datetime import timedelta
from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.queue import NotQueued, SqsSyncQueue
from tests.support.aws import Aws

pytestmark = pytest.mark.long


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of a simulated AWS account."""
    assert moto_aws.environment
    return Clients()


@pytest.fixture
def url(moto_aws: Aws) -> str:
    """The URL of the queue."""
    return moto_aws.environment["SYNC_QUEUE_URL"]


@pytest.fixture
def queue(url: str, clients: Clients) -> SqsSyncQueue:
    """The queue."""
    return SqsSyncQueue(url, clients)


def received(clients: Clients, url: str) -> list[Any]:
    """Receive until the queue is empty."""
    result: list[Any] = []
    while messages := clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        result += messages
    return result


def recorded_calls(clients: Clients, operation: str) -> list[dict[str, Any]]:
    """Return a list that collects the parameters of an operation."""
    calls: list[dict[str, Any]] = []
    hooks: Any = clients.sqs.meta.events
    hooks.register(
        f"provide-client-params.sqs.{operation}", lambda params, **_: calls.append(params)
    )
    return calls


def test_a_message_has_the_event_id_as_body_and_group(
    queue: SqsSyncQueue, clients: Clients, url: str
) -> None:
    queue.send({"1-a": "version-3"})

    (message,) = received(clients, url)
    assert message["Body"] == "1-a"
    assert message["Attributes"]["MessageGroupId"] == "1-a"
    assert message["Attributes"]["MessageDeduplicationId"] == "version-3"


def test_the_same_change_sent_twice_is_delivered_once(
    queue: SqsSyncQueue, clients: Clients, url: str
) -> None:
    queue.send({"1-a": "version-3"})
    queue.send({"1-a": "version-3"})

    assert len(received(clients, url)) == 1


def test_messages_are_sent_ten_at_a_time_and_all_arrive(
    queue: SqsSyncQueue, clients: Clients, url: str
) -> None:
    batches = recorded_calls(clients, "SendMessageBatch")
    queue.send({f"s{n}": f"v{n}" for n in range(23)})

    assert [len(each["Entries"]) for each in batches] == [10, 10, 3]
    assert {f"s{n}" for n in range(23)} == {each["Body"] for each in received(clients, url)}


def test_no_ids_send_no_request(queue: SqsSyncQueue, clients: Clients) -> None:
    batches = recorded_calls(clients, "SendMessageBatch")

    queue.send({})

    assert batches == []


def test_a_message_sqs_rejected_is_named_in_the_error(
    queue: SqsSyncQueue, clients: Clients
) -> None:
    failed = {"Id": "1", "Code": "InternalError", "SenderFault": False, "Message": "try again"}
    hooks: Any = clients.sqs.meta.events
    hooks.register(
        "after-call.sqs.SendMessageBatch", lambda parsed, **_: parsed.update(Failed=[failed])
    )

    with pytest.raises(NotQueued, match="rejected 1 of 2 messages: s1: InternalError try again"):
        queue.send({"s0": "v", "s1": "v"})


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (timedelta(minutes=2), 120),
        (timedelta(hours=12), 42_300),
        (timedelta(days=3), 42_300),
        (timedelta(seconds=-5), 0),
        (timedelta(milliseconds=1), 1),
    ],
)
def test_a_message_is_hidden_for_the_requested_time_up_to_the_sqs_limit(
    queue: SqsSyncQueue, clients: Clients, url: str, wait: timedelta, seconds: int
) -> None:
    queue.send({"1-a": "v"})
    (message,) = received(clients, url)
    calls = recorded_calls(clients, "ChangeMessageVisibility")

    queue.delay(message["ReceiptHandle"], wait)

    assert [seconds] == [each["VisibilityTimeout"] for each in calls]
