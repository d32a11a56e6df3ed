"""The errors raised for Graph's responses, and the requests sent to it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.domain.errors import (
    AccessExpired,
    CalendarTooLarge,
    CredentialInvalid,
    ProviderFailure,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.providers.http import HttpClient, shared_http
from shared.providers.microsoft.graph import GraphCall, GraphClient, segment

TIMEOUT = timedelta(seconds=5)
SECONDS = timedelta(seconds=1)


class ScriptedTransport(httpx.BaseTransport):
    """Returns the same response to every request, or raises the same exception."""

    def __init__(self) -> None:
        self.response: httpx.Response | Exception = httpx.Response(200, json={})
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.response, Exception):
            raise self.response
        return self.response


@pytest.fixture
def transport() -> ScriptedTransport:
    return ScriptedTransport()


@pytest.fixture
def call(transport: ScriptedTransport) -> Iterator[GraphCall]:
    http = HttpClient(transport)
    yield GraphClient("https://graph.example/v1.0/", http).call("t0ken", TIMEOUT)
    http.close()


def error(status: int, code: str = "x", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code}}, headers=headers)


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (error(400, "ErrorInvalidRequest"), ProviderRejected),
        (error(401, "InvalidAuthenticationToken"), AccessExpired),
        (httpx.Response(401), AccessExpired),
        (error(402), ProviderRejected),
        (error(403, "ErrorAccessDenied"), CredentialInvalid),
        (error(403, "Authorization_RequestDenied"), CredentialInvalid),
        (httpx.Response(403, text="<html>"), ProviderUnavailable),
        (error(403, "UnknownError"), ProviderUnavailable),
        (error(403, "ErrorSomethingNew"), ProviderRejected),
        (error(403, "ErrorQuotaExceeded"), ProviderRejected),
        (error(404, "ErrorItemNotFound"), ProviderRejected),
        (error(404, "MailboxNotEnabledForRESTAPI"), ProviderUnavailable),
        (error(408), ProviderUnavailable),
        (error(409), ProviderRejected),
        (error(413), ProviderRejected),
        (error(425), ProviderUnavailable),
        (error(429, "ApplicationThrottled"), ProviderUnavailable),
        (error(500), ProviderUnavailable),
        (error(502), ProviderUnavailable),
        (error(503), ProviderUnavailable),
        (error(504), ProviderUnavailable),
        (error(509), ProviderUnavailable),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), ProviderUnavailable),
        (httpx.Response(200, text="<html>Sign in</html>"), ProviderUnavailable),
        (httpx.Response(200, text='{"value": ['), ProviderUnavailable),
        (httpx.Response(200, text="[" * 100_000), ProviderUnavailable),
        (httpx.Response(200, text="[]"), ProviderUnavailable),
        (httpx.Response(200), ProviderUnavailable),
    ],
)
def test_the_status_decides_the_error(
    transport: ScriptedTransport,
    call: GraphCall,
    response: httpx.Response,
    failure: type[ProviderFailure],
) -> None:
    transport.response = response

    with pytest.raises(failure) as caught:
        call.request("GET", "/me/calendar")

    assert failure is type(caught.value)
    assert 1 == len(transport.requests)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "12"}, 12 * SECONDS),
        ({"Retry-After": "0"}, 0 * SECONDS),
        ({"Retry-After": "99999999999999999999"}, 86_400 * SECONDS),
        ({}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": f"Mon, 02 Mar {'9' * 20} 10:00:30 GMT"}, None),
        ({"Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT"}, None),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 10:00:30 GMT",
                "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            },
            30 * SECONDS,
        ),
        (
            {
                "Retry-After": "Mon, 02 Mar 2026 09:00:00 GMT",
                "Date": "Mon, 02 Mar 2026 10:00:00 GMT",
            },
            0 * SECONDS,
        ),
    ],
)
@pytest.mark.parametrize("status", [429, 503, 504])
def test_the_wait_is_taken_from_retry_after(
    transport: ScriptedTransport,
    call: GraphCall,
    status: int,
    headers: dict[str, str],
    wait: timedelta | None,
) -> None:
    transport.response = error(status, **headers)

    with pytest.raises(ProviderUnavailable) as caught:
        call.request("GET", "/me")

    assert wait == caught.value.retry_after


@pytest.mark.parametrize(
    ("response", "method", "unsettled"),
    [
        (error(429), "POST", False),
        (error(503), "POST", True),
        (error(500), "DELETE", True),
        (error(500), "GET", False),
        (httpx.Response(200, text="{"), "PATCH", True),
        (httpx.Response(200, text="{"), "GET", False),
        (httpx.ConnectError("no route"), "POST", False),
        (httpx.ConnectTimeout("slow"), "POST", False),
        (httpx.PoolTimeout("full"), "POST", False),
        (httpx.ReadTimeout("silent"), "POST", True),
        (httpx.ReadTimeout("silent"), "GET", False),
        (httpx.WriteTimeout("stuck"), "PATCH", True),
        (httpx.RemoteProtocolError("cut"), "DELETE", True),
    ],
)
def test_a_write_that_may_have_been_done_is_unsettled(
    transport: ScriptedTransport,
    call: GraphCall,
    response: httpx.Response | Exception,
    method: str,
    unsettled: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    transport.response = response

    with pytest.raises(ProviderUnavailable) as caught:
        call.request(method, "/me/events/1")

    assert unsettled == caught.value.unsettled


def test_an_expected_status_is_returned(transport: ScriptedTransport, call: GraphCall) -> None:
    transport.response = error(404, "ErrorItemNotFound")

    response = call.request("DELETE", "/me/events/1", expected={404})

    assert (404, "ErrorItemNotFound") == (response.status, response.error_code)


@pytest.mark.parametrize("body", [{"error": "plain"}, {"error": {"code": 7}}, {}])
def test_an_error_without_a_code_has_an_empty_code(
    transport: ScriptedTransport, call: GraphCall, body: dict[str, Any]
) -> None:
    transport.response = httpx.Response(409, json=body)

    assert "" == call.request("GET", "/me", expected={409}).error_code


def test_an_overlong_error_code_is_ignored(transport: ScriptedTransport, call: GraphCall) -> None:
    transport.response = error(409, "x" * 1_000)

    assert "" == call.request("GET", "/me", expected={409}).error_code


@pytest.mark.parametrize("code", ["", "UnknownError", "ResourceNotFound"])
def test_only_graphs_own_code_says_that_an_item_does_not_exist(
    transport: ScriptedTransport, call: GraphCall, code: str
) -> None:
    transport.response = error(404, code)
    with pytest.raises(ProviderUnavailable) as raised:
        call.request("GET", "/me/events/1", expected={404})
    assert raised.value.answered

    transport.response = error(404, "ErrorItemNotFound")
    assert call.request("GET", "/me/events/1", expected={404}).is_gone


def test_a_response_without_a_body_has_empty_content(
    transport: ScriptedTransport, call: GraphCall
) -> None:
    transport.response = httpx.Response(204)

    assert {} == call.request("DELETE", "/me/events/1").content


def test_the_query_is_percent_encoded_once(transport: ScriptedTransport, call: GraphCall) -> None:
    path, query = f"/me/events/{segment('A/B+C=')}", {"$filter": "a eq 'x+y %41'"}
    call.request("GET", path, query=query, expected={200})

    (request,) = transport.requests
    assert (
        "https://graph.example/v1.0/me/events/A%2FB%2BC%3D?$filter=a%20eq%20%27x%2By%20%2541%27"
        == str(request.url)
    )


def test_every_request_prefers_immutable_ids_and_utc(
    transport: ScriptedTransport, call: GraphCall
) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        call.request(method, "/me/events/1", expected={200})

    assert {'IdType="ImmutableId", outlook.timezone="UTC"'} == {
        each.headers["prefer"] for each in transport.requests
    }


def test_a_response_over_five_megabytes_is_not_read_further(
    transport: ScriptedTransport, call: GraphCall
) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield b"x" * 100_000

    transport.response = httpx.Response(200, content=endless())

    with pytest.raises(CalendarTooLarge):
        call.request("GET", "/me")

    assert 5_100_000 == read


def test_a_slow_response_is_abandoned_at_the_deadline(transport: ScriptedTransport) -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            yield b" "

    transport.response = httpx.Response(200, content=trickle())
    http = HttpClient(transport)
    call = GraphClient("https://graph.example/v1.0", http).call("t", timedelta(milliseconds=30))

    with pytest.raises(ProviderUnavailable) as caught:
        call.request("PATCH", "/me/events/1")

    http.close()
    assert caught.value.unsettled


def test_a_call_after_its_deadline_sends_no_request(transport: ScriptedTransport) -> None:
    http = HttpClient(transport)
    late = GraphClient("https://graph.example/v1.0", http).call("t", timedelta())

    with pytest.raises(ProviderUnavailable):
        late.request("POST", "/me/events")

    http.close()
    assert [] == transport.requests


def test_a_cookie_of_one_user_is_never_sent_for_another(
    transport: ScriptedTransport, call: GraphCall
) -> None:
    transport.response = httpx.Response(200, json={}, headers={"Set-Cookie": "who=kim; Path=/"})

    for _ in range(2):
        call.request("GET", "/me", expected={200})

    assert ["who=kim; Path=/"] == transport.response.headers.get_list("set-cookie")
    assert [False, False] == ["cookie" in each.headers for each in transport.requests]


def test_the_process_has_one_client() -> None:
    assert shared_http() is shared_http()


def test_a_failure_never_quotes_the_token(transport: ScriptedTransport, call: GraphCall) -> None:
    transport.response = httpx.ReadTimeout("silent")

    with pytest.raises(ProviderUnavailable) as caught:
        call.request("GET", "/me")

    assert "t0ken" not in f"{caught.value!r} {caught.value.__cause__!r}"
