import json
from typing import Any

import pytest

from functions.calendar_sync.relay import changed_events
from tests.support.template import Template, attribute

pytestmark = pytest.mark.long


def record(kind: str, name: str = "MODIFY", **image: Any) -> dict[str, Any]:
    keys = {"pk": {"S": "event-1"}, "sk": {"S": kind}}
    return {
        "eventID": "1",
        "eventName": name,
        "dynamodb": {"Keys": keys, "NewImage": {**keys, "version": {"N": "1"}, **image}},
    }


RECORDS = [
    record("event", "INSERT", version={"N": "1"}),
    record("event"),
    record("event", "REMOVE"),
    record("externals", row_version={"N": "1"}),
    record("copy#c-1"),
    record("invite#i-1", resend={"BOOL": True}),
    record("invite#i-1", resend={"BOOL": False}),
    record("invite#i-1"),
]


@pytest.mark.parametrize("each", RECORDS, ids=lambda each: json.dumps(each)[:120])
def test_the_stream_filter_passes_exactly_the_records_the_relay_forwards(
    each: dict[str, Any], production: Template
) -> None:
    _, mapping = production.one("AWS::Lambda::EventSourceMapping", "SourcesStream")
    filters = [json.loads(one["Pattern"]) for one in mapping["FilterCriteria"]["Filters"]]

    assert bool(changed_events({"Records": [each]})) is any(_matches(one, each) for one in filters)


def publishing(production: Template, table: str) -> tuple[dict[str, Any], Any]:
    """Return the mapping that publishes a table's stream, and its filter."""
    _, mapping = production.one("AWS::Lambda::EventSourceMapping", f"Sources{table}Publishing")
    (one,) = mapping["FilterCriteria"]["Filters"]
    return mapping, json.loads(one["Pattern"])


@pytest.mark.parametrize("table", ["Events", "Connections"])
def test_a_record_that_cannot_be_published_is_retried_for_half_the_time_the_stream_has_it(
    table: str, production: Template
) -> None:
    mapping, _ = publishing(production, table)
    dead, _ = production.one("AWS::SQS::Queue", "QueuesPublishDead")
    source, _ = production.one("AWS::DynamoDB::Table", f"Tables{table}")

    assert attribute(source, "StreamArn") == mapping["EventSourceArn"]
    assert {"Ref": production.function("publish")[0]} == mapping["FunctionName"]
    assert ("TRIM_HORIZON", 12 * 3600) == (
        mapping["StartingPosition"],
        mapping["MaximumRecordAgeInSeconds"],
    )
    assert mapping["BisectBatchOnFunctionError"] is True
    assert "MaximumRetryAttempts" not in mapping, "its age decides"
    assert {"OnFailure": {"Destination": attribute(dead)}} == mapping["DestinationConfig"]


@pytest.mark.parametrize(
    ("table", "sk", "number"),
    [
        ("Events", "event", 1),
        ("Events", "copy#c-1", 1),
        ("Events", "invite#i-1", 1),
        ("Events", "externals", 0),
        ("Events", "0000000000000001", 0),
        ("Events", "head", 0),
        ("Events", "listed", 0),
        ("Connections", "person#connection#c-1", 1),
        ("Connections", "person#availability#Coach", 1),
        ("Connections", "person#holiday#h-1", 1),
        ("Connections", "person#profile", 0),
        ("Connections", "agenda#2026-11-23", 0),
        ("Connections", "webhook#w-1", 1),
        ("Connections", "delivery#2026#evt_1", 0),
    ],
)
@pytest.mark.parametrize("name", ["INSERT", "MODIFY", "REMOVE"])
def test_the_publication_gets_the_items_that_may_give_domain_events(
    table: str, sk: str, number: int, name: str, production: Template
) -> None:
    _, pattern = publishing(production, table)

    assert sum(_matches(pattern, each) for each in [record(sk, name)]) == number


def test_a_record_that_keeps_failing_is_dropped_into_a_dead_letter_queue(
    production: Template,
) -> None:
    _, mapping = production.one("AWS::Lambda::EventSourceMapping", "SourcesStream")
    dead, _ = production.one("AWS::SQS::Queue", "QueuesStreamDead")
    table, _ = production.one("AWS::DynamoDB::Table", "TablesEvents")

    assert attribute(table, "StreamArn") == mapping["EventSourceArn"]
    assert {"Ref": production.function("relay")[0]} == mapping["FunctionName"]
    assert "TRIM_HORIZON" == mapping["StartingPosition"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert {"OnFailure": {"Destination": attribute(dead)}} == mapping["DestinationConfig"]
    assert (50, 3600) == (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"])


def test_each_message_is_an_invocation_of_its_own_and_is_retried_if_it_fails(
    production: Template,
) -> None:
    _, mapping = production.one("AWS::Lambda::EventSourceMapping", "SourcesQueue")

    assert mapping["BatchSize"] == 1
    assert {"Ref": production.function("calendar_sync")[0]} == mapping["FunctionName"]
    assert ["ReportBatchItemFailures"] == mapping["FunctionResponseTypes"]
    assert {"MaximumConcurrency": 20} == mapping["ScalingConfig"]


@pytest.mark.parametrize("name", ["token_refresh", "sweeper"])
def test_a_schedule_runs_every_five_minutes_and_failed_runs_are_dead_letters(
    name: str, production: Template
) -> None:
    _, schedule = production.one("AWS::Scheduler::Schedule", f"Sources{name.replace('_', '')}")
    dead, _ = production.one("AWS::SQS::Queue", "QueuesSchedulesDead")
    function, made = production.function(name)

    target = schedule["Target"]
    assert ("rate(5 minutes)", attribute(function)) == (
        schedule["ScheduleExpression"],
        target["Arn"],
    )
    assert "Input" not in target, (
        "the function expects the Scheduler's default payload, as in events/"
    )
    assert {"Arn": attribute(dead)} == target["DeadLetterConfig"]
    assert {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 2} == target["RetryPolicy"]
    assert {"TargetArn": attribute(dead)} == made["DeadLetterConfig"]


def test_every_dead_letter_queue_is_used(production: Template) -> None:
    dead = [name for name in production.all("AWS::SQS::Queue") if "Dead" in name]
    used = json.dumps(
        [
            each["Properties"].get(key)
            for each in production.content["Resources"].values()
            for key in ("RedrivePolicy", "DeadLetterConfig", "DestinationConfig", "Target")
        ]
    )

    assert 7 == len(dead)
    assert [] == [name for name in dead if name not in used]


def _matches(pattern: Any, value: Any) -> bool:
    """Return whether a value matches a Lambda event filter, for the patterns used here."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            key in value and _matches(each, value[key]) for key, each in pattern.items()
        )
    return any(
        str(value).startswith(each["prefix"]) if isinstance(each, dict) else value == each
        for each in pattern
    )
