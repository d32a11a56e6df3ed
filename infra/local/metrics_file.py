"""Writes metrics (lines in CloudWatch's embedded metric format) to a file, not to the terminal."""

import io
import os
import threading
from pathlib import Path
from typing import TextIO

from typing_extensions import override

METRICS_FILE = "LOCAL_METRICS_FILE"
"""The environment variable with the path of the file; without it metrics stay on stdout."""


class MetricsFilter(io.TextIOBase):
    """Standard output that appends metrics to `file` and passes everything else on.

    Powertools prints a metric as one text followed by a line end, so the line end after a metric
    is dropped. Several processes may append to one file.
    """

    def __init__(self, stream: TextIO, file: Path) -> None:
        super().__init__()
        self._stream = stream
        self._file = file
        self._thread = threading.local()

    @override
    def write(self, text: str) -> int:
        """Append a metric to the file, or write any other text to the stream."""
        ends_metric = text == "\n" and getattr(self._thread, "wrote_metric", False)
        self._thread.wrote_metric = _is_metric(text)
        if self._thread.wrote_metric:
            _append(self._file, f"{text.rstrip()}\n")
        elif not ends_metric:
            self._stream.write(text)
        return len(text)

    @override
    def flush(self) -> None:
        """Flush the stream."""
        self._stream.flush()


def _is_metric(text: str) -> bool:
    return text.startswith("{") and '"_aws"' in text


def _append(file: Path, line: str) -> None:
    # One write to a descriptor in append mode keeps lines of several processes apart.
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, line.encode())
    finally:
        os.close(descriptor)
