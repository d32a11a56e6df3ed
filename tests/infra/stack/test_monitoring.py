"""The alarms, their sections in the runbook, and the dashboard."""

import ast
import json
import re
from collections import defaultdict
from typing import Any

import pytest

from infra.local.processes import ROOT
from infra.stack.monitoring import anchor
from shared.ports import NAMESPACE, SERVICE, Metric
from tests.support.synthesis import Synthesis
from tests.support.template import Template

pytestmark = pytest.mark.long

ALARM = "AWS::CloudWatch::Alarm"
NAMES = {
    "api-errors",
    "api-slow",
    "sync-age",
    "events-parked",
    "dead-letters-sync",
    "dead-letters-stream",
    "dead-letters-publish",
    "dead-letters-webhooks",
    "dead-letters-notifications",
    "dead-letters-schedules",
    "dead-letters-replies",
    "errors-calendar-sync",
    "errors-relay",
    "errors-publish",
    "errors-webhooks-delivery",
    "errors-token-refresh",
    "errors-sweeper",
    "errors-ses-notifications",
    "errors-rsvp",
    "stream-behind",
    "publish-behind",
    "token-refresh-not-running",
    "unforeseen-read",
    "unforeseen-copy",
    "unforeseen-refresh",
    "unforeseen-connect",
    "webhook-disabled",
    "google-client-rejected",
    "outlook-client-rejected",
    "google-reconnects",
    "outlook-reconnects",
    "apple-reconnects",
    "mail-not-permitted",
    "mail-refused",
    "bounce-rate",
    "complaint-rate",
    "lambda-throttles",
    "table-throttles",
}
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


@pytest.fixture(scope="session")
def alarms(production: Template) -> dict[str, dict[str, Any]]:
    """The alarms of production by name without the common prefix."""
    properties = [each["Properties"] for each in production.all(ALARM).values()]
    return {
        each["AlarmName"].removeprefix("calendar-service-production-"): each for each in properties
    }


@pytest.fixture(scope="session")
def runbook() -> dict[str, str]:
    """The sections of the runbook by heading."""
    parts = SECTION.split((ROOT / "docs" / "runbook.md").read_text())
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every metric of an alarm."""
    if "Metrics" not in alarm:
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


def dimensions(metric: dict[str, Any]) -> dict[str, Any]:
    """Return the dimensions of a metric by name."""
    return {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}


def recorded() -> dict[str, set[frozenset[str]]]:
    """Return the metrics that use-cases record, each with the dimension names of its calls."""
    metrics: dict[str, set[frozenset[str]]] = defaultdict(set)
    for path in sorted((ROOT / "shared" / "usecases").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="count" | "seconds"),
                    args=[ast.Attribute(value=ast.Name(id="Metric"), attr=name), *_],
                    keywords=keywords,
                ):
                    names = frozenset(each.arg or "" for each in keywords)
                    metrics[Metric[name].value].add(names)
    return metrics


def test_these_are_the_alarms(alarms: dict[str, dict[str, Any]]) -> None:
    assert alarms.keys() == NAMES


def test_every_alarm_notifies_the_topic_which_sends_mail(
    production: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    topic, _ = production.one("AWS::SNS::Topic", "MonitoringAlarms")
    _, subscription = production.one("AWS::SNS::Subscription", "MonitoringAlarms")

    assert ("email", "on-call@example.com", {"Ref": topic}) == (
        subscription["Protocol"],
        subscription["Endpoint"],
        subscription["TopicArn"],
    )
    for alarm in alarms.values():
        assert [{"Ref": topic}] == alarm["AlarmActions"] == alarm["OKActions"]
        assert alarm.get("ActionsEnabled", True)


def test_every_alarm_links_to_a_section_of_the_runbook_and_every_section_has_an_alarm(
    alarms: dict[str, dict[str, Any]], runbook: dict[str, str]
) -> None:
    linked = {
        each["AlarmDescription"].rpartition("docs/runbook.md#")[2] for each in alarms.values()
    }

    assert linked == {anchor(each) for each in runbook}


def test_every_section_has_its_three_parts(
    runbook: dict[str, str],
) -> None:
    parts = ("**Means.**", "**Look at.**", "**Do.**")
    incomplete = [name for name, text in runbook.items() if not all(each in text for each in parts)]

    assert incomplete == []


def test_every_stack_output_in_the_runbook_exists(
    production: Template, runbook: dict[str, str]
) -> None:
    text = "\n".join(runbook.values())
    functions = set(re.findall(r"\blogs (\w+Function)\b", text))
    outputs = functions | set(re.findall(r"\$\(output (\w+)\)", text))

    assert outputs
    assert outputs <= production.content["Outputs"].keys()


def test_every_service_metric_of_an_alarm_is_recorded_with_those_dimensions(
    alarms: dict[str, dict[str, Any]],
) -> None:
    code, watched = recorded(), []
    for alarm in alarms.values():
        for metric in metrics_of(alarm):
            if metric["Namespace"] == NAMESPACE:
                given = dimensions(metric)
                assert (SERVICE, "production") == (given.pop("service"), given.pop("stage"))
                assert frozenset(given) in code[metric["MetricName"]]
                watched.append(metric["MetricName"])

    assert set(watched) == {
        "Invites",
        "OldestUnsyncedSeconds",
        "ParkedEvents",
        "ProviderMisconfigured",
        "ReconnectsRequired",
        "UnforeseenErrors",
        "WebhooksDisabled",
    }


def test_every_metric_is_recorded_and_always_with_the_same_dimensions() -> None:
    metrics = recorded()

    assert {each.value for each in Metric} == metrics.keys()
    assert [name for name, kinds in metrics.items() if len(kinds) > 1] == []


def test_mail_alarms_fire_before_ses_reviews_the_account(
    alarms: dict[str, dict[str, Any]],
) -> None:
    rates = {name: alarms[name]["Threshold"] for name in ("bounce-rate", "complaint-rate")}

    assert {"bounce-rate": 0.04, "complaint-rate": 0.0008} == rates


def test_two_alarms_fire_on_missing_values(alarms: dict[str, dict[str, Any]]) -> None:
    firing = {name for name, each in alarms.items() if each["TreatMissingData"] == "breaching"}

    assert {"sync-age", "token-refresh-not-running"} == firing


def test_a_stage_without_metric_math_has_all_alarms_but_those_on_a_formula(
    synthesis: Synthesis,
) -> None:
    local = [each["Properties"] for each in synthesis.template("local").all(ALARM).values()]

    names = {each["AlarmName"].removeprefix("calendar-service-local-") for each in local}
    without_replies = {"dead-letters-replies", "errors-rsvp"}
    assert names == NAMES - {"api-errors", "table-throttles"} - without_replies
    assert [each["AlarmName"] for each in local if "Metrics" in each] == []


def test_the_dashboard_shows_every_metric_of_the_service(production: Template) -> None:
    _, dashboard = production.one("AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard)

    assert [each.value for each in Metric if each.value not in body] == []
