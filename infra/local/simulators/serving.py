"""Serves a simulator over HTTP on loopback, in threads of this process or as a program."""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from infra.local.simulators.common import Answer, parsed
from infra.local.simulators.simulator import Simulator

IDLE_SECONDS = 60
SimulatorT = TypeVar("SimulatorT", bound=Simulator)


@contextlib.contextmanager
def serving(simulator: SimulatorT, port: int = 0) -> Iterator[SimulatorT]:
    """Serve on that loopback port (0: any free one) until the block ends."""
    server = _Server(simulator, port)
    simulator.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield simulator
    finally:
        simulator.release()
        server.shutdown()
        server.server_close()
        thread.join()


def run(simulator: Simulator, *, name: str) -> None:
    """Serve until Ctrl-C or SIGTERM; `--port` says where."""
    options = argparse.ArgumentParser(description=f"A simulated {name} on loopback.")
    options.add_argument("--port", type=int, default=0)
    port = options.parse_args().port
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with serving(simulator, port):
        print(f"{name} on {simulator.url}", flush=True)
        ended.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, simulator: Simulator, port: int) -> None:
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of a failure; a client that gave up waiting is none."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def _any_method(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = parsed(self.command, self.path, dict(self.headers.items()), body)
        answer = self.server.simulator.answer(request)
        if answer.hang_up:
            self.close_connection = True
        else:
            self._send(answer)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any_method  # noqa: N815 - the names http.server looks for

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: answer.sent])
        self.wfile.flush()
        if answer.sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the simulator keeps a record of requests itself."""
