"""Brings calendars in line with the events whose ids arrive on the FIFO queue."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

logger = Logger()


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:  # noqa: ARG001 - Lambda's form
    """Reconcile each event of an SQS payload; report those that must come back.

    The queue is FIFO: after one message of a group has failed, the later ones of it are left for
    the next delivery, in order.
    """
    failed: list[str] = []
    stopped: set[str] = set()
    for record in payload["Records"]:
        group = record["attributes"]["MessageGroupId"]
        if group in stopped or not _settled(record):
            stopped.add(group)
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _settled(record: Mapping[str, Any]) -> bool:
    event_id = record["body"]
    try:
        wait = wiring.calendar_sync().reconcile(event_id, now=wiring.now())
    except Exception:
        # Reported to the queue as failed, which delivers it again and in the end to the
        # dead-letter queue; the other events of the batch must not wait for it.
        logger.exception("reconciling failed", event_id=event_id)
        return False
    if wait is None:
        return True
    logger.info("will come back", event_id=event_id, seconds=wait.total_seconds())
    wiring.sync_queue().delay(record["receiptHandle"], max(wait, timedelta(seconds=1)))
    return False
