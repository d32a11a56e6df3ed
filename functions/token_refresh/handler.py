"""On the schedule: refreshes the tokens that fall due, before anybody has to wait for it."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.usecases.tokens import Refreshed

_METRICS = {
    Refreshed.REFRESHED: "TokensRefreshed",
    Refreshed.RECONNECT_REQUIRED: "ReconnectsRequired",
    Refreshed.MISCONFIGURED: "TokenRefreshMisconfigured",
    Refreshed.LATER: "TokenRefreshesPutOff",
}

logger = Logger()
metrics = Metrics()


@metrics.log_metrics
def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, int]:  # noqa: ARG001 - Lambda's form
    """Refresh every connection due within 15 minutes and return how they fared, counted.

    TokenRefreshMisconfigured is the one to be woken for: the provider refuses our own client, and
    nobody's calendar is to blame.
    """
    counts = wiring.tokens().refresh_due()
    for outcome, metric in _METRICS.items():
        metrics.add_metric(name=metric, unit=MetricUnit.Count, value=counts.get(outcome, 0))
    logger.info("refreshed tokens", counts=counts)
    return {outcome.value: count for outcome, count in counts.items()}
