import contextlib
import gzip
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from infra.local.simulators.google import GoogleSimulator, serve
from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.providers.http import HttpClient, HttpResponse, shared_http
from shared.providers.limits import Deadline

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=10)
PATH = "/oauth2/v3/certs"


@pytest.fixture
def simulator() -> Iterator[GoogleSimulator]:
    with serve() as served:
        yield served


@pytest.fixture
def http() -> Iterator[HttpClient]:
    client = HttpClient()
    yield client
    client.close()


def send(
    respond: Callable[[httpx.Request], httpx.Response], *, max_bytes: int = 1000
) -> HttpResponse:
    client = HttpClient(httpx.MockTransport(respond))
    try:
        return client.send(
            "GET", "https://x.example/", deadline=Deadline(LONG), max_bytes=max_bytes
        )
    finally:
        client.close()


def test_a_response_is_returned_whatever_its_status(
    http: HttpClient, simulator: GoogleSimulator
) -> None:
    simulator.break_next({"status": 418, "body": {"a": 1}})

    response = http.send("GET", simulator.url + PATH, deadline=Deadline(LONG))

    assert (418, {"a": 1}, False) == (response.status, response.json(), response.is_success)


def test_a_response_of_exactly_the_limit_is_read() -> None:
    assert 1000 == len(send(lambda _: httpx.Response(200, content=b"x" * 1000)).body)


def test_a_longer_response_is_not_read_to_its_end() -> None:
    with pytest.raises(CalendarTooLarge):
        send(lambda _: httpx.Response(200, content=b"x" * 1001))


def test_a_compressed_response_is_measured_decompressed() -> None:
    packed = gzip.compress(b"x" * 100_000)

    with pytest.raises(CalendarTooLarge):
        send(lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))


def test_a_response_with_broken_compression_is_a_transient_failure() -> None:
    with pytest.raises(ProviderUnavailable):
        send(lambda _: httpx.Response(200, content=b"no", headers={"Content-Encoding": "gzip"}))


def test_a_redirect_is_not_followed(http: HttpClient, simulator: GoogleSimulator) -> None:
    simulator.break_next({"status": 302, "headers": {"Location": simulator.url + PATH}})

    response = http.send("GET", simulator.url + PATH, deadline=Deadline(LONG))

    assert (302, 1) == (response.status, len(simulator.requests))


def test_a_proxy_in_the_environment_is_not_used(
    simulator: GoogleSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    client = HttpClient()

    response = client.send("GET", simulator.url + PATH, deadline=Deadline(LONG))
    client.close()

    assert 200 == response.status


@pytest.mark.parametrize(("method", "unsettled"), [("GET", False), ("POST", True)])
@pytest.mark.parametrize("kind", ["timeout_before", "drop_after", "truncate"])
def test_a_write_without_a_complete_response_is_unsettled(
    http: HttpClient,
    simulator: GoogleSimulator,
    kind: str,
    method: str,
    unsettled: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    simulator.break_next({"kind": kind})

    with pytest.raises(ProviderUnavailable) as caught:
        http.send(method, simulator.url + PATH, deadline=Deadline(SHORT))

    assert unsettled == caught.value.unsettled


def test_a_write_that_was_never_sent_is_not_unsettled(http: HttpClient) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]

        with pytest.raises(ProviderUnavailable) as caught:
            http.send("POST", f"http://127.0.0.1:{port}/", deadline=Deadline(LONG))

    assert not caught.value.unsettled


def test_a_slow_response_is_abandoned_at_the_deadline() -> None:
    deadline = Deadline(SHORT)

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            with contextlib.suppress(TimeoutError):
                while deadline.remaining():
                    pass
            yield b"too late"

    client = HttpClient(httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip())))

    with pytest.raises(ProviderUnavailable):
        client.send("GET", "https://x.example/", deadline=deadline)

    client.close()


def test_no_request_is_sent_after_the_deadline(
    http: HttpClient, simulator: GoogleSimulator
) -> None:
    with pytest.raises(ProviderUnavailable):
        http.send("GET", simulator.url + PATH, deadline=Deadline(timedelta(0)))

    assert [] == simulator.requests


def test_the_process_shares_one_client() -> None:
    assert shared_http() is shared_http()
