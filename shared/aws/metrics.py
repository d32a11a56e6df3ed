"""CloudWatch metrics in the embedded metric format: one line of JSON on standard output each."""

from typing_extensions import override

from shared.ports import NAMESPACE, SERVICE, Meter, Metric


class EmfMeter(Meter):
    """Metrics with the dimension `stage`, which separates the stages of one AWS account."""

    def __init__(self, stage: str) -> None:
        self._dimensions = {"service": SERVICE, "stage": stage}

    @override
    def count(self, metric: Metric, number: int = 1, **dimensions: str) -> None:
        self._write(metric, "Count", number, dimensions)

    @override
    def seconds(self, metric: Metric, seconds: float, **dimensions: str) -> None:
        self._write(metric, "Seconds", seconds, dimensions)

    def _write(self, metric: Metric, unit: str, value: float, dimensions: dict[str, str]) -> None:
        from aws_lambda_powertools.metrics import (  # noqa: PLC0415 - a dozen modules, rarely used
            MetricUnit,
            single_metric,
        )

        all_dimensions = {**self._dimensions, **dimensions}
        with single_metric(metric.value, MetricUnit(unit), value, namespace=NAMESPACE) as line:
            for name, dimension in all_dimensions.items():
                line.add_dimension(name, dimension)
