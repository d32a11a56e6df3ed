"""Serves a simulator over HTTP on loopback, in threads of this process or as a program."""

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar

from infra.local.simulators.http import SimulatedResponse, parsed
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
    """Serve until Ctrl-C or SIGTERM, on the port given by `--port`."""
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
        super().__init__(("127.0.0.1", port), _SimulatorHandler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log an error; a client that hung up is not an error."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _SimulatorHandler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    wbufsize = 65_536
    disable_nagle_algorithm = True

    def _any_method(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        request = parsed(self.command, self.path, dict(self.headers.items()), body)
        response = self.server.simulator.respond(request)
        if response.hang_up:
            self.close_connection = True
        else:
            self._send(response)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _any_method  # noqa: N815 - the names http.server looks up

    def _send(self, response: SimulatedResponse) -> None:
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status not in (204, 304):
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body[: response.sent])
        self.wfile.flush()
        if response.sent is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Log nothing: the simulator records requests itself."""
