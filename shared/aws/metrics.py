"""CloudWatch metrics in the embedded metric format: one line of JSON on standard output each."""

from shared.ports import NAMESPACE, SERVICE, Metric


class EmfMeter:
    """Fills `Meter`; `stage` keeps the stages of one AWS account apart."""

    def __init__(self, stage: str) -> None:
        self._dimensions = {"service": SERVICE, "stage": stage}

    def count(self, metric: Metric, number: int = 1, **dimensions: str) -> None:
        """Add so many."""
        self._tell(metric, "Count", number, dimensions)

    def seconds(self, metric: Metric, seconds: float, **dimensions: str) -> None:
        """Tell how long something takes, or has waited."""
        self._tell(metric, "Seconds", seconds, dimensions)

    def _tell(self, metric: Metric, unit: str, value: float, dimensions: dict[str, str]) -> None:
        from aws_lambda_powertools.metrics import (  # noqa: PLC0415 - a dozen modules; most never tell
            MetricUnit,
            single_metric,
        )

        named = {**self._dimensions, **dimensions}
        with single_metric(metric.value, MetricUnit(unit), value, namespace=NAMESPACE) as told:
            for name, each in named.items():
                told.add_dimension(name, each)
