"""The service's own metrics as CloudWatch metrics, for alarms and the dashboard."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from shared.ports import NAMESPACE, SERVICE, Metric

_FIVE_MINUTES = Duration.minutes(5)


class ServiceMetrics:
    """The metrics that the functions of one stage write, see shared/ports/metrics.py."""

    def __init__(self, stage: str) -> None:
        self._dimensions = {"service": SERVICE, "stage": stage}

    def metric(
        self,
        metric: Metric,
        statistic: str = "Sum",
        period: Duration = _FIVE_MINUTES,
        **dimensions: str,
    ) -> cloudwatch.Metric:
        """Return one metric, with all its dimensions."""
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=metric.value,
            dimensions_map={**self._dimensions, **dimensions},
            statistic=statistic,
            period=period,
        )

    def by(self, metric: Metric, *dimensions: str) -> cloudwatch.MathExpression:
        """Return a line of sums per value of these dimensions. Works in dashboards only."""
        schema = ",".join((NAMESPACE, *sorted((*dimensions, *self._dimensions))))
        terms = f'MetricName="{metric.value}" stage="{self._dimensions["stage"]}"'
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{{{schema}}} {terms}', 'Sum', 300)",
            using_metrics={},
            label="",
            period=_FIVE_MINUTES,
        )


def sum_of(
    metrics: Sequence[cloudwatch.IMetric], *, label: str, period: Duration = _FIVE_MINUTES
) -> cloudwatch.MathExpression:
    """Return the sum of metrics; a metric without a value counts as 0."""
    names = [f"m{number}" for number in range(len(metrics))]
    return cloudwatch.MathExpression(
        expression=" + ".join(f"FILL({name}, 0)" for name in names),
        using_metrics=dict(zip(names, metrics, strict=True)),
        label=label,
        period=period,
    )
