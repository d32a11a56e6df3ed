"""Hands SES's reports to the function that takes them, as SNS and Lambda do."""

import concurrent.futures
import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from infra.local.pump import Invoker
from infra.local.workers import InvocationFailed

HANDLER = "functions.ses_notifications.handler"
FUNCTION = "ses_notifications"
INVOCATION_SECONDS = 30
RETRY_SECONDS = (0.2, 1.0)
"""How long to wait before each retry: Lambda tries an asynchronous invocation three times."""

log = logging.getLogger(__name__)


class Reports:
    """Delivers payloads in a thread of its own, in order, until `halt`; later ones are cancelled.

    `submitted` counts all there ever were.
    """

    def __init__(
        self,
        invoker: Invoker,
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
        self._under_way: set[Future[None]] = set()
        self._lock = threading.Lock()

    def submit(self, payload: Any) -> Future[None]:
        """Deliver a payload soon; the future raises InvocationFailed when every try failed."""
        with self._lock:
            if self._halted.is_set():
                return _cancelled()
            self.submitted += 1
            future = self._pool.submit(self._deliver, payload)
            self._under_way.add(future)
        future.add_done_callback(self._end)
        return future

    def wait_until_idle(self, *, seconds: float) -> bool:
        """Wait until no report is under way; return False when one is after that many seconds."""
        end = time.monotonic() + seconds
        while under_way := self._pending():
            left = max(0, end - time.monotonic())
            if concurrent.futures.wait(under_way, timeout=left).not_done:
                return False
        return True

    def halt(self) -> None:
        """Deliver no more; the one under way may end."""
        with self._lock:
            self._halted.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def join(self) -> None:
        """Wait until nothing is under way; call `halt` first."""
        self._pool.shutdown()

    def _pending(self) -> set[Future[None]]:
        with self._lock:
            return self._under_way.copy()

    def _deliver(self, payload: Any) -> None:
        for seconds in self._retry_seconds:
            try:
                return self._invoke(payload)
            except InvocationFailed as error:
                log.warning("a report of SES is tried again: %s", error)
                if self._halted.wait(seconds):
                    raise
        return self._invoke(payload)

    def _invoke(self, payload: Any) -> None:
        self._invoker.invoke(self._handler, payload, function=FUNCTION, seconds=INVOCATION_SECONDS)

    def _end(self, future: Future[None]) -> None:
        with self._lock:
            self._under_way.discard(future)
        if not future.cancelled() and (error := future.exception()):
            log.error("a report of SES is lost: %s", error)


def _cancelled() -> Future[None]:
    future: Future[None] = Future()
    future.cancel()
    return future
