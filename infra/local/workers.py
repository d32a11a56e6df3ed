"""Worker processes in the role of Lambda: each runs one invocation at a time."""

import contextlib
import queue
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from infra.local import message_socket
from infra.local.processes import ROOT

DEFAULT_WORKERS = 3
STOP_SECONDS = 5


class InvocationFailed(Exception):
    """The handler raised, its process died or it timed out; the message says which."""


class TimedOut(InvocationFailed):
    """The handler timed out."""


class Workers:
    """Invokes handlers in the first free worker; safe to call from many threads.

    `environment` is the complete environment of the workers. `now` returns the service's time for
    an invocation (ISO 8601, None for the real time). Handlers print to `log`.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        log: IO[bytes],
        now: Callable[[], str | None] = lambda: None,
        count: int = DEFAULT_WORKERS,
    ) -> None:
        self.count = count
        self._environment = environment
        self._log = log
        self._now = now
        self._free: queue.LifoQueue[_WorkerProcess | None] = queue.LifoQueue()
        self._busy: set[_WorkerProcess] = set()
        self._stopping = False
        for _ in range(count):
            self._free.put(self._start())

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Return what `module.lambda_handler(payload, context)` returns.

        Raises:
            TimedOut: when it takes longer than `seconds`.
            InvocationFailed: when it raises, its process dies or the workers are stopped.
        """
        invocation = {
            "module": module,
            "function": function,
            "payload": payload,
            "requestId": str(uuid.uuid4()),
            "seconds": seconds,
            "now": self._now(),
        }
        with self._worker() as worker:
            result = worker.run(invocation, seconds=seconds)
        if "error" in result:
            raise InvocationFailed(result["error"])
        return result["answer"]

    def stop(self, *, seconds: float = STOP_SECONDS) -> None:
        """Stop every worker; running invocations fail after that many seconds."""
        if self._stopping:
            return
        self._stopping = True
        until = time.monotonic() + seconds
        with contextlib.suppress(queue.Empty):
            for _ in range(self.count):
                worker = self._free.get(timeout=max(0, until - time.monotonic()))
                if worker:
                    worker.stop()
        for busy in self._busy.copy():
            busy.kill()
        self._free.put(None)

    @contextlib.contextmanager
    def _worker(self) -> Iterator["_WorkerProcess"]:
        worker = self._free.get()
        if worker is None:
            self._free.put(None)
            raise InvocationFailed("the workers are stopped")
        self._busy.add(worker)
        try:
            yield worker
        finally:
            self._busy.discard(worker)
            if worker.is_alive:
                self._free.put(worker)
            elif not self._stopping:
                self._free.put(self._start())

    def _start(self) -> "_WorkerProcess":
        return _WorkerProcess(self._environment, self._log)


class _WorkerProcess:
    def __init__(self, environment: Mapping[str, str], log: IO[bytes]) -> None:
        self._socket, child_socket = socket.socketpair()
        with child_socket:
            self._process = subprocess.Popen(  # noqa: S603 - a module of this project, no shell
                [sys.executable, "-m", "infra.local.worker", str(child_socket.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[child_socket.fileno()],
                env=dict(environment),
                cwd=ROOT,
                start_new_session=True,
            )
        self.is_alive = True

    def run(self, invocation: Mapping[str, Any], *, seconds: float) -> dict[str, Any]:
        self._socket.settimeout(seconds)
        try:
            message_socket.send(self._socket, invocation)
            result: dict[str, Any] = message_socket.receive(self._socket)
        except TimeoutError:
            self._end()
            raise TimedOut(f"{invocation['module']} took longer than {seconds} s") from None
        except message_socket.ConnectionClosed:
            self._end()
            status = self._process.returncode
            raise InvocationFailed(f"{invocation['module']} ended its process ({status})") from None
        return result

    def stop(self) -> None:
        self._socket.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _end(self) -> None:
        self.is_alive = False
        self._socket.close()
        self.kill()
