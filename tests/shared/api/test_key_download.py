"""Downloading a key set from servers that are slow, large, redirected or behind a proxy."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared.api.key_download import LARGEST_BYTES, download
from tests.support.loopback_http import loopback_server
from tests.support.token_issuer import ec_key, issuer

SHORT = 0.2
STATUS_LINE = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def dripping(start: bytes) -> Iterator[str]:
    """Run a server that sends `start` and then one letter at a time without end."""
    stop = threading.Event()

    def serve(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.wfile.write(start)
        while not stop.wait(0.02):
            request.wfile.write(b"z")

    with loopback_server(serve) as url:
        try:
            yield url
        finally:
            stop.set()


@contextmanager
def silent() -> Iterator[str]:
    """Run a server that accepts requests and sends nothing."""
    stop = threading.Event()

    def serve(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        stop.wait(30)

    with loopback_server(serve) as url:
        try:
            yield url
        finally:
            stop.set()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a self-signed certificate for localhost and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(ec_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(ec_key(), hashes.SHA256())
    )
    secret = ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return file


@pytest.mark.parametrize("start", [STATUS_LINE + b"X-Slow: ", STATUS_LINE + b"\r\n"])
def test_a_server_that_sends_slowly_without_end_is_cut_off(start: bytes) -> None:
    with dripping(start) as url, pytest.raises((OSError, HTTPException)):
        download(f"{url}/jwks", timeout_seconds=SHORT)


def test_a_server_that_sends_nothing_is_cut_off() -> None:
    with silent() as url, pytest.raises((OSError, HTTPException)):
        download(f"{url}/jwks", timeout_seconds=SHORT)


def test_a_body_may_have_256_kib_and_no_more() -> None:
    with issuer(body=b" " * LARGEST_BYTES) as server:
        body = download(server.url, timeout_seconds=3)
        server.body = body + b" "

        with pytest.raises(ValueError, match="over 262144 bytes"):
            download(server.url, timeout_seconds=3)

    assert len(body) == LARGEST_BYTES


@pytest.mark.parametrize("status", [204, 301, 302, 303, 307, 308, 404, 500])
def test_only_status_200_counts_and_no_redirect_is_followed(status: int) -> None:
    with (
        issuer(body=b"{}") as target,
        issuer(status=status, headers={"Location": target.url}, body=b"") as server,
        pytest.raises(ValueError, match=str(status)),
    ):
        download(server.url, timeout_seconds=3)

    assert target.paths == []


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with issuer(body=b"proxied") as proxy, issuer(body=b"direct") as server:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")

        body = download(f"{server.url}?version=1", timeout_seconds=3)

    assert (body, server.paths, proxy.paths) == (b"direct", ["/jwks?version=1"], [])


def test_a_certificate_that_is_not_trusted_is_rejected(certificate: Path) -> None:
    paths: list[str] = []
    with (
        loopback_server(lambda request: paths.append(request.path), certificate=certificate) as url,
        pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        download(f"{url}/jwks", timeout_seconds=3)

    assert paths == []
