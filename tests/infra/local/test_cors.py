from collections.abc import Mapping

import pytest

from infra.local.cors import Cors
from infra.local.environment import front_ends
from infra.local.gateway import Request, Response

FRONT_END = "https://app.platform.test"
EXPOSED = "apigw-requestid,retry-after,www-authenticate,x-request-id"
FINE = Response(status=200, headers=(("content-type", "application/json"),), body=b"{}")


def send(cors: Cors, method: str = "GET", **headers: str) -> tuple[Response, list[Request]]:
    """Return the response, and the requests that reached the service."""
    reached: list[Request] = []

    def handle(request: Request) -> Response:
        reached.append(request)
        return FINE

    sent = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    request = Request(method=method, target="/", headers=sent, body=b"", source_ip="127.0.0.1")
    return cors.respond(request, handle), reached


def cors_headers(response: Response) -> Mapping[str, str]:
    return {
        name.removeprefix("access-control-"): value
        for name, value in response.headers
        if name.startswith("access-control-")
    }


@pytest.mark.parametrize(
    "origin",
    ["http://127.0.0.1:3000", "http://localhost:5173", "http://[::1]:80", FRONT_END],
)
def test_loopback_pages_and_front_ends_may_call_with_credentials(origin: str) -> None:
    response, reached = send(Cors([FRONT_END]), Origin=origin)

    assert 1 == len(reached)
    assert FINE.headers[0] in response.headers
    assert ("vary", "origin") in response.headers
    assert {
        "allow-origin": origin,
        "allow-credentials": "true",
        "expose-headers": EXPOSED,
    } == cors_headers(response)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "https://app.platform.test.evil.test",
        "http://app.platform.test",
        "http://127.0.0.1.evil.test",
        "null",
        "*",
    ],
)
def test_other_pages_get_no_permission(origin: str) -> None:
    cors = Cors([FRONT_END])

    response, _ = send(cors, Origin=origin)
    preflight, reached = send(cors, "OPTIONS", Origin=origin, Access_Control_Request_Method="GET")

    assert ({}, {}) == (cors_headers(response), cors_headers(preflight))
    assert [] == reached


def test_a_preflight_reaches_no_function() -> None:
    response, reached = send(
        Cors(),
        "OPTIONS",
        Origin="http://127.0.0.1:3000",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="authorization",
    )

    assert (204, []) == (response.status, reached)
    assert {
        "allow-origin": "http://127.0.0.1:3000",
        "allow-credentials": "true",
        "allow-methods": "GET,HEAD,POST,PUT,DELETE",
        "allow-headers": "authorization,content-type",
        "expose-headers": EXPOSED,
        "max-age": "3600",
    } == cors_headers(response)


def test_a_request_without_an_origin_is_handled_without_cors() -> None:
    response, reached = send(Cors())

    assert (FINE, 1) == (response, len(reached))


def test_options_without_a_requested_method_is_no_preflight() -> None:
    _, reached = send(Cors(), "OPTIONS", Origin=FRONT_END)

    assert 1 == len(reached)


def test_front_ends_come_from_a_variable() -> None:
    assert () == front_ends({})
    assert (FRONT_END, "https://b.test") == front_ends(
        {"FRONT_ENDS": f"{FRONT_END}, https://b.test,"}
    )


def test_a_front_end_that_is_no_origin_is_named() -> None:
    with pytest.raises(ValueError, match=r"FRONT_ENDS.*\*"):
        Cors(["*"])


@pytest.mark.parametrize("front_end", ["http://app.platform.test", "https://a.test/page"])
def test_a_front_end_that_is_no_https_origin_is_named(front_end: str) -> None:
    with pytest.raises(ValueError, match=f"FRONT_ENDS.*{front_end}"):
        Cors([front_end])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "https://evil.test", "Host": "127.0.0.1:8000"},
        {"Host": "evil.test:8000"},
        {"Host": "127.0.0.1.evil.test"},
    ],
)
def test_a_page_of_another_origin_or_host_is_foreign(headers: Mapping[str, str]) -> None:
    assert Cors([FRONT_END]).is_foreign(sent(headers))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Host": "127.0.0.1:8000"},
        {"Host": "LOCALHOST:8000"},
        {"Host": "[::1]:8000", "Origin": "http://127.0.0.1:3000"},
        {"Host": "localhost", "Origin": FRONT_END},
    ],
)
def test_a_program_and_a_page_of_this_machine_are_not_foreign(headers: Mapping[str, str]) -> None:
    assert not Cors([FRONT_END]).is_foreign(sent(headers))


def sent(headers: Mapping[str, str]) -> Request:
    return Request(
        method="POST",
        target="/_local/clock",
        headers=tuple(headers.items()),
        body=b"",
        source_ip="127.0.0.1",
    )
