"""What the delivery function reports for each message of a payload."""

from datetime import timedelta
from typing import Any

import pytest

from functions.webhooks.delivery import carry_out_all
from shared.domain.webhook_delivery import (
    DeliveryTask,
    EnvelopeText,
    ReplayTask,
    WebhookTask,
    task_text,
)
from tests.support.memory import MemoryWebhookQueue
from tests.support.webhook_harness import START

WAIT = timedelta(minutes=5)


def task(webhook_id: str) -> DeliveryTask:
    envelope = EnvelopeText(id="evt_1", type="session.booked", occurred_at=START, body="{}")
    return DeliveryTask(webhook_id=webhook_id, envelope=envelope)


REPLAY = ReplayTask(webhook_id="replayed", since=START, replayed_at=START)


def record(name: str, body: str) -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": f"receipt-{name}",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "1"},
    }


def outcome(received: WebhookTask, receives: int) -> timedelta | None:
    assert receives == 1
    if received.webhook_id == "broken":
        raise RuntimeError("unexpected")
    return {"waits": WAIT, "waits-little": timedelta(0)}.get(received.webhook_id)


def carried_out(*records: dict[str, Any]) -> tuple[list[str], dict[str, timedelta]]:
    """Return the ids of the messages to retry, and how long they are hidden."""
    queue = MemoryWebhookQueue()
    response = carry_out_all({"Records": records}, carry_out=outcome, queue=queue)
    return [each["itemIdentifier"] for each in response["batchItemFailures"]], queue.postponed


def test_a_message_that_is_done_is_not_reported() -> None:
    done = [record("1", task_text(task("fine"))), record("2", task_text(REPLAY))]

    assert carried_out(*done) == ([], {})


def test_a_message_that_waits_is_hidden_and_reported() -> None:
    waiting = [record("1", task_text(task("waits"))), record("2", task_text(task("waits-little")))]

    assert carried_out(*waiting) == (
        ["1", "2"],
        {"receipt-1": WAIT, "receipt-2": timedelta(seconds=1)},
    )


@pytest.mark.parametrize("body", [task_text(task("broken")), "", "{}", "[]", "x"])
def test_a_message_that_fails_is_reported_and_does_not_stop_the_others(body: str) -> None:
    assert carried_out(record("1", body), record("2", task_text(task("fine")))) == (["1"], {})
