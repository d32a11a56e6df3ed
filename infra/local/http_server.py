"""The HTTP server: reads requests, passes them to a handler and logs one line for each."""

import logging
import socket
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local import gateway
from infra.local.gateway import MAX_BODY_BYTES, Request, Response

IDLE_SECONDS = 60
_BACKLOG = 128
_LINE_BYTES = 65_536

log = logging.getLogger(__name__)

RequestHandler = Callable[[Request], Response]


class HttpServer(ThreadingHTTPServer):
    """Listens on a loopback port (0: any free one); handles each request in a thread.

    Until `handler` is set, every request gets a 503.
    """

    daemon_threads = True
    request_queue_size = _BACKLOG

    def __init__(self, port: int) -> None:
        self.handler: RequestHandler = lambda _: gateway.service_unavailable()
        super().__init__(("127.0.0.1", port), _HttpRequestHandler)

    @property
    def url(self) -> str:
        """The URL it listens on."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - socketserver's signature
        """Log an error of a connection; a client that hung up is not an error."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            log.exception("connection from %s failed", client_address)  # noqa: LOG004 - socketserver calls this while it handles the exception


class _TooLarge(Exception):
    pass


class _HttpRequestHandler(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"
    server_version = "calendar-service-local"
    timeout = IDLE_SECONDS
    wbufsize = _LINE_BYTES
    disable_nagle_algorithm = True

    def _any_method(self) -> None:
        began = time.monotonic()
        response = self._respond()
        self._send(response)
        milliseconds = (time.monotonic() - began) * 1000
        path = self.path.partition("?")[0]
        log.info("%s %s %d %.0f ms", self.command, path, response.status, milliseconds)

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks up do_METHOD; every method is allowed.
        if name.startswith("do_"):
            return self._any_method
        raise AttributeError(name)

    def _respond(self) -> Response:
        try:
            body = self._body()
        except _TooLarge:
            self.close_connection = True
            return gateway.too_large()
        except ValueError:
            self.close_connection = True
            return gateway.bad_request()
        request = Request(
            method=self.command,
            target=self.path,
            headers=tuple(self.headers.items()),
            body=body,
            source_ip=self.client_address[0],
        )
        try:
            return self.server.handler(request)
        except Exception:
            log.exception("%s %s failed", self.command, self.path)
            return gateway.internal_error()

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("content-length") or 0)
        if length < 0:
            raise ValueError("negative Content-Length")
        if length > MAX_BODY_BYTES:
            raise _TooLarge
        return self.rfile.read(length)

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline(_LINE_BYTES).partition(b";")[0], 16):
            if size < 0 or len(body) + size > MAX_BODY_BYTES:
                raise _TooLarge
            body += self.rfile.read(size)
            self.rfile.readline(_LINE_BYTES)
        while self.rfile.readline(_LINE_BYTES).strip():
            pass  # Trailers are ignored.
        return bytes(body)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        for name, value in response.headers:
            if name.lower() not in ("content-length", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(response.body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()
        if self.close_connection:
            # Read what the client still sends: otherwise a TCP reset could discard the response.
            self.connection.shutdown(socket.SHUT_WR)
            self._drain()

    def _drain(self) -> None:
        left = 10 * MAX_BODY_BYTES
        self.connection.settimeout(1)
        while left > 0 and (part := self.connection.recv(_LINE_BYTES)):
            left -= len(part)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Log messages of http.server, except its line per request."""
        if not format.startswith('"%s"'):
            log.warning(format, *args)
