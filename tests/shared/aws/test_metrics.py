"""Metrics as CloudWatch reads them from a log line."""

import json
from typing import Any

import pytest

from shared.aws.metrics import EmfMeter
from shared.ports import Meter, Metric

REQUIRED = {"_aws", "service", "stage"}


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the one line written."""
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_the_meter_fills_its_port() -> None:
    meter: Meter = EmfMeter("dev")

    assert meter is not None


def test_a_count_is_a_line_of_the_embedded_metric_format(
    capsys: pytest.CaptureFixture[str],
) -> None:
    EmfMeter("dev").count(Metric.COPIES_WRITTEN, 3, provider="google", outcome="synced")

    line = told(capsys)
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


def test_seconds_are_told_as_such_and_zero_is_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    EmfMeter("dev").seconds(Metric.OLDEST_UNSYNCED, 0)

    line = told(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert [("OldestUnsyncedSeconds", "Seconds")] == [
        (each["Name"], each["Unit"]) for each in directive["Metrics"]
    ]
    assert [0.0] == line["OldestUnsyncedSeconds"]
    assert REQUIRED | {"OldestUnsyncedSeconds"} == line.keys()


def test_the_service_is_named_alike_by_every_function(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "slots")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Other")

    EmfMeter("dev").count(Metric.UNSYNCED_EVENTS, 0)

    line = told(capsys)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert ("calendar-service", "CalendarService") == (line["service"], directive["Namespace"])
