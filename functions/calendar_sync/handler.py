"""Reconciles calendars and mail with the events whose ids arrive on the FIFO queue.

The queue also carries the ids of erasures, which this function continues.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from typing_extensions import override

from shared import wiring
from shared.domain.erasure import is_erasure
from shared.ports import SyncQueue

_MINIMUM_DELAY = timedelta(seconds=1)

logger = Logger()
wiring.warm(wiring.copy_sync, wiring.sync_queue)


class Reconciler(Protocol):
    """Reconciles one event (`CopySync`) or continues one erasure (`ErasureWorker`)."""

    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        """Return how long to wait before the next attempt, or None when nothing is left to do."""
        ...


class ReconcilerById(Reconciler):
    """Has an id reconciled by the worker of its kind."""

    @override
    def reconcile(self, event_id: str, *, now: datetime) -> timedelta | None:
        worker = wiring.erasure_worker() if is_erasure(event_id) else wiring.copy_sync()
        return worker.reconcile(event_id, now=now)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Reconcile each event of an SQS payload and report the messages to retry."""
    logger.append_keys(function_request_id=context.aws_request_id)
    return reconcile_all(payload, sync=ReconcilerById(), queue=wiring.sync_queue(), now=wiring.now)


def reconcile_all(
    payload: Mapping[str, Any],
    *,
    sync: Reconciler,
    queue: SyncQueue,
    now: Callable[[], datetime],
) -> dict[str, Any]:
    """Return the partial batch response for an SQS payload. A failing message never raises.

    The queue is FIFO: after one message of a group has failed, the later messages of that group are
    reported as failed too, so that they are delivered again in order.
    """
    failed: list[str] = []
    stopped: set[str] = set()
    for record in payload["Records"]:
        group = record["attributes"]["MessageGroupId"]
        if group in stopped or not _is_settled(record, sync, queue, now=now()):
            stopped.add(group)
            failed.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _is_settled(
    record: Mapping[str, Any], sync: Reconciler, queue: SyncQueue, *, now: datetime
) -> bool:
    event_id = record["body"]
    try:
        wait = sync.reconcile(event_id, now=now)
        if wait is not None:
            logger.info("retry scheduled", event_id=event_id, seconds=wait.total_seconds())
            queue.delay(record["receiptHandle"], max(wait, _MINIMUM_DELAY))
    except Exception:
        # The message is reported as failed: SQS delivers it again and finally moves it to the
        # dead-letter queue. The other events of the batch must not wait for it.
        logger.exception("reconciling failed", event_id=event_id)
        return False
    return wait is None
