import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from infra.local.gateway import MAX_BODY_BYTES, Request, Response
from infra.local.http_server import HttpServer
from infra.local.service import _serving
from tests.support.waiting import until

pytestmark = pytest.mark.long


class RecordingHandler:
    """Records every request and returns the same response."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        """Record the request."""
        self.requests.append(request)
        return self.response


@contextmanager
def serving(response: Response | None = None) -> Iterator[tuple[HttpServer, RecordingHandler]]:
    with HttpServer(0) as server:
        recorder = RecordingHandler(response or Response(status=200, headers=(), body=b"fine"))
        server.handler = recorder
        with _serving(server):
            yield server, recorder


def address_of(server: HttpServer) -> tuple[str, int]:
    url = httpx.URL(server.url)
    return url.host, url.port or 0


def raw(server: HttpServer, request: bytes) -> bytes:
    with socket.create_connection(address_of(server), timeout=20) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65_536), b""))


def test_a_request_arrives_as_it_was_sent() -> None:
    with serving() as (server, recorder):
        httpx.put(f"{server.url}/a%20b?x=%C3%BC&y", content=b"body", headers={"X-One": "1"})

    (request,) = recorder.requests
    assert request.method == "PUT"
    assert request.target == "/a%20b?x=%C3%BC&y"
    assert request.body == b"body"
    assert request.source_ip == "127.0.0.1"
    assert ("x-one", "1") in [(name.lower(), value) for name, value in request.headers]


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"])
def test_every_method_reaches_the_handler(method: str) -> None:
    with serving() as (server, recorder):
        response = httpx.request(method, server.url)

    assert response.text == "fine"
    assert [each.method for each in recorder.requests] == [method]


def test_a_response_arrives_as_the_handler_returned_it() -> None:
    headers = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Type", "text/plain"))
    with serving(Response(status=418, headers=headers, body="ü".encode())) as (server, _):
        response = httpx.get(server.url)

    assert response.status_code == 418
    assert response.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert response.text == "ü"


def test_one_connection_serves_many_requests() -> None:
    with serving() as (server, recorder), httpx.Client() as client:
        connections = {
            client.get(server.url).extensions["network_stream"].get_extra_info("client_addr")
            for _ in range(3)
        }

    assert len(recorder.requests) == 3
    assert len(connections) == 1


def test_head_has_headers_and_no_body() -> None:
    with serving() as (server, _):
        response = httpx.head(server.url)

    assert response.headers["content-length"] == "4"
    assert response.content == b""


def test_a_chunked_body_is_joined() -> None:
    with serving() as (server, recorder):
        httpx.post(server.url, content=iter([b"one ", b"two"]))

    assert recorder.requests[0].body == b"one two"


def test_a_body_of_the_maximum_size_is_accepted() -> None:
    with serving() as (server, recorder):
        response = httpx.post(server.url, content=b"x" * MAX_BODY_BYTES)

    assert response.status_code == 200
    assert len(recorder.requests[0].body) == MAX_BODY_BYTES


@pytest.mark.parametrize("chunked", [False, True])
def test_a_larger_body_is_413_and_does_not_reach_the_handler(*, chunked: bool) -> None:
    body = b"x" * (MAX_BODY_BYTES + 1)
    with serving() as (server, recorder):
        response = httpx.post(server.url, content=iter([body]) if chunked else body)

    assert response.status_code == 413
    assert response.json() == {"message": "Request Entity Too Large"}
    assert recorder.requests == []


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_a_body_of_invalid_length_is_400(request_: bytes) -> None:
    with serving() as (server, recorder):
        response = raw(server, request_)

    assert response.startswith(b"HTTP/1.1 400 ")
    assert recorder.requests == []


def test_a_client_that_hangs_up_does_not_affect_other_requests() -> None:
    with serving() as (server, _):
        with socket.create_connection(address_of(server), timeout=20) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n")
        response = httpx.get(server.url)

    assert response.status_code == 200


def test_each_request_is_logged_without_its_query(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="infra.local.http_server"), serving() as (server, _):
        httpx.get(f"{server.url}/path?state=secret")
        assert until(lambda: bool(caplog.messages))

    (line,) = caplog.messages
    assert line.startswith("GET /path 200 ")
    assert line.endswith(" ms")


def test_an_error_of_the_handler_is_a_500_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Request) -> Response:
        raise RuntimeError("a programming error")

    with serving() as (server, _):
        server.handler = fail
        response = httpx.get(server.url)

    assert response.status_code == 500
    assert response.json() == {"message": "Internal Server Error"}
    assert "a programming error" in caplog.text


def test_trailers_after_a_chunked_body_are_ignored() -> None:
    chunks = b"3\r\none\r\n0\r\nX-Check: 1\r\n\r\n"
    with serving() as (server, recorder):
        raw(server, b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)

    assert [request.body for request in recorder.requests] == [b"one"]
