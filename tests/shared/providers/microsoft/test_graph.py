"""What Graph's answers mean, and what is sent to it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.domain.errors import (
    AccessExpired,
    CalendarTooLarge,
    CredentialDead,
    ProviderFailure,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.providers.http import Http, shared_http
from shared.providers.microsoft.graph import Graph, Talk, segment

TIMEOUT = timedelta(seconds=5)
SECONDS = timedelta(seconds=1)


class Scripted(httpx.BaseTransport):
    """Answers every request with the same, or fails with it."""

    def __init__(self) -> None:
        self.answer: httpx.Response | Exception = httpx.Response(200, json={})
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def talk(scripted: Scripted) -> Iterator[Talk]:
    web = Http(scripted)
    yield Graph("https://graph.example/v1.0/", web).talk("t0ken", TIMEOUT)
    web.close()


def error(status: int, code: str = "x", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"code": code}}, headers=headers)


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (error(400, "ErrorInvalidRequest"), ProviderRefused),
        (error(401, "InvalidAuthenticationToken"), AccessExpired),
        (httpx.Response(401), AccessExpired),
        (error(402), ProviderRefused),
        (error(403, "ErrorAccessDenied"), CredentialDead),
        (error(403, "Authorization_RequestDenied"), CredentialDead),
        (httpx.Response(403, text="<html>"), CredentialDead),
        (error(403, "ErrorQuotaExceeded"), ProviderRefused),
        (error(404, "ErrorItemNotFound"), ProviderRefused),
        (error(404, "MailboxNotEnabledForRESTAPI"), ProviderRefused),
        (error(408), ProviderUnavailable),
        (error(409), ProviderRefused),
        (error(413), ProviderRefused),
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
def test_an_answer_means(
    scripted: Scripted, talk: Talk, answer: httpx.Response, failure: type[ProviderFailure]
) -> None:
    scripted.answer = answer

    with pytest.raises(failure) as caught:
        talk.request("GET", "/me/calendar")

    assert failure is type(caught.value)
    assert 1 == len(scripted.requests)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ({"Retry-After": "12"}, 12 * SECONDS),
        ({"Retry-After": "0"}, 0 * SECONDS),
        ({"Retry-After": "99999999999999999999"}, 86_400 * SECONDS),
        ({}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
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
def test_how_long_to_wait_is_what_the_server_says(
    scripted: Scripted, talk: Talk, status: int, told: dict[str, str], wait: timedelta | None
) -> None:
    scripted.answer = error(status, **told)

    with pytest.raises(ProviderUnavailable) as caught:
        talk.request("GET", "/me")

    assert wait == caught.value.retry_after


@pytest.mark.parametrize(
    ("answer", "method", "unsettled"),
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
def test_a_write_that_may_have_been_done_is_told_apart(
    scripted: Scripted,
    talk: Talk,
    answer: httpx.Response | Exception,
    method: str,
    unsettled: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    scripted.answer = answer

    with pytest.raises(ProviderUnavailable) as caught:
        talk.request(method, "/me/events/1")

    assert unsettled == caught.value.unsettled


def test_an_expected_status_is_a_reply(scripted: Scripted, talk: Talk) -> None:
    scripted.answer = error(404, "ErrorItemNotFound")

    reply = talk.request("DELETE", "/me/events/1", expected={404})

    assert (404, "ErrorItemNotFound") == (reply.status, reply.error_code)


@pytest.mark.parametrize("body", [{"error": "plain"}, {"error": {"code": 7}}, {}])
def test_an_error_without_a_code_has_an_empty_one(
    scripted: Scripted, talk: Talk, body: dict[str, Any]
) -> None:
    scripted.answer = httpx.Response(404, json=body)

    assert "" == talk.request("GET", "/me", expected={404}).error_code


def test_a_code_of_absurd_length_is_none(scripted: Scripted, talk: Talk) -> None:
    scripted.answer = error(404, "x" * 1_000)

    assert "" == talk.request("GET", "/me", expected={404}).error_code


def test_an_answer_without_a_body_is_one(scripted: Scripted, talk: Talk) -> None:
    scripted.answer = httpx.Response(204)

    assert {} == talk.request("DELETE", "/me/events/1").content


def test_what_is_asked_is_percent_encoded_once(scripted: Scripted, talk: Talk) -> None:
    path, query = f"/me/events/{segment('A/B+C=')}", {"$filter": "a eq 'x+y %41'"}
    talk.request("GET", path, query=query, expected={200})

    (request,) = scripted.requests
    assert (
        "https://graph.example/v1.0/me/events/A%2FB%2BC%3D?$filter=a%20eq%20%27x%2By%20%2541%27"
        == str(request.url)
    )


def test_every_request_asks_for_ids_that_last_and_times_in_utc(
    scripted: Scripted, talk: Talk
) -> None:
    for method in ("GET", "POST", "PATCH", "DELETE"):
        talk.request(method, "/me/events/1", expected={200})

    assert {'IdType="ImmutableId", outlook.timezone="UTC"'} == {
        each.headers["prefer"] for each in scripted.requests
    }


def test_an_answer_of_over_five_megabytes_is_not_read_on(scripted: Scripted, talk: Talk) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 100_000
            yield b"x" * 100_000

    scripted.answer = httpx.Response(200, content=endless())

    with pytest.raises(CalendarTooLarge):
        talk.request("GET", "/me")

    assert 5_100_000 == read


def test_an_answer_that_trickles_ends_with_the_call(scripted: Scripted) -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            yield b" "

    scripted.answer = httpx.Response(200, content=trickle())
    web = Http(scripted)
    talk = Graph("https://graph.example/v1.0", web).talk("t", timedelta(milliseconds=30))

    with pytest.raises(ProviderUnavailable) as caught:
        talk.request("PATCH", "/me/events/1")

    web.close()
    assert caught.value.unsettled


def test_a_call_whose_time_is_up_asks_nothing(scripted: Scripted) -> None:
    web = Http(scripted)
    late = Graph("https://graph.example/v1.0", web).talk("t", timedelta())

    with pytest.raises(ProviderUnavailable):
        late.request("POST", "/me/events")

    web.close()
    assert [] == scripted.requests


def test_a_cookie_of_one_user_is_never_sent_for_the_next(scripted: Scripted, talk: Talk) -> None:
    scripted.answer = httpx.Response(200, json={}, headers={"Set-Cookie": "who=kim; Path=/"})

    for _ in range(2):
        talk.request("GET", "/me", expected={200})

    assert ["who=kim; Path=/"] == scripted.answer.headers.get_list("set-cookie")
    assert [False, False] == ["cookie" in each.headers for each in scripted.requests]


def test_the_process_has_one_client() -> None:
    assert shared_http() is shared_http()


def test_a_failure_never_tells_the_token(scripted: Scripted, talk: Talk) -> None:
    scripted.answer = httpx.ReadTimeout("silent")

    with pytest.raises(ProviderUnavailable) as caught:
        talk.request("GET", "/me")

    assert "t0ken" not in f"{caught.value!r} {caught.value.__cause__!r}"
