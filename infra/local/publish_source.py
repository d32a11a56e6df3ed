"""Invokes the publication of domain events as Lambda's mappings of both streams do."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

from infra.local.event_sources import HandlerInvoker
from infra.local.table_stream import TableStream
from infra.local.workers import InvocationFailed

HANDLER = "functions.publish.handler"
FUNCTION = "publish"
INVOCATION_SECONDS = 60
TABLES = ("EVENTS_TABLE", "CONNECTIONS_TABLE")

_POLL_SECONDS = 0.25
_ERROR_SECONDS = 1

log = logging.getLogger(__name__)


class PublishSource:
    """Polls the streams of both tables in its own thread, from `start` to `halt`."""

    def __init__(
        self, invoker: HandlerInvoker, environment: Mapping[str, str], *, handler: str = HANDLER
    ) -> None:
        self._invoker = invoker
        self._handler = handler
        self._streams = [TableStream(environment, table=environment[each]) for each in TABLES]
        self._halted, self._wake = threading.Event(), threading.Event()
        self._rounds = threading.Condition()
        self._started = self._idle = 0
        self._thread = threading.Thread(target=self._run, name="publish-source", daemon=True)

    def start(self) -> None:
        """Start polling."""
        self._thread.start()

    def halt(self) -> None:
        """Take no more work; a running invocation continues."""
        self._halted.set()
        self._wake.set()

    def join(self) -> None:
        """Wait until no invocation is running; call `halt` first."""
        self._thread.join()

    def wait_until_published(self, *, seconds: float) -> bool:
        """Wait until all that was written before is published; return whether it is."""
        with self._rounds:
            # A round that is already running may have polled before the last write.
            running = self._started
            self._wake.set()
            return self._rounds.wait_for(lambda: self._idle > running, seconds)

    def _run(self) -> None:
        while not self._halted.is_set():
            self._wake.clear()
            try:
                found = self._round()
            except InvocationFailed as error:
                if self._halted.is_set():
                    return
                log.error("%s", error)  # noqa: TRY400 - the message holds the handler's traceback
                self._halted.wait(_ERROR_SECONDS)
            except Exception:
                log.exception("publishing domain events failed; retrying")
                self._halted.wait(_ERROR_SECONDS)
            else:
                if not found:
                    self._wake.wait(_POLL_SECONDS)

    def _round(self) -> bool:
        with self._rounds:
            self._started += 1
        found = [self._publish(each) for each in self._streams]
        if not any(found):
            with self._rounds:
                self._idle = self._started
                self._rounds.notify_all()
        return any(found)

    def _publish(self, stream: TableStream) -> bool:
        payload: dict[str, Any] | None = stream.read()
        if payload is None:
            return False
        self._invoker.invoke(self._handler, payload, function=FUNCTION, seconds=INVOCATION_SECONDS)
        stream.advance(payload)
        return True
