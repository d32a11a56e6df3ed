"""Who is paged for what: every alarm tells somebody, says why, and has its part of the runbook."""

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

ALARM = "AWS::CloudWatch::Alarm"
NAMES = {
    "api-errors",
    "api-slow",
    "sync-age",
    "dead-letters-sync",
    "dead-letters-stream",
    "dead-letters-notifications",
    "dead-letters-schedules",
    "errors-calendar-sync",
    "errors-relay",
    "errors-token-refresh",
    "errors-sweeper",
    "errors-ses-notifications",
    "stream-behind",
    "token-refresh-silent",
    "google-refuses-us",
    "outlook-refuses-us",
    "google-reconnects",
    "outlook-reconnects",
    "apple-reconnects",
    "bounce-rate",
    "complaint-rate",
    "lambda-throttles",
    "table-throttles",
}
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


@pytest.fixture(scope="session")
def alarms(production: Template) -> dict[str, dict[str, Any]]:
    """The alarms of production by name, without what all their names begin with."""
    found = [each["Properties"] for each in production.all(ALARM).values()]
    return {each["AlarmName"].removeprefix("calendar-service-production-"): each for each in found}


@pytest.fixture(scope="session")
def runbook() -> dict[str, str]:
    """The sections of the runbook by heading."""
    parts = SECTION.split((ROOT / "docs" / "runbook.md").read_text())
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every metric that goes into an alarm."""
    if "Metrics" not in alarm:
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


def dimensions(metric: dict[str, Any]) -> dict[str, Any]:
    """Return its dimensions by name."""
    return {each["Name"]: each["Value"] for each in metric.get("Dimensions", ())}


def told() -> dict[str, set[frozenset[str]]]:
    """Return the metrics the code tells, each with the names of the dimensions it is told with."""
    found: dict[str, set[frozenset[str]]] = defaultdict(set)
    for path in sorted((ROOT / "shared" / "usecases").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="count" | "seconds"),
                    args=[ast.Attribute(value=ast.Name(id="Metric"), attr=name), *_],
                    keywords=keywords,
                ):
                    names = frozenset(each.arg or "" for each in keywords)
                    found[Metric[name].value].add(names)
    return found


def test_there_is_an_alarm_for_all_that_users_feel(alarms: dict[str, dict[str, Any]]) -> None:
    assert alarms.keys() == NAMES


def test_every_alarm_tells_the_topic_that_somebody_reads(
    production: Template, alarms: dict[str, dict[str, Any]]
) -> None:
    topic, _ = production.one("AWS::SNS::Topic", "MonitoringAlarms")
    _, mailed = production.one("AWS::SNS::Subscription", "MonitoringAlarms")

    assert ("email", "on-call@example.com", {"Ref": topic}) == (
        mailed["Protocol"],
        mailed["Endpoint"],
        mailed["TopicArn"],
    )
    for alarm in alarms.values():
        assert [{"Ref": topic}] == alarm["AlarmActions"] == alarm["OKActions"]
        assert alarm.get("ActionsEnabled", True)


def test_every_alarm_links_a_section_of_the_runbook_and_every_section_has_one(
    alarms: dict[str, dict[str, Any]], runbook: dict[str, str]
) -> None:
    linked = {
        each["AlarmDescription"].rpartition("docs/runbook.md#")[2] for each in alarms.values()
    }

    assert linked == {anchor(each) for each in runbook}


def test_every_section_says_what_it_means_what_to_look_at_and_what_to_do(
    runbook: dict[str, str],
) -> None:
    parts = ("**Means.**", "**Look at.**", "**Do.**")
    lacking = [name for name, text in runbook.items() if not all(each in text for each in parts)]

    assert lacking == []


def test_the_runbook_names_only_outputs_and_settings_there_are(
    production: Template, runbook: dict[str, str]
) -> None:
    text = "\n".join(runbook.values())
    functions = set(re.findall(r"\blogs (\w+Function)\b", text))
    asked = functions | set(re.findall(r"\$\(output (\w+)\)", text))

    assert asked
    assert asked <= production.content["Outputs"].keys()


def test_every_number_of_ours_that_pages_is_one_the_code_tells_with_those_dimensions(
    alarms: dict[str, dict[str, Any]],
) -> None:
    code, watched = told(), []
    for alarm in alarms.values():
        for metric in metrics_of(alarm):
            if metric["Namespace"] == NAMESPACE:
                given = dimensions(metric)
                assert (SERVICE, "production") == (given.pop("service"), given.pop("stage"))
                assert frozenset(given) in code[metric["MetricName"]]
                watched.append(metric["MetricName"])

    assert set(watched) == {"OldestUnsyncedSeconds", "ProviderMisconfigured", "ReconnectsRequired"}


def test_every_metric_is_told_somewhere_and_always_with_the_same_dimensions() -> None:
    found = told()

    assert {each.value for each in Metric} == found.keys()
    assert [name for name, kinds in found.items() if len(kinds) > 1] == []


def test_thresholds_of_mail_are_below_those_at_which_ses_reviews_an_account(
    alarms: dict[str, dict[str, Any]],
) -> None:
    rates = {name: alarms[name]["Threshold"] for name in ("bounce-rate", "complaint-rate")}

    assert {"bounce-rate": 0.04, "complaint-rate": 0.0008} == rates


def test_an_age_that_nobody_tells_rings(alarms: dict[str, dict[str, Any]]) -> None:
    rings = {name for name, each in alarms.items() if each["TreatMissingData"] == "breaching"}

    assert {"sync-age", "token-refresh-silent"} == rings


def test_where_there_is_no_formula_every_other_alarm_stays(synthesis: Synthesis) -> None:
    local = [each["Properties"] for each in synthesis.template("local").all(ALARM).values()]

    names = {each["AlarmName"].removeprefix("calendar-service-local-") for each in local}
    assert names == NAMES - {"api-errors", "table-throttles"}
    assert [each["AlarmName"] for each in local if "Metrics" in each] == []


def test_the_dashboard_shows_every_number_of_ours(production: Template) -> None:
    _, dashboard = production.one("AWS::CloudWatch::Dashboard")
    body = json.dumps(dashboard)

    assert [each.value for each in Metric if each.value not in body] == []
