import contextlib
import gzip
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest

from infra.local.simulators.google import GoogleSimulator, serve
from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.providers.http import Answer, Deadline, Http, shared_http

SHORT = timedelta(milliseconds=300)
LONG = timedelta(seconds=10)
PATH = "/oauth2/v3/certs"


@pytest.fixture
def simulator() -> Iterator[GoogleSimulator]:
    with serve() as served:
        yield served


@pytest.fixture
def http() -> Iterator[Http]:
    sender = Http()
    yield sender
    sender.close()


def told(respond: Callable[[httpx.Request], httpx.Response], *, longest: int = 1000) -> Answer:
    sender = Http(httpx.MockTransport(respond))
    try:
        return sender.send("GET", "https://x.example/", deadline=Deadline(LONG), longest=longest)
    finally:
        sender.close()


def test_an_answer_comes_whole_whatever_its_status(http: Http, simulator: GoogleSimulator) -> None:
    simulator.break_next({"status": 418, "body": {"a": 1}})

    answer = http.send("GET", simulator.url + PATH, deadline=Deadline(LONG))

    assert (418, {"a": 1}, False) == (answer.status, answer.json(), answer.is_success)


def test_an_answer_of_just_the_limit_is_read() -> None:
    assert 1000 == len(told(lambda _: httpx.Response(200, content=b"x" * 1000)).body)


def test_a_longer_answer_is_not_read_to_its_end() -> None:
    with pytest.raises(CalendarTooLarge):
        told(lambda _: httpx.Response(200, content=b"x" * 1001))


def test_a_compressed_answer_is_measured_unpacked() -> None:
    packed = gzip.compress(b"x" * 100_000)

    with pytest.raises(CalendarTooLarge):
        told(lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))


def test_an_answer_packed_wrongly_is_a_passing_fault() -> None:
    with pytest.raises(ProviderUnavailable):
        told(lambda _: httpx.Response(200, content=b"no", headers={"Content-Encoding": "gzip"}))


def test_a_redirect_is_not_followed(http: Http, simulator: GoogleSimulator) -> None:
    simulator.break_next({"status": 302, "headers": {"Location": simulator.url + PATH}})

    answer = http.send("GET", simulator.url + PATH, deadline=Deadline(LONG))

    assert (302, 1) == (answer.status, len(simulator.requests))


def test_a_proxy_of_the_environment_is_not_asked(
    simulator: GoogleSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")
    sender = Http()

    answer = sender.send("GET", simulator.url + PATH, deadline=Deadline(LONG))
    sender.close()

    assert 200 == answer.status


@pytest.mark.parametrize(("method", "unsettled"), [("GET", False), ("POST", True)])
@pytest.mark.parametrize("kind", ["timeout_before", "drop_after", "truncate"])
def test_a_write_that_got_no_whole_answer_is_unsettled(
    http: Http,
    simulator: GoogleSimulator,
    kind: str,
    method: str,
    unsettled: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    simulator.break_next({"kind": kind})

    with pytest.raises(ProviderUnavailable) as caught:
        http.send(method, simulator.url + PATH, deadline=Deadline(SHORT))

    assert unsettled == caught.value.unsettled


def test_a_write_that_never_left_is_settled(http: Http) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]

        with pytest.raises(ProviderUnavailable) as caught:
            http.send("POST", f"http://127.0.0.1:{port}/", deadline=Deadline(LONG))

    assert not caught.value.unsettled


def test_an_answer_that_drips_beyond_the_deadline_is_given_up() -> None:
    deadline = Deadline(SHORT)

    class Drip(httpx.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            with contextlib.suppress(TimeoutError):
                while deadline.remaining():
                    pass
            yield b"too late"

    sender = Http(httpx.MockTransport(lambda _: httpx.Response(200, stream=Drip())))

    with pytest.raises(ProviderUnavailable):
        sender.send("GET", "https://x.example/", deadline=deadline)

    sender.close()


def test_no_request_leaves_after_the_deadline(http: Http, simulator: GoogleSimulator) -> None:
    with pytest.raises(ProviderUnavailable):
        http.send("GET", simulator.url + PATH, deadline=Deadline(timedelta(0)))

    assert [] == simulator.requests


def test_every_part_of_the_process_shares_one_client() -> None:
    assert shared_http() is shared_http()
