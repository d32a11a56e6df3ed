"""Publishes domain events from the streams of both tables."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

logger = Logger()
wiring.warm(wiring.publisher)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:
    """Publish the domain events of a DynamoDB stream payload; return their number.

    A failure raises, so that the stream delivers the batch again; repeats have the same ids.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    published = wiring.publisher().publish(payload["Records"], now=wiring.now())
    if published:
        logger.info("domain events published", number=published)
    return {"published": published}
