"""Scheduled: refreshes access tokens before they expire, so that no request waits for it."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

logger = Logger()
wiring.warm(wiring.scheduled_tokens)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's form
    """Refresh every connection due within 15 minutes and return the outcomes, counted."""
    logger.append_keys(function_request_id=context.aws_request_id)
    counts = wiring.scheduled_tokens().refresh_due()
    logger.info("tokens refreshed", counts=counts)
    return {outcome.value: count for outcome, count in counts.items()}
