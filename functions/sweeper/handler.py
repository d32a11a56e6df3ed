"""Scheduled: re-queues events that have waited too long, and expires pending ones."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

logger = Logger()
wiring.warm(wiring.sweeper, wiring.pending_expiry)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, float]:  # noqa: ARG001 - Lambda's form
    """Sweep and expire once.

    Return how many events wait, for how long, and how many were re-queued, parked or expired.

    A failure raises, so that the schedule retries.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    report = wiring.sweeper().sweep(now=wiring.now())
    counts = {
        "waiting": report.waiting,
        "longestSeconds": report.longest.total_seconds(),
        "redriven": len(report.redriven),
        "parked": len(report.parked),
        "expired": len(wiring.pending_expiry().expire(now=wiring.now())),
    }
    logger.info("sweep finished", extra=counts)
    return counts
