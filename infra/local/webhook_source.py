"""Invokes the delivery of webhooks as Lambda's event source mapping does."""

import logging
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.event_sources import HandlerInvoker
from infra.local.sync_queue import LocalSyncQueue, split
from infra.local.workers import InvocationFailed

HANDLER = "functions.webhooks.delivery"
FUNCTION = "webhooks_delivery"
INVOCATION_SECONDS = 30
CONCURRENCY = 2
"""A slow receiver occupies a worker, and the API needs the others."""

_POLL_SECONDS = 0.25
_ERROR_SECONDS = 1

log = logging.getLogger(__name__)


class WebhookSource:
    """Polls the webhook queue in its own thread from `start` to `halt`."""

    def __init__(
        self, invoker: HandlerInvoker, environment: Mapping[str, str], *, handler: str = HANDLER
    ) -> None:
        self._invoker = invoker
        self._handler = handler
        self._queue = LocalSyncQueue(environment, setting="WEBHOOK_QUEUE_URL")
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="webhooks")
        self._places = threading.Semaphore(CONCURRENCY)
        self._halted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhook-source", daemon=True)

    def start(self) -> None:
        """Start polling."""
        self._thread.start()

    def halt(self) -> None:
        """Take no more deliveries; running ones continue."""
        self._halted.set()

    def join(self) -> None:
        """Wait until no delivery is running; call `halt` first."""
        self._thread.join()
        self._pool.shutdown()

    def _run(self) -> None:
        while not self._halted.is_set():
            try:
                found = self._take_one()
            except Exception:
                log.exception("polling the webhook queue failed; retrying")
                self._halted.wait(_ERROR_SECONDS)
                continue
            if not found:
                self._halted.wait(_POLL_SECONDS)

    def _take_one(self) -> bool:
        if not self._places.acquire(timeout=_POLL_SECONDS):
            return True
        try:
            payloads = self._queue.receive(at_most=1)
        except Exception:
            self._places.release()
            raise
        if not payloads:
            self._places.release()
            return False
        self._pool.submit(self._deliver, payloads[0])
        return True

    def _deliver(self, payload: dict[str, Any]) -> None:
        try:
            result = self._invoker.invoke(
                self._handler, payload, function=FUNCTION, seconds=INVOCATION_SECONDS
            )
            self._queue.delete(split(payload, result)[0])
        except InvocationFailed as error:
            log.error("%s", error)  # noqa: TRY400 - the message holds the handler's traceback
        except Exception:
            log.exception("a message of the webhook queue could not be deleted")
        finally:
            self._places.release()
