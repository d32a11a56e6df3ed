"""HTTP servers on loopback that record what they are asked and can be told to fail."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Seen:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Fault:
    """What happens to one request instead of, or (`commits`) after, what it asks for."""

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    commits: bool = False
    silent: bool = False
    cut: bool = False
    drip: bool = False
    method: str | None = None


@contextmanager
def serving(
    serve: Callable[[BaseHTTPRequestHandler], None], *, certificate: Path | None = None
) -> Iterator[str]:
    """Serve every request with `serve`, on a free loopback port, with TLS if there is a key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # the client has hung up, as some tests have it do

        def log_message(self, *_: Any) -> None:
            """Tests read what was seen, not a log."""

        def do_GET(self) -> None:
            serve(self)

        do_PUT = do_DELETE = do_PROPFIND = do_REPORT = do_GET  # noqa: N815 - the names http.server looks for

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if certificate is not None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate)
        # The handshake belongs to the request's thread, so that a failed one stops nobody.
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


def received(handler: BaseHTTPRequestHandler) -> Seen:
    """Read the request in full."""
    length = int(handler.headers.get("Content-Length") or 0)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Seen(handler.command, handler.path, headers, handler.rfile.read(length).decode())


def reply(
    handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Send one whole answer."""
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
