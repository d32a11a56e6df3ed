import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from shared.domain.errors import SignatureInvalid
from shared.mail.certificates import LARGEST_BYTES, CertificateFiles
from tests.support.loopback_http import loopback_server
from tests.support.sns_signer import CERTIFICATE_URL


def files(respond: Callable[[httpx.Request], httpx.Response], *clock: float) -> CertificateFiles:
    ticks = iter(clock)
    return CertificateFiles(
        ssl.create_default_context(),
        transport=httpx.MockTransport(respond),
        clock=lambda: next(ticks, 0.0),
    )


def rejection(respond: Callable[[httpx.Request], httpx.Response], *clock: float) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        files(respond, *clock).fetch(CERTIFICATE_URL)
    return caught.value.message


def test_the_file_is_returned_unchanged() -> None:
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(200, content=iter([b"x" * LARGEST_BYTES]))

    content = files(respond).fetch(CERTIFICATE_URL)

    assert b"x" * LARGEST_BYTES == content
    assert [("GET", CERTIFICATE_URL)] == [(each.method, str(each.url)) for each in requests]
    assert "identity" == requests[0].headers["accept-encoding"]


@pytest.mark.parametrize("status", [204, 301, 302, 307, 403, 404, 500])
def test_only_status_200_is_accepted_and_redirects_are_not_followed(status: int) -> None:
    requests: list[str] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(str(request.url))
        return httpx.Response(status, headers={"Location": "http://169.254.169.254/"})

    assert f"returned {status}" in rejection(respond)
    assert [CERTIFICATE_URL] == requests


def test_a_large_file_is_not_read_to_the_end() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"x" * 1024

    assert "exceeds 16 KiB" in rejection(lambda _: httpx.Response(200, content=endless()))
    assert LARGEST_BYTES // 1024 + 1 == len(read)


def test_a_slow_download_is_aborted() -> None:
    chunks = iter([b"x"] * 10)

    message = rejection(lambda _: httpx.Response(200, content=chunks), 0.0, 1.0, 3.1)

    assert "over 3 seconds" in message
    assert 8 == len(list(chunks))


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_a_server_that_does_not_respond_is_an_invalid_signature(
    error: type[httpx.TransportError],
) -> None:
    def respond(_: httpx.Request) -> httpx.Response:
        raise error("broken")

    assert "does not respond" in rejection(respond)


def send_pem(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "3")
    handler.end_headers()
    handler.wfile.write(b"pem")


def test_proxies_from_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with loopback_server(send_pem) as url:
        content = CertificateFiles(ssl.create_default_context()).fetch(f"{url}/a.pem")

    assert b"pem" == content
