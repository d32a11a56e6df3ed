from datetime import timedelta
from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.queue import NotQueued, SqsSyncQueue
from shared.ports import SyncQueue
from tests.support.aws import Aws


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of an account in memory."""
    assert moto_aws.environment
    return Clients()


@pytest.fixture
def url(moto_aws: Aws) -> str:
    """The queue's address."""
    return moto_aws.environment["SYNC_QUEUE_URL"]


@pytest.fixture
def queue(url: str, clients: Clients) -> SqsSyncQueue:
    """The queue."""
    return SqsSyncQueue(url, clients)


def received(clients: Clients, url: str) -> list[Any]:
    """Receive until nothing comes any more."""
    found: list[Any] = []
    while messages := clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        found += messages
    return found


def watched(clients: Clients, operation: str) -> list[dict[str, Any]]:
    """Collect the parameters of that operation from now on."""
    calls: list[dict[str, Any]] = []
    hooks: Any = clients.sqs.meta.events
    hooks.register(
        f"provide-client-params.sqs.{operation}", lambda params, **_: calls.append(params)
    )
    return calls


def test_the_queue_fills_its_port(queue: SqsSyncQueue) -> None:
    port: SyncQueue = queue

    assert port is queue


def test_a_message_is_the_event_id_in_a_group_of_its_own(
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


def test_many_go_ten_at_a_time_and_all_arrive(
    queue: SqsSyncQueue, clients: Clients, url: str
) -> None:
    batches = watched(clients, "SendMessageBatch")
    queue.send({f"s{n}": f"v{n}" for n in range(23)})

    assert [len(each["Entries"]) for each in batches] == [10, 10, 3]
    assert {f"s{n}" for n in range(23)} == {each["Body"] for each in received(clients, url)}


def test_nothing_to_send_sends_nothing(queue: SqsSyncQueue, clients: Clients) -> None:
    batches = watched(clients, "SendMessageBatch")

    queue.send({})

    assert batches == []


def test_a_message_sqs_refused_is_an_error_that_names_it(
    queue: SqsSyncQueue, clients: Clients
) -> None:
    failed = {"Id": "1", "Code": "InternalError", "SenderFault": False, "Message": "try again"}
    hooks: Any = clients.sqs.meta.events
    hooks.register(
        "after-call.sqs.SendMessageBatch", lambda parsed, **_: parsed.update(Failed=[failed])
    )

    with pytest.raises(NotQueued, match="refused 1 of 2 messages: s1: InternalError try again"):
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
def test_a_message_is_hidden_for_as_long_as_asked_and_sqs_allows(
    queue: SqsSyncQueue, clients: Clients, url: str, wait: timedelta, seconds: int
) -> None:
    queue.send({"1-a": "v"})
    (message,) = received(clients, url)
    calls = watched(clients, "ChangeMessageVisibility")

    queue.delay(message["ReceiptHandle"], wait)

    assert [seconds] == [each["VisibilityTimeout"] for each in calls]
