"""Downloading the issuer's JWK set, without proxies, redirects or cookies."""

import socket
import ssl
import threading
from contextlib import suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import SplitResult, urlsplit, urlunsplit

LARGEST_BYTES = 256 * 1024


def download(url: str, *, timeout_seconds: float) -> bytes:
    """Return the body of the 200 response to a GET.

    Connecting to an address, the TLS handshake, and the request with its response may take
    `timeout_seconds` each, however slowly the server sends. `http.client` ignores the proxies in
    the environment and follows no redirects.

    Raises:
        OSError, http.client.HTTPException: no complete response arrived in time.
        ValueError: the response has another status or is over 256 KiB.
    """
    parts = urlsplit(url)
    connection = _connection(parts, timeout_seconds)
    try:
        connection.connect()
        # The timeout of a socket starts again with every byte, so a timer ends the exchange.
        is_over = threading.Event()
        timer = threading.Timer(timeout_seconds, _end, [connection.sock, is_over])
        timer.daemon = True
        timer.start()
        try:
            body = _body(connection, urlunsplit(("", "", parts.path or "/", parts.query, "")))
        finally:
            timer.cancel()
        if is_over.is_set():
            raise TimeoutError("The response was not complete in time.")
        return body
    finally:
        connection.close()


def _connection(parts: SplitResult, timeout_seconds: float) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "http":  # The settings allow it on loopback only.
        return HTTPConnection(host, parts.port, timeout=timeout_seconds)
    return HTTPSConnection(host, parts.port, timeout=timeout_seconds, context=_tls_context())


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _end(connected: socket.socket, is_over: threading.Event) -> None:
    """Make the thread that reads from the socket see its end."""
    is_over.set()
    with suppress(OSError):
        # SSLSocket.shutdown would also end TLS, and then read what follows as plain text.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _body(connection: HTTPConnection, target: str) -> bytes:
    connection.request("GET", target, headers={"Accept": "application/json"})
    response = connection.getresponse()
    if response.status != HTTPStatus.OK:
        raise ValueError(f"The status is {response.status}.")
    body = response.read(LARGEST_BYTES + 1)
    if len(body) > LARGEST_BYTES:
        raise ValueError(f"The response is over {LARGEST_BYTES} bytes.")
    return body
