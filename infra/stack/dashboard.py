"""The rows of the dashboard: what users feel first, then what it comes from."""

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.stack.alarms import Watched
from infra.stack.numbers import Numbers
from shared.ports import Metric

_WIDTH = 8


def rows(watched: Watched, numbers: Numbers) -> list[list[cloudwatch.IWidget]]:
    """Return the rows, three graphs each."""
    return [
        _api(watched),
        _sessions(numbers),
        _calendars(numbers),
        _work(watched, numbers),
        _limits(watched),
    ]


def _graph(title: str, *metrics: cloudwatch.IMetric) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, width=_WIDTH, left=list(metrics))


def _api(watched: Watched) -> list[cloudwatch.IWidget]:
    http = watched.api.http
    return [
        _graph("Requests", http.metric_count(statistic="Sum")),
        _graph(
            "Refused and failed",
            http.metric_client_error(statistic="Sum"),
            http.metric_server_error(statistic="Sum"),
        ),
        _graph(
            "Latency (ms)",
            *(http.metric_latency(statistic=each) for each in ("p50", "p90", "p99")),
        ),
    ]


def _sessions(numbers: Numbers) -> list[cloudwatch.IWidget]:
    return [
        _graph("Sessions booked, by status", numbers.by(Metric.SESSIONS_BOOKED, "status")),
        _graph("Slots offered", numbers.metric(Metric.SLOTS_OFFERED)),
        _graph("Invites, by fate", numbers.by(Metric.INVITES, "fate")),
    ]


def _calendars(numbers: Numbers) -> list[cloudwatch.IWidget]:
    return [
        _graph("Copies, by outcome", numbers.by(Metric.COPIES_WRITTEN, "provider", "outcome")),
        _graph("Calendars read", numbers.by(Metric.CALENDAR_READS, "provider", "state")),
        _graph(
            "Tokens",
            numbers.by(Metric.TOKEN_REFRESHES, "outcome"),
            numbers.by(Metric.RECONNECTS_REQUIRED, "provider"),
            numbers.by(Metric.PROVIDER_MISCONFIGURED, "provider"),
        ),
    ]


def _work(watched: Watched, numbers: Numbers) -> list[cloudwatch.IWidget]:
    queues, relay = watched.queues, watched.functions["relay"].function
    return [
        _graph(
            "Waiting for calendars and mail",
            numbers.metric(Metric.OLDEST_UNSYNCED, "Maximum"),
            numbers.metric(Metric.UNSYNCED_EVENTS, "Maximum"),
        ),
        _graph(
            "Queues",
            queues.sync.metric_approximate_number_of_messages_visible(),
            *(
                each.metric_approximate_number_of_messages_visible(statistic="Maximum", label=name)
                for name, each in queues.dead.items()
            ),
        ),
        _graph("Stream behind (ms)", relay.metric("IteratorAge", statistic="Maximum")),
    ]


def _limits(watched: Watched) -> list[cloudwatch.IWidget]:
    functions = {name: each.function for name, each in watched.functions.items()}
    return [
        _graph(
            "Failed runs", *(each.metric_errors(label=name) for name, each in functions.items())
        ),
        _graph("Throttles", *(each.metric_throttles(label=n) for n, each in functions.items())),
        _graph(
            "Reputation of the sender",
            *(
                cloudwatch.Metric(
                    namespace="AWS/SES", metric_name=f"Reputation.{kind}Rate", statistic="Maximum"
                )
                for kind in ("Bounce", "Complaint")
            ),
        ),
    ]
