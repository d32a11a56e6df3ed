import socket
import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local import message_socket, worker
from tests.support import local_handlers

MODULE = "tests.support.local_handlers"


def invocation(do: str, *, now: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "module": MODULE,
        "function": "events",
        "payload": {"do": do, **more},
        "requestId": "request-1",
        "seconds": 30,
        "now": now,
    }


def test_the_reply_is_the_handlers_result() -> None:
    result = worker.run(invocation("echo", text="ü"), wiring=MODULE)

    assert result == {"answer": {"do": "echo", "text": "ü"}}


def test_an_exception_is_an_error_with_its_traceback() -> None:
    result = worker.run(invocation("fail"), wiring=MODULE)

    assert list(result) == ["error"]
    assert "ValueError: fails on purpose" in result["error"]


def test_a_module_that_cannot_be_imported_is_an_error() -> None:
    result = worker.run({**invocation("echo"), "module": "tests.support.missing"}, wiring=MODULE)

    assert "ModuleNotFoundError" in result["error"]


def test_the_context_has_lambdas_attributes() -> None:
    context = worker.run(invocation("context"), wiring=MODULE)["answer"]

    assert context["id"] == "request-1"
    assert context["name"] == "calendar-service-events"
    assert context["arn"].endswith(":function:calendar-service-events")
    assert context["memory"] == 512
    assert 0 < context["left"] <= 30_000


def test_the_clock_shows_the_instant_of_the_invocation() -> None:
    worker.run(invocation("echo", now="2026-03-02T08:00:00+00:00"), wiring=MODULE)
    time_set = local_handlers.now()
    worker.run(invocation("echo"), wiring=MODULE)

    assert datetime(2026, 3, 2, 8, tzinfo=UTC) == time_set
    assert local_handlers.now() is None


def test_the_wiring_is_not_loaded_for_the_real_clock() -> None:
    result = worker.run(invocation("echo"), wiring="tests.support.missing")

    assert result == {"answer": {"do": "echo"}}


def test_the_local_certificate_is_installed_once_and_only_where_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
    monkeypatch.setenv(worker.CERTIFICATE, "a certificate")

    def read(function: str) -> list[bytes]:
        request = {**invocation("echo"), "function": function}
        worker.run(request, wiring=MODULE)
        return local_handlers.certificates(url)

    assert read("events") == []
    assert read("ses_notifications") == [b"a certificate"]
    assert read("ses_notifications") == [b"a certificate"]


def test_it_replies_in_order_and_ends_with_its_parent() -> None:
    parent, child = socket.socketpair()
    with parent, child:
        closed = threading.Event()
        serving = threading.Thread(
            target=lambda: worker.serve(child, when_closed=closed.set), daemon=True
        )
        serving.start()
        message_socket.send(parent, invocation("echo", n=1))
        message_socket.send(parent, invocation("unserialisable"))
        replies = [message_socket.receive(parent), message_socket.receive(parent)]
        # Half closed: the worker sees the end of the stream, as when its parent dies.
        parent.shutdown(socket.SHUT_WR)
        serving.join(10)

    assert replies[0] == {"answer": {"do": "echo", "n": 1}}
    assert "not JSON serializable" in replies[1]["error"]
    assert closed.is_set()
    assert not serving.is_alive()
