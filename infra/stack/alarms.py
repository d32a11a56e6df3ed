"""What pages somebody: each alarm as data, with its threshold and the reason for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.functions import WORKERS
from infra.stack.api import Api
from infra.stack.function import ServiceFunction
from infra.stack.numbers import Numbers, sum_of
from infra.stack.queues import Queues
from infra.stack.tables import Tables
from shared.domain.connection import Provider
from shared.ports import Metric

_FIVE_MINUTES = Duration.minutes(5)
_QUARTER = Duration.minutes(15)
_HOUR = Duration.hours(1)
_WATCHED_WORKERS = (*WORKERS, "ses_notifications")
_OAUTH = (Provider.GOOGLE, Provider.OUTLOOK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The parts of the stack that alarms and dashboard look at."""

    api: Api
    functions: Mapping[str, ServiceFunction]
    queues: Queues
    tables: Tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One alarm. `section` is its heading in docs/runbook.md, `reason` says why this threshold.

    It rings once `needed` of the last `periods` values are above the threshold, or below it when
    `below`. `silence_rings`: values that are missing are bad ones. `is_formula`: more than one
    metric goes into it.
    """

    name: str
    section: str
    metric: cloudwatch.IMetric
    threshold: float
    reason: str
    periods: int = 1
    needed: int = 1
    below: bool = False
    silence_rings: bool = False
    is_formula: bool = False


def pages(watched: Watched, numbers: Numbers) -> tuple[Page, ...]:
    """Return every alarm of a stack."""
    return (
        *_api(watched.api),
        _sync_age(numbers),
        *_dead_letters(watched.queues),
        *_workers(watched.functions),
        *_tokens(numbers),
        *_mail(),
        *_throttles(watched.tables),
    )


def _api(api: Api) -> Iterator[Page]:
    errors = cloudwatch.MathExpression(
        # Below twenty requests one failure would be five percent of them.
        expression="IF(requests >= 20, 100 * errors / requests, 0)",
        using_metrics={
            "requests": api.http.metric_count(statistic="Sum"),
            "errors": api.http.metric_server_error(statistic="Sum"),
        },
        period=_FIVE_MINUTES,
        label="5xx %",
    )
    yield Page(
        name="api-errors",
        section="API errors",
        metric=errors,
        threshold=1,
        periods=3,
        needed=2,
        reason="over 1 % of answers are 5xx for ten minutes; every failure of a provider is told "
        "as a 4xx or in the answer, so a 5xx is ours",
        is_formula=True,
    )
    yield Page(
        name="api-slow",
        section="API latency",
        metric=api.http.metric_latency(statistic="p99", period=_FIVE_MINUTES),
        threshold=5000,
        periods=3,
        needed=3,
        reason="calendars are given 3 s, and a cold start 2 s on top; slower than 5 s for fifteen "
        "minutes is neither",
    )


def _sync_age(numbers: Numbers) -> Page:
    return Page(
        name="sync-age",
        section="Sync age",
        metric=numbers.metric(Metric.OLDEST_UNSYNCED, "Maximum", _FIVE_MINUTES),
        threshold=900,
        periods=3,
        needed=2,
        reason="a change reaches calendars within seconds and its last ordinary retry comes every "
        "5 minutes; after 15 it was put back on the queue and still waits. No value at all means "
        "that the sweeper itself does not run",
        silence_rings=True,
    )


def _dead_letters(queues: Queues) -> Iterator[Page]:
    for name, queue in queues.dead.items():
        yield Page(
            name=f"dead-letters-{name}",
            section=f"Dead letters: {name}",
            metric=queue.metric_approximate_number_of_messages_visible(
                statistic="Maximum", period=_FIVE_MINUTES
            ),
            threshold=0,
            reason="one is enough: nothing tries it again by itself",
        )


def _workers(functions: Mapping[str, ServiceFunction]) -> Iterator[Page]:
    for name in _WATCHED_WORKERS:
        yield Page(
            name=f"errors-{name.replace('_', '-')}",
            section="Worker errors",
            metric=functions[name].function.metric_errors(statistic="Sum", period=_QUARTER),
            threshold=2,
            reason="workers keep the failure of one message to themselves, so a run that fails as "
            "a whole is a bug, a time-out or a missing right; the third in 15 minutes is no chance",
        )
    yield Page(
        name="stream-behind",
        section="Stream behind",
        metric=functions["relay"].function.metric(
            "IteratorAge", statistic="Maximum", period=_FIVE_MINUTES
        ),
        threshold=300_000,
        periods=2,
        needed=2,
        reason="the relay is milliseconds behind the table; after an hour a record is given up",
    )
    yield Page(
        name="token-refresh-silent",
        section="Schedules silent",
        metric=functions["token_refresh"].function.metric_invocations(
            statistic="Sum", period=_QUARTER
        ),
        threshold=1,
        below=True,
        silence_rings=True,
        reason="it runs every five minutes; without it tokens are refreshed only while somebody "
        "waits",
    )


def _tokens(numbers: Numbers) -> Iterator[Page]:
    for provider in _OAUTH:
        yield Page(
            name=f"{provider}-refuses-us",
            section="Our own credentials refused",
            metric=numbers.metric(
                Metric.PROVIDER_MISCONFIGURED, "Sum", _FIVE_MINUTES, provider=provider
            ),
            threshold=0,
            reason="a wrong or expired client secret fails every user of the provider at once, and "
            "nobody but us can mend it",
        )
    for provider in Provider:
        yield Page(
            name=f"{provider}-reconnects",
            section="Many reconnects",
            metric=numbers.metric(Metric.RECONNECTS_REQUIRED, "Sum", _HOUR, provider=provider),
            threshold=20,
            reason="people change passwords and withdraw grants a few a day; twenty in an hour is "
            "something that ends the grants of many",
        )


def _mail() -> Iterator[Page]:
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
        yield Page(
            name=name,
            section=section,
            metric=cloudwatch.Metric(
                namespace="AWS/SES", metric_name=metric, statistic="Maximum", period=_HOUR
            ),
            threshold=threshold,
            reason=f"SES reviews an account at {limit} and may stop its mail; four fifths of that "
            "leave time to act",
        )


def _throttles(tables: Tables) -> Iterator[Page]:
    yield Page(
        name="lambda-throttles",
        section="Lambda throttles",
        metric=cloudwatch.Metric(
            namespace="AWS/Lambda", metric_name="Throttles", statistic="Sum", period=_FIVE_MINUTES
        ),
        threshold=10,
        periods=2,
        needed=2,
        reason="of all functions of the account and region, for they share its concurrency; a "
        "burst is over within minutes, and the queue tries again",
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
    yield Page(
        name="table-throttles",
        section="Table throttles",
        metric=sum_of(throttled, label="throttled", period=_FIVE_MINUTES),
        threshold=20,
        periods=2,
        needed=2,
        reason="on-demand tables throttle for minutes while they double, which clients' retries "
        "cover; longer is a hot partition or a limit of the account",
        is_formula=True,
    )
