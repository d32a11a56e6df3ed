from typing import Any

import pytest

from shared.aws.clients import Clients
from shared.aws.queue import NotQueued
from shared.aws.webhook_queue import MAX_BATCH_BYTES, SqsWebhookQueue, batches
from shared.domain.webhook_delivery import DeliveryTask, EnvelopeText, task_of
from tests.support.aws import Aws
from tests.support.store_samples import NOON

pytestmark = pytest.mark.long


@pytest.fixture
def clients(moto_aws: Aws) -> Clients:
    """Clients of a simulated AWS account."""
    assert moto_aws.environment
    return Clients()


@pytest.fixture
def url(moto_aws: Aws) -> str:
    """The URL of the queue."""
    return moto_aws.environment["WEBHOOK_QUEUE_URL"]


def task(number: int, *, size: int = 10) -> DeliveryTask:
    envelope = EnvelopeText(
        id=f"evt_{number}", type="session.booked", occurred_at=NOON, body="x" * size
    )
    return DeliveryTask(webhook_id="w-1", envelope=envelope)


def received(clients: Clients, url: str) -> list[Any]:
    """Receive until the queue is empty."""
    result: list[Any] = []
    while messages := clients.sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    ).get("Messages"):
        result += messages
    return result


def test_every_task_is_a_message_in_the_group_of_its_webhook(clients: Clients, url: str) -> None:
    tasks = [task(number) for number in range(23)]

    SqsWebhookQueue(url, clients).enqueue(tasks)

    messages = received(clients, url)
    assert sorted(map(str, tasks)) == sorted(str(task_of(each["Body"])) for each in messages)


def test_a_request_has_at_most_ten_messages_and_256_kib() -> None:
    small = [("w-1", "x")] * 23
    large = [("w-1", "x" * 100_000)] * 5

    assert [len(each) for each in batches(small)] == [10, 10, 3]
    assert [len(each) for each in batches(large)] == [2, 2, 1]
    assert all(sum(len(body) for _, body in each) <= MAX_BATCH_BYTES for each in batches(large))
    assert list(batches([])) == []


def test_a_rejected_message_raises(clients: Clients, url: str) -> None:
    hooks: Any = clients.sqs.meta.events
    failed = {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
    hooks.register("after-call.sqs.SendMessageBatch", lambda parsed, **_: parsed.update(failed))

    with pytest.raises(NotQueued, match="1 of 1 messages: InternalError"):
        SqsWebhookQueue(url, clients).enqueue([task(1)])
