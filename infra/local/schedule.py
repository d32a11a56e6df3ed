"""The schedules: the only things in the service that no request and no row starts."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.pump import Invoker
from infra.local.workers import InvocationFailed

EVERY = timedelta(minutes=5)
SECONDS = 120
"""How long one run may take."""

SCHEDULED = ("token_refresh", "sweeper")

log = logging.getLogger(__name__)


class Schedules:
    """Invokes token_refresh and sweeper every five minutes of real time."""

    def __init__(self, invoker: Invoker, *, every: timedelta = EVERY) -> None:
        self._invoker = invoker
        self._every = every
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules")

    def start(self) -> None:
        """Begin; the first runs come after five minutes."""
        self._thread.start()

    def stop(self) -> None:
        """End, waiting for a run under way."""
        self._stopped.set()
        self._thread.join()

    def refresh_once(self) -> Any:
        """Refresh tokens now and return how the due connections fared, counted.

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
                    log.error("%s", error)  # noqa: TRY400 - the handler's traceback is in it
