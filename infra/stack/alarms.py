"""The alarms as data: each with its threshold and the reason for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.functions import WORKER_FUNCTIONS
from infra.stack.api import ApiGateway
from infra.stack.function import ServiceFunction
from infra.stack.queues import Queues
from infra.stack.service_metrics import ServiceMetrics, sum_of
from infra.stack.tables import DynamoDbTables
from shared.domain.connection import KNOWN_PROVIDERS, OAUTH_PROVIDERS
from shared.ports import Metric
from shared.usecases.accounts.faults import ConnectionWork

_FIVE_MINUTES = Duration.minutes(5)
_QUARTER = Duration.minutes(15)
_HOUR = Duration.hours(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoredResources:
    """The parts of the stack that alarms and the dashboard watch."""

    api: ApiGateway
    functions: Mapping[str, ServiceFunction]
    queues: Queues
    tables: DynamoDbTables


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmSpec:
    """One alarm.

    section: its heading in docs/runbook.md.
    reason: why this threshold.
    It fires when `needed` of the last `periods` values are above the threshold, or below it if
    `below`.
    missing_fires: missing values count as bad values.
    is_formula: the alarm is computed from more than one metric.
    """

    name: str
    section: str
    metric: cloudwatch.IMetric
    threshold: float
    reason: str
    periods: int = 1
    needed: int = 1
    below: bool = False
    missing_fires: bool = False
    is_formula: bool = False


def alarm_specs(resources: MonitoredResources, metrics: ServiceMetrics) -> tuple[AlarmSpec, ...]:
    """Return every alarm of a stack."""
    return (
        *_api(resources.api),
        _sync_age(metrics),
        _parked(metrics),
        *_dead_letters(resources.queues),
        *_workers(resources.functions),
        *_unforeseen(metrics),
        _webhooks(metrics),
        *_tokens(metrics),
        *_mail(metrics),
        *_throttles(resources.tables),
    )


def _api(api: ApiGateway) -> Iterator[AlarmSpec]:
    errors = cloudwatch.MathExpression(
        # With fewer than twenty requests, a single failure would be over five percent.
        expression="IF(requests >= 20, 100 * errors / requests, 0)",
        using_metrics={
            "requests": api.http.metric_count(statistic="Sum"),
            "errors": api.http.metric_server_error(statistic="Sum"),
        },
        period=_FIVE_MINUTES,
        label="5xx %",
    )
    yield AlarmSpec(
        name="api-errors",
        section="API errors",
        metric=errors,
        threshold=1,
        periods=3,
        needed=2,
        reason="more than 1 % of responses are 5xx for ten minutes; failures of a provider are "
        "reported as 4xx or in the response body, so a 5xx is a failure of this service",
        is_formula=True,
    )
    yield AlarmSpec(
        name="api-slow",
        section="API latency",
        metric=api.http.metric_latency(statistic="p99", period=_FIVE_MINUTES),
        threshold=5000,
        periods=3,
        needed=3,
        reason="reading calendars takes up to 3 s and a cold start 2 s more; neither explains "
        "more than 5 s for fifteen minutes",
    )


def _sync_age(metrics: ServiceMetrics) -> AlarmSpec:
    return AlarmSpec(
        name="sync-age",
        section="Sync age",
        metric=metrics.metric(Metric.OLDEST_UNSYNCED, "Maximum", _FIVE_MINUTES),
        threshold=900,
        periods=3,
        needed=2,
        reason="a change reaches calendars within seconds, and retries come at most 5 minutes "
        "apart; after 15 minutes the sweeper has re-queued it and it is still waiting. No value "
        "at all means that the sweeper does not run",
        missing_fires=True,
    )


def _parked(metrics: ServiceMetrics) -> AlarmSpec:
    return AlarmSpec(
        name="events-parked",
        section="Parked events",
        metric=metrics.metric(Metric.PARKED_EVENTS, "Sum", _QUARTER),
        threshold=0,
        reason="the sweeper has re-queued an event for about three days and stops doing so, so "
        "nothing retries it any more",
    )


def _dead_letters(queues: Queues) -> Iterator[AlarmSpec]:
    for name, queue in queues.dead.items():
        yield AlarmSpec(
            name=f"dead-letters-{name}",
            section=f"Dead letters: {name}",
            metric=queue.metric_approximate_number_of_messages_visible(
                statistic="Maximum", period=_FIVE_MINUTES
            ),
            threshold=0,
            reason="one message is enough, because dead letters are not retried automatically",
        )


def _workers(functions: Mapping[str, ServiceFunction]) -> Iterator[AlarmSpec]:
    for name in (each for each in WORKER_FUNCTIONS if each in functions):
        yield AlarmSpec(
            name=f"errors-{name.replace('_', '-')}",
            section="Worker errors",
            metric=functions[name].function.metric_errors(statistic="Sum", period=_QUARTER),
            threshold=2,
            reason="workers handle the failure of a single message, so a failed invocation is a "
            "bug, a time-out or a missing permission; three in 15 minutes are no coincidence",
        )
    yield AlarmSpec(
        name="stream-behind",
        section="Stream behind",
        metric=functions["relay"].function.metric(
            "IteratorAge", statistic="Maximum", period=_FIVE_MINUTES
        ),
        threshold=300_000,
        periods=2,
        needed=2,
        reason="the relay is normally milliseconds behind the table, and Lambda discards a record "
        "after an hour",
    )
    yield AlarmSpec(
        name="publish-behind",
        section="Publication behind",
        metric=functions["publish"].function.metric(
            "IteratorAge", statistic="Maximum", period=_FIVE_MINUTES
        ),
        threshold=300_000,
        periods=2,
        needed=2,
        reason="domain events are normally published within a second; after 12 hours a record "
        "that cannot be published becomes a dead letter, and after 24 it is lost",
    )
    yield AlarmSpec(
        name="token-refresh-not-running",
        section="Token refresh not running",
        metric=functions["token_refresh"].function.metric_invocations(
            statistic="Sum", period=_QUARTER
        ),
        threshold=1,
        below=True,
        missing_fires=True,
        reason="it runs every five minutes; without it, tokens are refreshed only when a request "
        "needs them, which makes that request slower",
    )


def _unforeseen(metrics: ServiceMetrics) -> Iterator[AlarmSpec]:
    for work in ConnectionWork:
        yield AlarmSpec(
            name=f"unforeseen-{work}",
            section="Unforeseen errors",
            metric=metrics.metric(Metric.UNFORESEEN_ERRORS, "Sum", _QUARTER, work=work),
            threshold=0,
            reason="each one is a bug: a response of a calendar that this service cannot process. "
            "Only that connection is affected, so no other alarm fires",
        )


def _webhooks(metrics: ServiceMetrics) -> AlarmSpec:
    return AlarmSpec(
        name="webhook-disabled",
        section="Webhook disabled",
        metric=metrics.metric(Metric.WEBHOOKS_DISABLED, "Sum", _QUARTER),
        threshold=0,
        reason="no delivery to a webhook has succeeded for 24 hours, so it gets no more domain "
        "events until an Admin enables it",
    )


def _tokens(metrics: ServiceMetrics) -> Iterator[AlarmSpec]:
    for provider in OAUTH_PROVIDERS:
        yield AlarmSpec(
            name=f"{provider}-client-rejected",
            section="OAuth client rejected",
            metric=metrics.metric(
                Metric.PROVIDER_MISCONFIGURED, "Sum", _FIVE_MINUTES, provider=provider
            ),
            threshold=0,
            reason="a wrong or expired client secret affects every user of the provider at once, "
            "and only the operator can replace it",
        )
    for provider in KNOWN_PROVIDERS:
        yield AlarmSpec(
            name=f"{provider}-reconnects",
            section="Many reconnects",
            metric=metrics.metric(Metric.RECONNECTS_REQUIRED, "Sum", _HOUR, provider=provider),
            threshold=20,
            reason="password changes and withdrawn grants are a few per day; twenty in an hour "
            "have a common cause",
        )


def _mail(metrics: ServiceMetrics) -> Iterator[AlarmSpec]:
    yield AlarmSpec(
        name="mail-not-permitted",
        section="Mail not permitted",
        metric=metrics.metric(Metric.INVITES, "Sum", _QUARTER, fate="not_permitted"),
        threshold=0,
        reason="SES does not let the stack send: an identity is not verified, or the account is "
        "paused or suspended. Mails wait, and no recipient is at fault",
    )
    yield AlarmSpec(
        name="mail-refused",
        section="Mail refused",
        metric=metrics.metric(Metric.INVITES, "Sum", _HOUR, fate="refused"),
        threshold=10,
        reason="a mail that SES will never accept is rare; more than ten in an hour means that the "
        "account is still in the sandbox or that mails are written wrongly",
    )
    reputations = (
        ("bounce-rate", "Bounce rate", "Reputation.BounceRate", 0.04, "5 % bounces"),
        (
            "complaint-rate",
            "Complaint rate",
            "Reputation.ComplaintRate",
            0.0008,
            "0.1 % complaints",
        ),
    )
    for name, section, metric, threshold, limit in reputations:
        yield AlarmSpec(
            name=name,
            section=section,
            metric=cloudwatch.Metric(
                namespace="AWS/SES", metric_name=metric, statistic="Maximum", period=_HOUR
            ),
            threshold=threshold,
            reason=f"SES reviews an account at {limit} and may stop its mail; 80 % of that limit "
            "leaves time to act",
        )


def _throttles(tables: DynamoDbTables) -> Iterator[AlarmSpec]:
    yield AlarmSpec(
        name="lambda-throttles",
        section="Lambda throttles",
        metric=cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=_FIVE_MINUTES
        ),
        threshold=10,
        periods=2,
        needed=2,
        reason="counts all functions of the account and region, because they share its "
        "concurrency; a burst ends within minutes, and queues retry",
    )
    throttled = [
        cloudwatch.Metric(
            namespace="AWS/DynamoDB",
            metric_name=kind,
            dimensions_map={"TableName": table.table_name},
            statistic="Sum",
        )
        for table in (tables.events, tables.connections)
        for kind in ("ReadThrottleEvents", "WriteThrottleEvents")
    ]
    yield AlarmSpec(
        name="table-throttles",
        section="Table throttles",
        metric=sum_of(throttled, label="throttled", period=_FIVE_MINUTES),
        threshold=20,
        periods=2,
        needed=2,
        reason="an on-demand table throttles for minutes while it scales up, which client retries "
        "cover; longer means a hot partition or an account limit",
        is_formula=True,
    )
