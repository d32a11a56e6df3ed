import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from infra.local.front import Front
from infra.local.gateway import MAX_BODY_BYTES, Request, Response
from infra.local.server import _serving
from tests.support.waiting import until


class Recorder:
    """Answers every request alike and keeps it."""

    def __init__(self, answer: Response) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Keep the request."""
        self.requests.append(request)
        return self.answer


@contextmanager
def serving(answer: Response | None = None) -> Iterator[tuple[Front, Recorder]]:
    with Front(0) as front:
        recorder = Recorder(answer or Response(status=200, headers=(), body=b"fine"))
        front.answer = recorder
        with _serving(front):
            yield front, recorder


def address(front: Front) -> tuple[str, int]:
    url = httpx.URL(front.url)
    return url.host, url.port or 0


def raw(front: Front, request: bytes) -> bytes:
    with socket.create_connection(address(front), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_request_arrives_as_it_was_sent() -> None:
    with serving() as (front, recorder):
        httpx.put(f"{front.url}/a%20b?x=%C3%BC&y", content=b"body", headers={"X-One": "1"})

    (request,) = recorder.requests
    assert request.method == "PUT"
    assert request.target == "/a%20b?x=%C3%BC&y"
    assert request.body == b"body"
    assert request.source_ip == "127.0.0.1"
    assert ("x-one", "1") in [(name.lower(), value) for name, value in request.headers]


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_what_a_method_is_good_for_is_not_for_the_front_to_say(method: str) -> None:
    with serving() as (front, recorder):
        answered = httpx.request(method, front.url)

    assert answered.text == "fine"
    assert [each.method for each in recorder.requests] == [method]


def test_an_answer_arrives_as_it_was_given() -> None:
    headers = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Type", "text/plain"))
    with serving(Response(status=418, headers=headers, body="ü".encode())) as (front, _):
        answer = httpx.get(front.url)

    assert answer.status_code == 418
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert answer.text == "ü"


def test_one_connection_serves_many_requests() -> None:
    with serving() as (front, recorder), httpx.Client() as client:
        connections = {
            client.get(front.url).extensions["network_stream"].get_extra_info("client_addr")
            for _ in range(3)
        }

    assert len(recorder.requests) == 3
    assert len(connections) == 1


def test_head_has_headers_and_no_body() -> None:
    with serving() as (front, _):
        answer = httpx.head(front.url)

    assert answer.headers["content-length"] == "4"
    assert answer.content == b""


def test_a_chunked_body_is_put_together() -> None:
    with serving() as (front, recorder):
        httpx.post(front.url, content=iter([b"one ", b"two"]))

    assert recorder.requests[0].body == b"one two"


def test_the_largest_body_is_taken() -> None:
    with serving() as (front, recorder):
        answer = httpx.post(front.url, content=b"x" * MAX_BODY_BYTES)

    assert answer.status_code == 200
    assert len(recorder.requests[0].body) == MAX_BODY_BYTES


@pytest.mark.parametrize("chunked", [False, True])
def test_a_larger_body_is_413_and_reaches_nobody(*, chunked: bool) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    with serving() as (front, recorder):
        answer = httpx.post(front.url, content=iter([body]) if chunked else body)

    assert answer.status_code == 413
    assert answer.json() == {"message": "Request Entity Too Large"}
    assert recorder.requests == []


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_body_nobody_can_measure_is_400(request_: bytes) -> None:
    with serving() as (front, recorder):
        answer = raw(front, request_)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert recorder.requests == []


def test_a_client_that_hangs_up_disturbs_nobody() -> None:
    with serving() as (front, _):
        with socket.create_connection(address(front), timeout=20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
        answer = httpx.get(front.url)

    assert answer.status_code == 200


def test_each_request_is_logged_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="infra.local.front"), serving() as (front, _):
        httpx.get(f"{front.url}/path?state=secret")
        assert until(lambda: bool(caplog.messages))

    (line,) = caplog.messages
    assert line.startswith("GET /path 200 ")
    assert line.endswith(" ms")


def test_what_goes_wrong_in_the_front_itself_is_a_500_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Request) -> Response:
        raise RuntimeError("a fault of our own")

    with serving() as (front, _):
        front.answer = fail
        answer = httpx.get(front.url)

    assert answer.status_code == 500
    assert answer.json() == {"message": "Internal Server Error"}
    assert "a fault of our own" in caplog.text


def test_trailers_after_a_chunked_body_are_read_away() -> None:
    chunks = b"3\r\none\r\n0\r\nX-Check: 1\r\n\r\n"
    with serving() as (front, recorder):
        raw(front, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert [request.body for request in recorder.requests] == [b"one"]
