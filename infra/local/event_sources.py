"""Invokes functions as Lambda's event source mappings do: stream to relay, queue to sync."""

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Protocol

from infra.local.sync_queue import LocalSyncQueue, split
from infra.local.table_stream import TableStream
from infra.local.workers import InvocationFailed

RELAY = "functions.calendar_sync.relay"
SYNC = "functions.calendar_sync.handler"
FUNCTION = "calendar_sync"
INVOCATION_SECONDS = 60
HIDDEN_SECONDS = 2.5
"""A message hidden for longer than this waits for a later retry; waiting for idle ignores it."""

_IDLE_POLL_SECONDS = 0.25
_BUSY_POLL_SECONDS = 0.02
_ERROR_SECONDS = 1

log = logging.getLogger(__name__)


class HandlerInvoker(Protocol):
    """Runs a handler in another process; `Workers` does."""

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Return the handler's result, or raise InvocationFailed."""
        ...


class WorkLeft(TimeoutError):
    """Work is left after the given time."""


@dataclass(frozen=True, slots=True)
class WorkReport:
    """Counts of relayed stream records, synced messages and failed messages.

    `waiting` messages are left for a later retry.
    """

    relayed: int = 0
    synced: int = 0
    failed: int = 0
    waiting: int = 0


class WorkWaiter(Protocol):
    """Waits until no work is left; `EventSources` and `IdleWaiter` do."""

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Return the work done meanwhile, or raise WorkLeft."""
        ...


class EventSources:
    """Polls in its own thread from `start` to `halt`; `join` waits until it has ended."""

    def __init__(
        self,
        invoker: HandlerInvoker,
        environment: Mapping[str, str],
        *,
        concurrency: int = 2,
        hidden_seconds: float = HIDDEN_SECONDS,
        relay: str = RELAY,
        sync: str = SYNC,
    ) -> None:
        self._invoker = invoker
        self._relay, self._sync = relay, sync
        self._stream = TableStream(environment, table=environment["EVENTS_TABLE"])
        self._queue = LocalSyncQueue(environment)
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="sync")
        self._concurrency = concurrency
        self._hidden_seconds = hidden_seconds
        self._thread = threading.Thread(target=self._run, name="event-sources", daemon=True)
        self._halted = threading.Event()
        self._wake = threading.Event()
        self._changed = threading.Condition()
        self._running = self._waiters = self._round_number = self._idle_round = 0
        self._done = WorkReport()
        self._active_at = time.monotonic()

    def start(self) -> None:
        """Start polling."""
        self._thread.start()

    def halt(self) -> None:
        """Take no more work; running invocations continue."""
        self._halted.set()
        self._wake.set()

    def join(self) -> None:
        """Wait until no invocation is running; call `halt` first."""
        self._thread.join()
        self._pool.shutdown()

    def wake(self) -> None:
        """Poll at once: something was probably written."""
        self._wake.set()

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Wait until all work written before is done; return what was done.

        Raises:
            WorkLeft: when work is left after that many seconds.
        """
        with self._changed:
            started_in, before = self._round_number, self._done
            self._waiters += 1
            self._wake.set()
            try:
                # A round that is already running may have polled before the last write.
                if not self._changed.wait_for(lambda: self._idle_round > started_in, seconds):
                    raise WorkLeft(f"sync work is left after {seconds:g} s; see the log for why")
                return _difference(self._done, before)
            finally:
                self._waiters -= 1

    def _run(self) -> None:
        while not self._halted.is_set():
            self._wake.clear()
            try:
                found_work = self._round()
            except Exception:
                log.exception("polling the event sources failed; retrying")
                self._halted.wait(_ERROR_SECONDS)
                continue
            if not found_work:
                busy = self._waiters or self._running
                self._wake.wait(_BUSY_POLL_SECONDS if busy else _IDLE_POLL_SECONDS)

    def _round(self) -> bool:
        with self._changed:
            self._round_number += 1
            was_busy = self._running > 0
        found_work = self._relay_records()
        found_work = self._dispatch() or found_work
        if found_work or was_busy:
            self._active_at = time.monotonic()
        elif self._waiters:
            self._check_idle()
        return found_work

    def _relay_records(self) -> bool:
        payload = self._stream.read()
        if payload is None:
            return False
        result = self._invoke(self._relay, payload)
        done = len(payload["Records"])
        if failures := (result or {}).get("batchItemFailures"):
            numbers = [record["dynamodb"]["SequenceNumber"] for record in payload["Records"]]
            failed = {each["itemIdentifier"] for each in failures}
            done = next(n for n, number in enumerate(numbers) if number in failed)
            self._stream.advance(payload, failed_from=numbers[done])
        else:
            self._stream.advance(payload)
        self._count(WorkReport(relayed=done))
        return True

    def _dispatch(self) -> bool:
        free = self._concurrency - self._running
        batches = self._queue.receive(at_most=free) if free > 0 else []
        for batch in batches:
            with self._changed:
                self._running += 1
            self._pool.submit(self._sync_batch, batch)
        return bool(batches)

    def _sync_batch(self, payload: dict[str, Any]) -> None:
        try:
            result = self._invoke(self._sync, payload)
            done, failed = split(payload, result)
            self._queue.delete(done)
            self._count(WorkReport(synced=len(done), failed=len(failed)))
        except InvocationFailed:
            log.exception("an invocation of %s failed; its messages will be retried", self._sync)
            self._count(WorkReport(failed=len(payload["Records"])))
        except Exception:
            log.exception("messages handled by %s could not be deleted from the queue", self._sync)
        finally:
            with self._changed:
                self._running -= 1
            self._wake.set()

    def _invoke(self, module: str, payload: Any) -> Any:
        return self._invoker.invoke(module, payload, function=FUNCTION, seconds=INVOCATION_SECONDS)

    def _check_idle(self) -> None:
        depth = self._queue.depth()
        is_empty = not depth.visible and not depth.hidden
        is_quiet = bool(depth.hidden) and time.monotonic() - self._active_at > self._hidden_seconds
        if is_empty or is_quiet:
            with self._changed:
                self._done = _with_waiting(self._done, depth.visible + depth.hidden)
                self._idle_round = self._round_number
                self._changed.notify_all()

    def _count(self, added: WorkReport) -> None:
        with self._changed:
            self._done = WorkReport(
                relayed=self._done.relayed + added.relayed,
                synced=self._done.synced + added.synced,
                failed=self._done.failed + added.failed,
            )


def _with_waiting(report: WorkReport, waiting: int) -> WorkReport:
    return replace(report, waiting=waiting)


def _difference(now: WorkReport, before: WorkReport) -> WorkReport:
    return WorkReport(
        relayed=now.relayed - before.relayed,
        synced=now.synced - before.synced,
        failed=now.failed - before.failed,
        waiting=now.waiting,
    )
