"""The webhook queue invokes the delivery function as its event source mapping does."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.aws import create_resources, open_session
from infra.local.webhook_source import WebhookSource
from infra.local.workers import InvocationFailed
from tests.support.aws import fresh_account

pytestmark = pytest.mark.long

SECONDS = 20


class RecordingInvoker:
    """Records the bodies of messages; the first delivery of those in `failing` raises."""

    def __init__(self, *failing: str) -> None:
        self.bodies: list[str] = []
        self._failing = set(failing)
        self._changed = threading.Condition()

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        assert (module, function) == ("functions.webhooks.delivery", "webhooks_delivery")
        assert seconds > 0
        (record,) = payload["Records"]
        assert int(record["attributes"]["ApproximateReceiveCount"]) >= 1
        with self._changed:
            self.bodies.append(record["body"])
            self._changed.notify_all()
        if record["body"] in self._failing:
            raise InvocationFailed("on purpose")
        return {"batchItemFailures": []}

    def wait_for(self, number: int) -> None:
        """Wait for that many invocations."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.bodies) >= number, SECONDS)


@pytest.fixture
def environment(ministack_url: str) -> dict[str, str]:
    return create_resources(ministack_url, account=fresh_account())


@contextmanager
def polling(environment: dict[str, str], invoker: RecordingInvoker) -> Iterator[None]:
    source = WebhookSource(invoker, environment)
    source.start()
    try:
        yield
    finally:
        source.halt()
        source.join()


class DeliveryQueue:
    """The webhook queue."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._url = environment["WEBHOOK_QUEUE_URL"]
        self._client = open_session(environment).client(
            "sqs", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )

    def send(self, *bodies: str) -> None:
        """Send one message for each body."""
        for each in bodies:
            self._client.send_message(QueueUrl=self._url, MessageBody=each)

    def left(self) -> int:
        """Return the number of messages that are not deleted."""
        names: Any = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found: Any = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=names)
        return sum(int(each) for each in found["Attributes"].values())


def test_every_message_is_delivered_in_a_payload_of_its_own_and_deleted(
    environment: dict[str, str],
) -> None:
    queue, invoker = DeliveryQueue(environment), RecordingInvoker()
    queue.send("one", "two", "three")

    with polling(environment, invoker):
        invoker.wait_for(3)

    assert sorted(invoker.bodies) == ["one", "three", "two"]
    assert queue.left() == 0


def test_a_message_of_a_failed_invocation_stays(environment: dict[str, str]) -> None:
    queue, invoker = DeliveryQueue(environment), RecordingInvoker("fails")
    queue.send("fails", "fine")

    with polling(environment, invoker):
        invoker.wait_for(2)

    assert queue.left() == 1
