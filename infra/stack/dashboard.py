"""The rows of the dashboard: first what users notice, then the causes."""

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.stack.alarms import MonitoredResources
from infra.stack.service_metrics import ServiceMetrics
from shared.ports import Metric

_WIDTH = 8


def rows(resources: MonitoredResources, metrics: ServiceMetrics) -> list[list[cloudwatch.IWidget]]:
    """Return the rows, three graphs each."""
    return [
        _api(resources),
        _sessions(metrics),
        _calendars(metrics),
        _work(resources, metrics),
        _limits(resources),
    ]


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, width=_WIDTH, left=list(metrics))


def _api(resources: MonitoredResources) -> list[cloudwatch.IWidget]:
    http = resources.api.http
    return [
        _graph("Requests", http.metric_count(statistic="Sum")),
        _graph(
            "4xx and 5xx responses",
            http.metric_client_error(statistic="Sum"),
            http.metric_server_error(statistic="Sum"),
        ),
        _graph(
            "Latency (ms)",
            *(http.metric_latency(statistic=each) for each in ("p50", "p90", "p99")),
        ),
    ]


def _sessions(metrics: ServiceMetrics) -> list[cloudwatch.IWidget]:
    return [
        _graph("Sessions booked by status", metrics.by(Metric.SESSIONS_BOOKED, "status")),
        _graph("Slots offered", metrics.metric(Metric.SLOTS_OFFERED)),
        _graph("Invites by delivery status", metrics.by(Metric.INVITES, "fate")),
        _graph("Replies by outcome", metrics.by(Metric.REPLIES, "outcome")),
    ]


def _calendars(metrics: ServiceMetrics) -> list[cloudwatch.IWidget]:
    return [
        _graph("Copies by outcome", metrics.by(Metric.COPIES_WRITTEN, "provider", "outcome")),
        _graph("Calendars read", metrics.by(Metric.CALENDAR_READS, "provider", "state")),
        _graph(
            "Tokens",
            metrics.by(Metric.TOKEN_REFRESHES, "outcome"),
            metrics.by(Metric.RECONNECTS_REQUIRED, "provider"),
            metrics.by(Metric.PROVIDER_MISCONFIGURED, "provider"),
            metrics.by(Metric.CONNECTIONS_SUSPENDED, "provider"),
        ),
        _graph(
            "Deliveries to webhooks",
            metrics.by(Metric.WEBHOOK_DELIVERIES, "outcome"),
            metrics.metric(Metric.WEBHOOKS_DISABLED),
        ),
        _graph("Unforeseen errors by work", metrics.by(Metric.UNFORESEEN_ERRORS, "work")),
    ]


def _work(resources: MonitoredResources, metrics: ServiceMetrics) -> list[cloudwatch.IWidget]:
    queues = resources.queues
    relay, publish = (resources.functions[each].function for each in ("relay", "publish"))
    return [
        _graph(
            "Events waiting for calendars and mail",
            metrics.metric(Metric.OLDEST_UNSYNCED, "Maximum"),
            metrics.metric(Metric.UNSYNCED_EVENTS, "Maximum"),
            metrics.metric(Metric.PARKED_EVENTS, "Sum"),
        ),
        _graph(
            "Queues",
            queues.sync.metric_approximate_number_of_messages_visible(),
            *(
                each.metric_approximate_number_of_messages_visible(statistic="Maximum", label=name)
                for name, each in queues.dead.items()
            ),
        ),
        _graph(
            "Streams behind (ms)",
            relay.metric("IteratorAge", statistic="Maximum", label="relay"),
            publish.metric("IteratorAge", statistic="Maximum", label="publish"),
        ),
        _graph("Domain events by type", metrics.by(Metric.EVENTS_PUBLISHED, "type")),
    ]


def _limits(resources: MonitoredResources) -> list[cloudwatch.IWidget]:
    functions = {name: each.function for name, each in resources.functions.items()}
    return [
        _graph(
            "Failed invocations",
            *(each.metric_errors(label=name) for name, each in functions.items()),
        ),
        _graph("Throttles", *(each.metric_throttles(label=n) for n, each in functions.items())),
        _graph(
            "Sender reputation",
            *(
                cloudwatch.Metric(
                    namespace="AWS/SES", metric_name=f"Reputation.{kind}Rate", statistic="Maximum"
                )
                for kind in ("Bounce", "Complaint")
            ),
        ),
    ]
