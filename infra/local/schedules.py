"""Invokes the scheduled functions, as EventBridge does."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.event_sources import HandlerInvoker
from infra.local.workers import InvocationFailed

EVERY = timedelta(minutes=5)
SECONDS = 120
"""Time-out of one run."""

SCHEDULED = ("token_refresh", "sweeper")

log = logging.getLogger(__name__)


class Schedules:
    """Invokes token_refresh and sweeper every five minutes of real time."""

    def __init__(self, invoker: HandlerInvoker, *, every: timedelta = EVERY) -> None:
        self._invoker = invoker
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules")

    def start(self) -> None:
        """Start; the first runs are after five minutes."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; wait for a run that is in progress."""
        self._stopped.set()
        self._thread.join()

    def refresh_once(self) -> Any:
        """Refresh tokens now; return the counts of connections by outcome.

        Raises:
            InvocationFailed: when the function failed.
        """
        return self._invoke("token_refresh")

    def _invoke(self, function: str) -> Any:
        payload = {
            "version": "0",
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "detail": {},
        }
        return self._invoker.invoke(
            f"functions.{function}.handler", payload, function=function, seconds=SECONDS
        )

    def _run(self) -> None:
        while not self._stopped.wait(self._every.total_seconds()):
            for function in SCHEDULED:
                try:
                    self._invoke(function)
                except InvocationFailed as error:
                    log.error("%s", error)  # noqa: TRY400 - the message holds the handler's traceback
