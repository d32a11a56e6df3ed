"""Reports an unforeseen error of one connection: neither a `CalendarServiceError` nor fatal.

The use-cases that call a provider have a last-resort handler per connection, because what a
calendar contains can trigger a bug in this service or in a library. Then only the work on that
connection fails.
"""

import logging
import traceback
from enum import StrEnum

from shared.ports import Meter, Metric

_MAX_FRAMES = 30

log = logging.getLogger(__name__)


class ConnectionWork(StrEnum):
    """The work on one connection that failed; a dimension of the metric."""

    READ = "read"
    COPY = "copy"
    REFRESH = "refresh"


def report_unforeseen(
    error: Exception, work: ConnectionWork, *, meter: Meter, connection_id: str, **ids: str
) -> None:
    """Log the error with its traceback, and count it.

    The messages of the error and of its causes are left out, because they may quote a calendar or
    a credential. Only the innermost 30 frames are logged, so the size of the line is bounded.
    """
    log.error(
        "unforeseen error of a connection",
        extra={
            "connection_id": connection_id,
            **ids,
            "work": work.value,
            "error": type(error).__name__,
            "traceback": _traceback(error),
        },
    )
    meter.count(Metric.UNFORESEEN_ERRORS, work=work.value)


def _traceback(error: BaseException) -> str:
    cause = error.__cause__ or error.__context__
    frames = traceback.format_tb(error.__traceback__, limit=-_MAX_FRAMES)
    text = "".join(["Traceback (most recent call last):\n", *frames, type(error).__name__])
    return text if cause is None else f"{type(cause).__name__}, then:\n{text}"
