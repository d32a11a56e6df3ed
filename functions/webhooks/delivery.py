"""Delivers domain events to webhooks, and queues the deliveries of replays."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.domain.webhook_delivery import ReplayTask, WebhookTask, task_of
from shared.ports.webhooks import WebhookQueue

CarryOut: TypeAlias = Callable[[WebhookTask, int], timedelta | None]
"""Carries out a task that was received that often; returns how long to wait, None if done."""

_MINIMUM_DELAY = timedelta(seconds=1)

logger = Logger()
wiring.warm(wiring.webhook_deliverer, wiring.webhook_replayer)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Carry out each task of an SQS payload and report the messages to retry."""
    logger.append_keys(function_request_id=context.aws_request_id)
    return carry_out_all(payload, carry_out=_carry_out, queue=wiring.webhook_queue())


def carry_out_all(
    payload: Mapping[str, Any], *, carry_out: CarryOut, queue: WebhookQueue
) -> dict[str, Any]:
    """Return the partial batch response for an SQS payload. A failing message never raises."""
    failed = [each for each in payload["Records"] if not _is_done(each, carry_out, queue)]
    return {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in failed]}


def _is_done(record: Mapping[str, Any], carry_out: CarryOut, queue: WebhookQueue) -> bool:
    try:
        receives = int(record["attributes"]["ApproximateReceiveCount"])
        wait = carry_out(task_of(record["body"]), receives)
        if wait is not None:
            queue.postpone(record["receiptHandle"], max(wait, _MINIMUM_DELAY))
    except Exception:
        # SQS delivers the message again and finally moves it to the dead-letter queue.
        logger.exception("delivery to a webhook failed", message_id=record["messageId"])
        return False
    return wait is None


def _carry_out(task: WebhookTask, receives: int) -> timedelta | None:
    if isinstance(task, ReplayTask):
        wiring.webhook_replayer().replay_next(task, now=wiring.now())
        return None
    wait = wiring.webhook_deliverer().deliver(task, receives=receives, clock=wiring.now)
    logger.info(
        "delivery",
        webhook_id=task.webhook_id,
        domain_event_id=task.envelope.id,
        retry_seconds=None if wait is None else wait.total_seconds(),
    )
    return wait
