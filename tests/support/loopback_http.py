"""HTTP servers on loopback that record their requests and can be made to fail."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class ReceivedRequest:
    """One request as it was received."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class ServerFault:
    """The failure of one request; with `commits` the request is carried out first."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    commits: bool = False
    silent: bool = False
    truncated: bool = False
    drip: bool = False
    method: str | None = None


@contextmanager
def loopback_server(
    serve: Callable[[BaseHTTPRequestHandler], None], *, certificate: Path | None = None
) -> Iterator[str]:
    """Handle every request with `serve`, on a free loopback port, with TLS if `certificate`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # some tests make the client close the connection

        def log_message(self, *_: Any) -> None:
            """Log nothing: tests read the recorded requests."""

        def do_GET(self) -> None:
            serve(self)

        do_POST = do_PUT = do_DELETE = do_PROPFIND = do_REPORT = do_GET  # noqa: N815 - the names http.server looks for

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        # The request's thread does the handshake, so a failed one does not block other requests.
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def read_request(handler: BaseHTTPRequestHandler) -> ReceivedRequest:
    """Read the request in full."""
    length = int(handler.headers.get("Content-Length") or 0)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return ReceivedRequest(
        handler.command, handler.path, headers, handler.rfile.read(length).decode()
    )


def send_response(
    handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Send one complete response."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
