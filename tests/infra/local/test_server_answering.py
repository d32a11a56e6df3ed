import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.clock import LocalClock
from infra.local.control import Control
from infra.local.gateway import Request, Response
from infra.local.pump import StillBusy, Work
from infra.local.server import Answering
from infra.local.workers import InvocationFailed, TimedOut


class FakeInvoker:
    """Answers, or raises, what it was given; keeps what it was asked for."""

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome
        self.asked: list[tuple[str, str]] = []

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Answer."""
        assert seconds == 29
        assert payload["version"] == "2.0"
        self.asked.append((module, function))
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


class NoMail:
    """A control of mail nobody asks."""

    def answer(self, method: str, path: str, _body: bytes) -> Response:
        """Fail."""
        pytest.fail(f"{method} {path} was asked of the mail")


class Busy:
    """A pump that is never done."""

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Say so."""
        raise StillBusy(f"{seconds:g}")


def answer(
    invoker: FakeInvoker, method: str, target: str, *, written: Callable[[], None] = lambda: None
) -> Response:
    request = Request(method=method, target=target, headers=(), body=b"", source_ip="127.0.0.1")
    control = Control(Busy(), LocalClock(), refresh=dict, mail=NoMail(), sync_seconds=0)
    return Answering(invoker, control=control, written=written)(request)


def test_a_request_reaches_the_function_of_its_path() -> None:
    invoker = FakeInvoker({"statusCode": 204})

    answered = answer(invoker, "POST", "/api/v1/events?x=1")

    assert answered.status == 204
    assert invoker.asked == [("functions.events.handler", "events")]


@pytest.mark.parametrize(("method", "times"), [("GET", 0), ("HEAD", 0), ("POST", 1), ("PUT", 1)])
def test_only_a_request_that_may_write_has_the_pump_look_at_once(method: str, times: int) -> None:
    written: list[str] = []
    answer(
        FakeInvoker({"statusCode": 200}), method, "/health", written=lambda: written.append(method)
    )

    assert times == len(written)


def test_an_unknown_path_reaches_the_fallback() -> None:
    invoker = FakeInvoker({"statusCode": 404})
    answer(invoker, "GET", "/nowhere")

    assert invoker.asked == [("functions.status.handler", "status")]


@pytest.mark.parametrize(
    ("failure", "status", "message"),
    [
        (InvocationFailed("Traceback"), 500, "Internal Server Error"),
        (TimedOut("too long"), 503, "Service Unavailable"),
    ],
)
def test_an_invocation_that_fails_is_answered_as_api_gateway_does(
    failure: Exception, status: int, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    answered = answer(FakeInvoker(failure), "GET", "/health")

    assert answered.status == status
    assert json.loads(answered.body) == {"message": message}
    assert str(failure) in caplog.text


def test_local_paths_reach_no_function() -> None:
    invoker = FakeInvoker({"statusCode": 200})

    answered = answer(invoker, "POST", "/_local/sync")

    assert answered.status == 504
    assert invoker.asked == []
