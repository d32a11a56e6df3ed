"""One worker process: runs Lambda handlers, one invocation at a time, and stays warm.

Started as `python -m infra.local.worker FD`, where FD is its end of a socket pair. An invocation is
{module, function, payload, requestId, seconds, now}; the reply is {answer} or {error}, a traceback.
`now` is the instant for the service's clock, null for the real time.
"""

import importlib
import json
import os
import queue
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from infra.local import message_socket
from infra.local.metrics_file import METRICS_FILE, MetricsFilter

WIRING = "shared.wiring"
CERTIFICATE = "LOCAL_SNS_CERTIFICATE"
"""The environment variable with the PEM certificate of a local run's SNS topic."""

CERTIFICATE_READER = "ses_notifications"
"""The only function that verifies SNS messages."""

GRACE_SECONDS = 2


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that is stopped."""

    instant: datetime

    def now(self) -> datetime:
        """Return the fixed instant."""
        return self.instant


class LambdaContext:
    """Lambda's context object, with Lambda's attribute names."""

    memory_limit_in_mb = 512
    function_version = "$LATEST"

    def __init__(self, function: str, request_id: str, *, seconds: float) -> None:
        self.function_name = f"calendar-service-{function}"
        self.aws_request_id = request_id
        region, account = os.environ.get("AWS_REGION", ""), os.environ.get("AWS_ACCESS_KEY_ID", "")
        self.invoked_function_arn = (
            f"arn:aws:lambda:{region}:{account}:function:{self.function_name}"
        )
        self.log_group_name = f"/aws/lambda/{self.function_name}"
        self.log_stream_name = f"worker/{os.getpid()}"
        self._until = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the invocation times out, never below 0."""
        return max(0, int((self._until - time.monotonic()) * 1000))


def run(invocation: Mapping[str, Any], *, wiring: str = WIRING) -> dict[str, Any]:
    """Run one invocation and return {"answer": ...} or {"error": traceback}; never raises.

    `wiring` names the module whose `set_clock` and `set_certificates` are called.
    """
    try:
        _set_clock(invocation["now"], wiring)
        if invocation["function"] == CERTIFICATE_READER and CERTIFICATE in os.environ:
            _set_certificate(os.environ[CERTIFICATE], wiring)
        context = LambdaContext(
            invocation["function"], invocation["requestId"], seconds=invocation["seconds"]
        )
        handler = importlib.import_module(invocation["module"]).lambda_handler
        return {"answer": handler(invocation["payload"], context)}
    except Exception:  # noqa: BLE001 - Lambda turns any exception into a failed invocation
        return {"error": traceback.format_exc()}


def serve(connection: socket.socket, *, when_closed: Callable[[], None]) -> None:
    """Run invocations until the other side closes the connection, then call `when_closed`.

    `when_closed` is called at once, in another thread, even while an invocation is running.
    """
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(connection, inbox, when_closed), daemon=True).start()
    while (invocation := inbox.get()) is not None:
        message_socket.send(connection, _serialisable(run(invocation)))


def _read(
    connection: socket.socket,
    inbox: "queue.SimpleQueue[Any]",
    when_closed: Callable[[], None],
) -> None:
    try:
        while True:
            inbox.put(message_socket.receive(connection))
    except message_socket.ConnectionClosed:
        inbox.put(None)
        when_closed()


def _serialisable(result: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(result)
    except (TypeError, ValueError):
        return {"error": traceback.format_exc()}
    return result


def _end_soon() -> None:
    time.sleep(GRACE_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _set_clock(now: str | None, wiring: str) -> None:
    # The wiring is part of a handler's cold start, so it is not loaded just for the real clock.
    if now is None and wiring not in sys.modules:
        return
    clock = None if now is None else FixedClock(datetime.fromisoformat(now))
    importlib.import_module(wiring).set_clock(clock)


@cache
def _set_certificate(pem: str, wiring: str) -> None:
    # The message names AWS's host, which does not have the key of a local topic.
    importlib.import_module(wiring).set_certificates(lambda _url: pem.encode())


if __name__ == "__main__":
    if METRICS_FILE in os.environ:
        sys.stdout = MetricsFilter(sys.stdout, Path(os.environ[METRICS_FILE]))
    with socket.socket(fileno=int(sys.argv[1])) as parent:
        serve(parent, when_closed=_end_soon)
