"""A receiver cannot make this service connect elsewhere, wait, or read without bound."""

import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.domain.errors import ServerUrlNotAllowed
from shared.providers.webhook_receiver import HttpWebhookReceiver
from tests.support.certificates import self_signed
from tests.support.forbidden_addresses import FORBIDDEN_ADDRESSES
from tests.support.loopback_http import (
    ReceivedRequest,
    loopback_server,
    read_request,
    send_response,
)

HOST = "platform.example.com"
SHORT = timedelta(milliseconds=400)
BODY = '{"title":"Zoë"}'
HEADERS = {"Content-Type": "application/json", "Calendar-Attempt": "1"}
ALLOWED_HERE = {"https://dav.example.com/?x=1", "https://localhost/", "https://localhost:9001/"}
"""A webhook's address may have a query; loopback is allowed on one machine only."""


def at_loopback(
    port: int, tls: ssl.SSLContext | None = None, *, timeout: timedelta = timedelta(seconds=5)
) -> HttpWebhookReceiver:
    """Return a client for which the host's name resolves to loopback, which is allowed."""
    return HttpWebhookReceiver(
        allows_loopback=False,
        allowed=frozenset({f"{HOST}:{port}"}),
        resolve=lambda _host, _port: ["127.0.0.1"],
        tls=tls,
        timeout=timeout,
    )


@contextmanager
def recording_receiver(
    status: int = 204, headers: dict[str, str] | None = None, *, certificate: Path | None = None
) -> Iterator[tuple[int, list[ReceivedRequest]]]:
    """Yield the port of a receiver and its requests."""
    requests: list[ReceivedRequest] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        requests.append(read_request(handler))
        send_response(handler, status, headers or {}, b"")

    with loopback_server(serve, certificate=certificate) as url:
        yield urlsplit(url).port or 0, requests


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(HOST, tmp_path_factory.mktemp("tls"))


def test_the_body_and_the_headers_arrive_unchanged() -> None:
    with recording_receiver() as (port, requests):
        answer = at_loopback(port).post(
            f"http://{HOST}:{port}/events?tenant=7", headers=HEADERS, body=BODY
        )

    assert (answer.status_code, answer.problem) == (204, None)
    (request,) = requests
    assert (request.method, request.path, request.body) == ("POST", "/events?tenant=7", BODY)
    assert request.headers["host"] == f"{HOST}:{port}"
    assert request.headers["calendar-attempt"] == "1"


@pytest.mark.parametrize("address", sorted(set(FORBIDDEN_ADDRESSES) - ALLOWED_HERE))
def test_a_forbidden_address_is_rejected_before_any_look_up(address: str) -> None:
    lookups: list[str] = []

    def resolve(host: str, _: int) -> Sequence[str]:
        lookups.append(host)
        return ["17.248.145.10"]

    receiver = HttpWebhookReceiver(allows_loopback=False, resolve=resolve)

    with pytest.raises(ServerUrlNotAllowed):
        receiver.check_address(address)
    assert receiver.post(address, headers={}, body="").problem is not None
    assert lookups == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.8", "64:ff9b::7f00:1", "::ffff:7f00:1"],
)
def test_a_name_that_resolves_to_an_internal_address_gets_no_request(address: str) -> None:
    with recording_receiver() as (_, requests):
        receiver = HttpWebhookReceiver(
            allows_loopback=False, resolve=lambda _host, _port: ["17.248.145.10", address]
        )

        answer = receiver.post(f"https://{HOST}/", headers=HEADERS, body=BODY)

    assert answer.status_code is None
    assert answer.problem == "The server's name resolves to an address that is not public."
    assert requests == []


def test_plain_http_is_allowed_on_loopback_of_one_machine_only() -> None:
    with recording_receiver() as (port, requests):
        url = f"http://127.0.0.1:{port}/"
        here = HttpWebhookReceiver(allows_loopback=True).post(url, headers=HEADERS, body=BODY)
        deployed = HttpWebhookReceiver(allows_loopback=False).post(url, headers={}, body=BODY)

    assert here.problem is None
    assert deployed.status_code is None
    assert len(requests) == 1
    with pytest.raises(ServerUrlNotAllowed):
        HttpWebhookReceiver(allows_loopback=True).check_address("http://platform.example.com/")
    with pytest.raises(ServerUrlNotAllowed):
        HttpWebhookReceiver(allows_loopback=True).check_address("http://192.168.1.1/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_is_not_followed(status: int) -> None:
    with recording_receiver() as (target, followed):
        location = {"Location": f"http://{HOST}:{target}/"}
        with recording_receiver(status, location) as (port, _):
            answer = at_loopback(port).post(f"http://{HOST}:{port}/", headers={}, body=BODY)

    assert answer.status_code == status
    assert answer.problem == "redirect, which is not followed"
    assert followed == []


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_an_error_status_is_a_failure(status: int) -> None:
    with recording_receiver(status) as (port, _):
        answer = at_loopback(port).post(f"http://{HOST}:{port}/", headers={}, body=BODY)

    assert (answer.status_code, answer.problem) == (status, f"status {status}")


def test_a_verified_certificate_is_accepted(certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))
    with recording_receiver(certificate=certificate) as (port, requests):
        answer = at_loopback(port, tls).post(f"https://{HOST}:{port}/", headers={}, body=BODY)

    assert answer.problem is None
    assert len(requests) == 1


def test_a_certificate_for_another_name_or_of_an_unknown_issuer_gets_no_request(
    certificate: Path, tmp_path: Path
) -> None:
    other = self_signed("other.example.com", tmp_path)
    trusting = ssl.create_default_context(cafile=str(other))
    for tls, server in ((trusting, other), (None, certificate)):
        with recording_receiver(certificate=server) as (port, requests):
            answer = at_loopback(port, tls).post(f"https://{HOST}:{port}/", headers={}, body=BODY)

        assert answer.status_code is None
        assert answer.problem == "TLS: CERTIFICATE_VERIFY_FAILED"
        assert requests == []


def test_a_receiver_that_does_not_answer_is_left_at_the_time_limit() -> None:
    released = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        read_request(handler)
        released.wait(20)

    with loopback_server(wait) as url:
        port = urlsplit(url).port or 0
        answer = at_loopback(port, timeout=SHORT).post(
            f"http://{HOST}:{port}/", headers={}, body=BODY
        )
        released.set()

    assert (answer.status_code, answer.problem) == (None, "time-out")
    assert answer.milliseconds < 5000


def test_headers_that_never_end_are_left_at_the_time_limit() -> None:
    released = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        read_request(handler)
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not released.wait(0.02):
            handler.wfile.write(b"X")

    with loopback_server(drip) as url:
        port = urlsplit(url).port or 0
        answer = at_loopback(port, timeout=SHORT).post(
            f"http://{HOST}:{port}/", headers={}, body=BODY
        )
        released.set()

    assert (answer.status_code, answer.problem) == (None, "time-out")


def test_the_body_of_an_answer_is_not_read() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        read_request(handler)
        handler.send_response(200)
        handler.end_headers()
        while True:  # ends when the client closes the connection
            handler.wfile.write(b"x" * 65_536)

    with loopback_server(endless) as url:
        port = urlsplit(url).port or 0
        answer = at_loopback(port).post(f"http://{HOST}:{port}/", headers={}, body=BODY)

    assert (answer.status_code, answer.problem) == (200, None)


@pytest.mark.parametrize("sent", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x16\x03"])
def test_something_that_is_not_http_is_a_failure(sent: bytes) -> None:
    def answer_with(handler: BaseHTTPRequestHandler) -> None:
        read_request(handler)
        handler.wfile.write(sent)
        handler.close_connection = True

    with loopback_server(answer_with) as url:
        port = urlsplit(url).port or 0
        answer = at_loopback(port).post(f"http://{HOST}:{port}/", headers={}, body=BODY)

    assert (answer.status_code, answer.problem) == (None, "no valid HTTP response")


def test_a_port_that_accepts_no_connection_is_a_failure() -> None:
    with recording_receiver() as (port, _):
        pass

    answer = at_loopback(port).post(f"http://{HOST}:{port}/", headers={}, body=BODY)

    assert (answer.status_code, answer.problem) == (None, "no valid HTTP response")
