"""Brings calendars in line with the events whose ids arrive on the FIFO queue."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.ports import SyncQueue

_SHORTEST = timedelta(seconds=1)

logger = Logger()
wiring.warm(wiring.calendar_sync, wiring.sync_queue)


class Reconciler(Protocol):
    """Brings the copies of one event in line; `CopySync` does."""

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Return when to come back, or None when all are settled."""
        ...


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Reconcile each event of an SQS payload; report those that must come back."""
    logger.append_keys(function_request_id=context.aws_request_id)
    return reconcile_all(
        payload, sync=wiring.calendar_sync(), queue=wiring.sync_queue(), now=wiring.now
    )


def reconcile_all(
    payload: Mapping[str, Any],
    *,
    sync: Reconciler,
    queue: SyncQueue,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Return the partial batch response for an SQS payload; it never raises for one message.

    The queue is FIFO: after one message of a group has failed, the later ones of it are left for
    the next delivery, in order.
    """
    failed: list[str] = []
    stopped: set[str] = set()
    for record in payload["Records"]:
        group = record["attributes"]["MessageGroupId"]
        if group in stopped or not _settled(record, sync, queue, now=now()):
            stopped.add(group)
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _settled(
    record: Mapping[str, Any], sync: Reconciler, queue: SyncQueue, *, now: datetime
) -> bool:
    event_id = record["body"]
    try:
        wait = sync.reconcile(event_id, now=now)
        if wait is not None:
            logger.info("will come back", event_id=event_id, seconds=wait.total_seconds())
            queue.delay(record["receiptHandle"], max(wait, _SHORTEST))
    except Exception:
        # Reported to the queue as failed, which delivers it again and in the end to the
        # dead-letter queue; the other events of the batch must not wait for it.
        logger.exception("reconciling failed", event_id=event_id)
        return False
    return wait is None
