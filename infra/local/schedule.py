"""The schedule of token refresh: the one thing in the service that no request and no row starts."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.pump import Invoker
from infra.local.workers import InvocationFailed

EVERY = timedelta(minutes=5)
SECONDS = 120
"""How long one run may take."""

log = logging.getLogger(__name__)


class RefreshSchedule:
    """Invokes token_refresh every five minutes of real time, and whenever it is asked to."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule")

    def start(self) -> None:
        """Begin; the first run comes after five minutes."""
        self._thread.start()

    def stop(self) -> None:
        """End, waiting for a run under way."""
        self._stopped.set()
        self._thread.join()

    def run_once(self) -> Any:
        """Run it now and return how the due connections fared, counted.

        Raises:
            InvocationFailed: when the function failed.
        """
        payload = {
            "version": "0",
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "detail": {},
        }
        return self._invoker.invoke(
            "functions.token_refresh.handler", payload, function="token_refresh", seconds=SECONDS
        )

    def _run(self) -> None:
        while not self._stopped.wait(EVERY.total_seconds()):
            try:
                self.run_once()
            except InvocationFailed as error:
                log.error("%s", error)  # noqa: TRY400 - the handler's traceback is in it
