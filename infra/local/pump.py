"""Moves work as Lambda's event source mappings do: stream to relay, sync queue to sync."""

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from infra.local.stream import Stream
from infra.local.sync_queue import SyncQueue, split
from infra.local.workers import InvocationFailed

RELAY = "functions.calendar_sync.relay"
SYNC = "functions.calendar_sync.handler"
FUNCTION = "calendar_sync"
INVOCATION_SECONDS = 60
HIDDEN_SECONDS = 2.5
"""A message hidden for longer than this waits for a later retry: it is no work left now."""

_IDLE_POLL_SECONDS = 0.25
_BUSY_POLL_SECONDS = 0.02
_ERROR_SECONDS = 1

log = logging.getLogger(__name__)


class Invoker(Protocol):
    """Runs a handler elsewhere; `Workers` does."""

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Return the handler's answer, or raise InvocationFailed."""
        ...


class StillBusy(TimeoutError):
    """Work is left although the time given is over."""


@dataclass(frozen=True, slots=True)
class Work:
    """What was done: stream records relayed, messages synced, messages whose turn failed.

    `waiting` messages are left for a later retry.
    """

    relayed: int = 0
    synced: int = 0
    failed: int = 0
    waiting: int = 0


class Pump:
    """Runs in a thread of its own from `start` to `halt`; `join` waits until it is over."""

    def __init__(
        self,
        invoker: Invoker,
        environment: Mapping[str, str],
        *,
        concurrency: int = 2,
        hidden_seconds: float = HIDDEN_SECONDS,
        relay: str = RELAY,
        sync: str = SYNC,
    ) -> None:
        self._invoker = invoker
        self._relay, self._sync = relay, sync
        self._stream = Stream(environment, table=environment["EVENTS_TABLE"])
        self._queue = SyncQueue(environment)
        self._pool = ThreadPoolExecutor(concurrency, thread_name_prefix="sync")
        self._concurrency = concurrency
        self._hidden_seconds = hidden_seconds
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self._halted = threading.Event()
        self._wake = threading.Event()
        self._changed = threading.Condition()
        self._under_way = self._waiters = self._begun = self._idle_round = 0
        self._done = Work()
        self._active_at = time.monotonic()

    def start(self) -> None:
        """Begin to move work."""
        self._thread.start()

    def halt(self) -> None:
        """Take no more work; what is under way goes on."""
        self._halted.set()
        self._wake.set()

    def join(self) -> None:
        """Wait until nothing is under way; call `halt` first."""
        self._thread.join()
        self._pool.shutdown()

    def wake(self) -> None:
        """Look for work at once: something was probably written."""
        self._wake.set()

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Wait until no work is left of all that was written before; return what was done.

        Raises:
            StillBusy: when work is left after that many seconds.
        """
        with self._changed:
            asked_at, before = self._begun, self._done
            self._waiters += 1
            self._wake.set()
            try:
                # A round that had begun already may have looked before the last write.
                if not self._changed.wait_for(lambda: self._idle_round > asked_at, seconds):
                    raise StillBusy(f"sync work is left after {seconds:g} s; see the log for why")
                return _difference(self._done, before)
            finally:
                self._waiters -= 1

    def _run(self) -> None:
        while not self._halted.is_set():
            self._wake.clear()
            try:
                moved = self._round()
            except Exception:
                log.exception("the pump will try again")
                self._halted.wait(_ERROR_SECONDS)
                continue
            if not moved:
                busy = self._waiters or self._under_way
                self._wake.wait(_BUSY_POLL_SECONDS if busy else _IDLE_POLL_SECONDS)

    def _round(self) -> bool:
        with self._changed:
            self._begun += 1
            was_busy = self._under_way > 0
        moved = self._relay_records()
        moved = self._dispatch() or moved
        if moved or was_busy:
            self._active_at = time.monotonic()
        elif self._waiters:
            self._look_around()
        return moved

    def _relay_records(self) -> bool:
        payload = self._stream.read()
        if payload is None:
            return False
        answer = self._invoke(self._relay, payload)
        done = len(payload["Records"])
        if failures := (answer or {}).get("batchItemFailures"):
            numbers = [record["dynamodb"]["SequenceNumber"] for record in payload["Records"]]
            failed = {each["itemIdentifier"] for each in failures}
            done = next(n for n, number in enumerate(numbers) if number in failed)
            self._stream.advance(payload, failed_from=numbers[done])
        else:
            self._stream.advance(payload)
        self._count(Work(relayed=done))
        return True

    def _dispatch(self) -> bool:
        free = self._concurrency - self._under_way
        batches = self._queue.receive(at_most=free) if free > 0 else []
        for batch in batches:
            with self._changed:
                self._under_way += 1
            self._pool.submit(self._sync_batch, batch)
        return bool(batches)

    def _sync_batch(self, payload: dict[str, Any]) -> None:
        try:
            answer = self._invoke(self._sync, payload)
            done, failed = split(payload, answer)
            self._queue.delete(done)
            self._count(Work(synced=len(done), failed=len(failed)))
        except InvocationFailed:
            log.exception("an invocation of %s failed; its messages come again", self._sync)
            self._count(Work(failed=len(payload["Records"])))
        except Exception:
            log.exception("the outcome of %s could not be told to the queue", self._sync)
        finally:
            with self._changed:
                self._under_way -= 1
            self._wake.set()

    def _invoke(self, module: str, payload: Any) -> Any:
        return self._invoker.invoke(module, payload, function=FUNCTION, seconds=INVOCATION_SECONDS)

    def _look_around(self) -> None:
        depth = self._queue.depth()
        is_empty = not depth.visible and not depth.hidden
        is_quiet = bool(depth.hidden) and time.monotonic() - self._active_at > self._hidden_seconds
        if is_empty or is_quiet:
            with self._changed:
                self._done = _with_waiting(self._done, depth.visible + depth.hidden)
                self._idle_round = self._begun
                self._changed.notify_all()

    def _count(self, work: Work) -> None:
        with self._changed:
            self._done = Work(
                relayed=self._done.relayed + work.relayed,
                synced=self._done.synced + work.synced,
                failed=self._done.failed + work.failed,
            )


def _with_waiting(work: Work, waiting: int) -> Work:
    return Work(work.relayed, work.synced, work.failed, waiting)


def _difference(now: Work, before: Work) -> Work:
    return Work(
        relayed=now.relayed - before.relayed,
        synced=now.synced - before.synced,
        failed=now.failed - before.failed,
        waiting=now.waiting,
    )
