import ssl
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from shared.domain.errors import SignatureInvalid
from shared.mail.certificates import LARGEST_BYTES, CertificateFiles
from tests.support.loopback_http import serving
from tests.support.sns_signer import CERTIFICATE_URL


def files(answer: Callable[[httpx.Request], httpx.Response], *clock: float) -> CertificateFiles:
    ticks = iter(clock)
    return CertificateFiles(
        ssl.create_default_context(),
        transport=httpx.MockTransport(answer),
        clock=lambda: next(ticks, 0.0),
    )


def refused(answer: Callable[[httpx.Request], httpx.Response], *clock: float) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        files(answer, *clock).fetch(CERTIFICATE_URL)
    return caught.value.message


def test_the_file_is_returned_as_it_is() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=iter([b"x" * LARGEST_BYTES]))

    found = files(answer).fetch(CERTIFICATE_URL)

    assert b"x" * LARGEST_BYTES == found
    assert [("GET", CERTIFICATE_URL)] == [(each.method, str(each.url)) for each in asked]
    assert "identity" == asked[0].headers["accept-encoding"]


@pytest.mark.parametrize("status", [204, 301, 302, 307, 403, 404, 500])
def test_only_a_200_counts_and_no_redirect_is_followed(status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(status, headers={"Location": "http://169.254.169.254/"})

    assert f"answers {status}" in refused(answer)
    assert [CERTIFICATE_URL] == asked


def test_a_large_file_is_not_read_to_its_end() -> None:
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        for number in range(1000):
            read.append(number)
            yield b"x" * 1024

    assert "over 16 KiB" in refused(lambda _: httpx.Response(200, content=endless()))
    assert LARGEST_BYTES // 1024 + 1 == len(read)


def test_a_slow_file_is_given_up() -> None:
    chunks = iter([b"x"] * 10)

    told = refused(lambda _: httpx.Response(200, content=chunks), 0.0, 1.0, 3.1)

    assert "over 3 seconds" in told
    assert 8 == len(list(chunks))


@pytest.mark.parametrize(
    "error", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError]
)
def test_an_address_that_does_not_answer_proves_nothing(error: type[httpx.TransportError]) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        raise error("broken")

    assert "does not answer" in refused(answer)


def hand_out(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "3")
    handler.end_headers()
    handler.wfile.write(b"pem")


def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    with serving(hand_out) as url:
        found = CertificateFiles(ssl.create_default_context()).fetch(f"{url}/a.pem")

    assert b"pem" == found
