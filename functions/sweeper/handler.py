"""On the schedule: puts back on the queue the events that wait longer than any retry."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

logger = Logger()
wiring.warm(wiring.sweeper)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, float]:  # noqa: ARG001 - Lambda's form
    """Sweep once; return how many events wait, for how long at most, and how many were put back.

    A failure is raised, so that the schedule tries again.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    swept = wiring.sweeper().sweep(now=wiring.now())
    told = {
        "waiting": swept.waiting,
        "longestSeconds": swept.longest.total_seconds(),
        "redriven": len(swept.redriven),
    }
    logger.info("swept", extra=told)
    return told
