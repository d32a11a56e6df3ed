"""Metrics in the embedded metric format."""

import json
from typing import Any

import pytest

from shared.aws.metrics import EmfMeter
from shared.ports import Metric

REQUIRED = {"_aws", "service", "stage"}


def written_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the single line on standard output."""
    (line,) = capsys.readouterr().out.splitlines()
    fields: dict[str, Any] = json.loads(line)
    return fields


def test_a_count_is_a_line_of_the_embedded_metric_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    EmfMeter("dev").count(Metric.COPIES_WRITTEN, 3, provider="google", outcome="synced")

    line = written_line(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert "CalendarService" == directive["Namespace"]
    assert [["outcome", "provider", "service", "stage"]] == [
        sorted(each) for each in directive["Dimensions"]
    ]
    assert [("CopiesWritten", "Count")] == [
        (each["Name"], each["Unit"]) for each in directive["Metrics"]
    ]
    assert [3.0] == line["CopiesWritten"]
    assert ("google", "synced", "calendar-service", "dev") == (
        line["provider"],
        line["outcome"],
        line["service"],
        line["stage"],
    )


def test_seconds_have_their_unit_and_zero_is_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    EmfMeter("dev").seconds(Metric.OLDEST_UNSYNCED, 0)

    line = written_line(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [("OldestUnsyncedSeconds", "Seconds")] == [
        (each["Name"], each["Unit"]) for each in directive["Metrics"]
    ]
    assert [0.0] == line["OldestUnsyncedSeconds"]
    assert REQUIRED | {"OldestUnsyncedSeconds"} == line.keys()


def test_the_service_name_is_the_same_in_every_function(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "slots")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Other")

    EmfMeter("dev").count(Metric.UNSYNCED_EVENTS, 0)

    line = written_line(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert ("calendar-service", "CalendarService") == (line["service"], directive["Namespace"])
