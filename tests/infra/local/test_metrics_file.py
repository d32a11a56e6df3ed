import io
import sys
from pathlib import Path

import pytest

from infra.local.metrics_file import MetricsFilter
from shared.aws.metrics import EmfMeter
from shared.ports import Metric


def test_a_metric_goes_to_the_file_and_other_text_to_the_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, file = io.StringIO(), tmp_path / "metrics.jsonl"
    monkeypatch.setattr("sys.stdout", MetricsFilter(stream, file))

    sys.stdout.write("before\n")
    EmfMeter("local").count(next(iter(Metric)))
    EmfMeter("local").count(next(iter(Metric)), number=2)
    sys.stdout.write('{"level": "INFO"}\n')
    sys.stdout.write("\n")

    assert stream.getvalue() == 'before\n{"level": "INFO"}\n\n'
    lines = file.read_text().splitlines()
    assert len(lines) == 2
    assert all('"_aws"' in line for line in lines)
