"""Delivers SES reports to the ses_notifications function, as SNS and Lambda do."""

import concurrent.futures
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from infra.local.event_sources import HandlerInvoker
from infra.local.workers import InvocationFailed

HANDLER = "functions.ses_notifications.handler"
FUNCTION = "ses_notifications"
INVOCATION_SECONDS = 30
RETRY_SECONDS = (0.2, 1.0)
"""Wait before each retry: Lambda tries an asynchronous invocation three times."""

log = logging.getLogger(__name__)


class ReportDelivery:
    """Delivers payloads in one thread, in order, until `halt`; later ones are cancelled.

    `submitted` counts all reports since the start.
    """

    def __init__(
        self,
        invoker: HandlerInvoker,
        *,
        handler: str = HANDLER,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.submitted = 0
        self._invoker = invoker
        self._handler = handler
        self._retry_seconds = retry_seconds
        self._halted = threading.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="reports")
        self._pending_reports: set[Future[None]] = set()
        self._lock = threading.Lock()

    def submit(self, payload: Any) -> Future[None]:
        """Queue a payload; the future raises InvocationFailed when every attempt failed."""
        with self._lock:
            if self._halted.is_set():
                return _cancelled()
            self.submitted += 1
            future = self._pool.submit(self._deliver, payload)
            self._pending_reports.add(future)
        future.add_done_callback(self._end)
        return future

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Wait until every report is delivered; return False after that many seconds."""
        end = time.monotonic() + seconds
        while pending := self._pending():
            remaining = max(0, end - time.monotonic())
            if concurrent.futures.wait(pending, timeout=remaining).not_done:
                return False
        return True

    def halt(self) -> None:
        """Deliver no more reports; the current one may complete."""
        with self._lock:
            self._halted.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait for the current delivery; call `halt` first."""
        self._pool.shutdown()

    def _pending(self) -> set[Future[None]]:
        with self._lock:
            return self._pending_reports.copy()

    def _deliver(self, payload: Any) -> None:
        for seconds in self._retry_seconds:
            try:
                return self._invoke(payload)
            except InvocationFailed as error:
                log.warning("retrying an SES report: %s", error)
                if self._halted.wait(seconds):
                    raise
        return self._invoke(payload)

    def _invoke(self, payload: Any) -> None:
        self._invoker.invoke(self._handler, payload, function=FUNCTION, seconds=INVOCATION_SECONDS)

    def _end(self, future: Future[None]) -> None:
        with self._lock:
            self._pending_reports.discard(future)
        if not future.cancelled() and (error := future.exception()):
            log.error("an SES report is lost: %s", error)


def _cancelled() -> Future[None]:
    future: Future[None] = Future()
    future.cancel()
    return future
