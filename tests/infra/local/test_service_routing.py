import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.clock import LocalClock
from infra.local.control import EVENTS, Control
from infra.local.cors import Cors
from infra.local.event_sources import WorkLeft, WorkReport
from infra.local.gateway import Headers, Request, Response
from infra.local.service import RequestRouter
from infra.local.workers import InvocationFailed, TimedOut


class FakeInvoker:
    """Returns or raises `outcome`; records invocations."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.invocations: list[tuple[str, str]] = []

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Return or raise the outcome."""
        assert seconds == 29
        assert payload["version"] == "2.0"
        self.invocations.append((module, function))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class NoMail:
    """A mail control that must not be used."""

    def respond(self, method: str, path: str, _body: bytes) -> Response:
        """Fail the test."""
        pytest.fail(f"unexpected {method} {path}")


class BusyWaiter:
    """A waiter whose work is never done."""

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Raise."""
        raise WorkLeft(f"{seconds:g}")


def respond(
    invoker: FakeInvoker,
    method: str,
    target: str,
    *,
    on_write: Callable[[], None] = lambda: None,
    headers: Headers = (),
) -> Response:
    request = Request(
        method=method, target=target, headers=headers, body=b"", source_ip="127.0.0.1"
    )
    control = Control(
        BusyWaiter(),
        LocalClock(),
        refresh=dict,
        mail=NoMail(),
        others={EVENTS: NoMail()},
        sync_seconds=0,
    )
    router = RequestRouter(invoker, control=control, on_write=on_write, cors=Cors())
    return router(request)


def test_a_request_reaches_the_function_of_its_path() -> None:
    invoker = FakeInvoker({"statusCode": 204})

    response = respond(invoker, "POST", "/api/v1/events?x=1")

    assert response.status == 204
    assert invoker.invocations == [("functions.events.handler", "events")]


@pytest.mark.parametrize(("method", "times"), [("GET", 0), ("HEAD", 0), ("POST", 1), ("PUT", 1)])
def test_only_a_request_that_may_write_calls_on_write(method: str, times: int) -> None:
    writes: list[str] = []
    respond(
        FakeInvoker({"statusCode": 200}), method, "/health", on_write=lambda: writes.append(method)
    )

    assert times == len(writes)


def test_an_unknown_path_reaches_the_fallback() -> None:
    invoker = FakeInvoker({"statusCode": 404})
    respond(invoker, "GET", "/nowhere")

    assert invoker.invocations == [("functions.status.handler", "status")]


def test_the_root_leads_to_the_console() -> None:
    invoker = FakeInvoker({"statusCode": 404})

    response = respond(invoker, "GET", "/")

    assert (response.status, dict(response.headers)) == (302, {"location": "/console"})
    assert invoker.invocations == []


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (InvocationFailed("Traceback"), 500, "Internal Server Error"),
        (TimedOut("too long"), 503, "Service Unavailable"),
    ],
)
def test_a_failed_invocation_gets_api_gateways_response(
    failure: Exception, status: int, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    response = respond(FakeInvoker(failure), "GET", "/health")

    assert response.status == status
    assert json.loads(response.body) == {"message": message}
    assert str(failure) in caplog.text


def test_local_paths_do_not_reach_a_function() -> None:
    invoker = FakeInvoker({"statusCode": 200})

    response = respond(invoker, "POST", "/_local/sync")

    assert response.status == 504
    assert invoker.invocations == []


@pytest.mark.parametrize("path", ["/_local/sync", "/_local/mail", "/_local/mail/1/bounce"])
def test_a_foreign_page_gets_no_access_to_local_paths(path: str) -> None:
    response = respond(
        FakeInvoker({"statusCode": 200}), "POST", path, headers=(("Origin", "https://evil.test"),)
    )

    assert response.status == 403
    assert json.loads(response.body)["error"]["code"] == "FORBIDDEN"
    assert ("x-content-type-options", "nosniff") in response.headers
