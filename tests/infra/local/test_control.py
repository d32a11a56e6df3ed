import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.clock import LocalClock
from infra.local.control import EVENTS, Control
from infra.local.event_sources import WorkLeft, WorkReport
from infra.local.gateway import Response


class FakeWaiter:
    """In place of the waiter: all work is done, or never is (None)."""

    def __init__(self, report: WorkReport | None) -> None:
        self.report = report

    def wait_until_idle(self, *, seconds: float) -> WorkReport:
        """Return at once."""
        if self.report is None:
            raise WorkLeft(f"sync work is left after {seconds:g} s")
        return self.report


class EchoHandler:
    """In place of the mail control: returns the request in its response."""

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return the request."""
        return Response(status=200, headers=(), body=f"{method} {path} {body!r}".encode())


def control(report: WorkReport | None = None, clock: LocalClock | None = None) -> Control:
    return Control(
        FakeWaiter(report),
        clock or LocalClock(),
        refresh=lambda: {"refreshed": 2},
        mail=EchoHandler(),
        others={EVENTS: EchoHandler()},
        sync_seconds=7,
    )


def content(response: Response) -> Any:
    return json.loads(response.body)


def test_sync_returns_the_work_done() -> None:
    response = control(WorkReport(relayed=1, synced=2, failed=3, waiting=4)).respond(
        "POST", "/_local/sync", b""
    )

    assert response.status == 200
    assert content(response) == {
        "success": True,
        "message": "No sync work is left.",
        "data": {"relayed": 1, "synced": 2, "failed": 3, "waiting": 4},
    }


def test_a_sync_that_does_not_finish_is_504() -> None:
    response = control(report=None).respond("POST", "/_local/sync", b"")

    assert response.status == 504
    assert content(response)["message"] == "sync work is left after 7 s."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00+05:30", datetime(2026, 3, 2, 2, 30, tzinfo=UTC)),
        ("2026-03-02T08:00:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
    ],
)
def test_the_clock_can_be_set_to_an_instant(text: str, expected: datetime) -> None:
    clock = LocalClock()

    response = control(clock=clock).respond(
        "POST", "/_local/clock", json.dumps({"now": text}).encode()
    )

    assert response.status == 200
    assert content(response)["data"] == {"now": expected.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert clock.override() == expected.isoformat()


def test_null_restores_the_real_time() -> None:
    clock = LocalClock()
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))

    response = control(clock=clock).respond("POST", "/_local/clock", b'{"now": null}')

    assert content(response)["data"] == {"now": None}
    assert clock.override() is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"now": 1}',
        b'{"now": "soon"}',
        b'{"now": "2026-02-30T00:00:00Z"}',
        b'{"now": "0001-01-01T00:00:00+14:00"}',
        b"\xff",
    ],
)
def test_an_invalid_body_is_400_and_does_not_change_the_clock(body: bytes) -> None:
    clock = LocalClock()

    response = control(clock=clock).respond("POST", "/_local/clock", body)

    assert response.status == 400
    assert content(response)["success"] is False
    assert content(response)["error"]["code"] == "VALIDATION_ERROR"
    assert content(response)["error"]["details"][0]["field"] == "now"
    assert clock.override() is None


def test_a_naive_instant_is_rejected() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        LocalClock().set(datetime(2026, 3, 2, 8))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_local/mail"), ("POST", "/_local/mail/some-id/bounce")]
)
def test_mail_paths_go_to_the_mail_control(method: str, path: str) -> None:
    response = control().respond(method, path, b"body")

    assert f"{method} {path} b'body'" == response.body.decode()


def test_a_path_that_only_starts_like_mail_is_404() -> None:
    assert control().respond("GET", "/_local/mailbox", b"").status == 404


def test_the_clock_shows_the_real_time_until_it_is_set() -> None:
    clock = LocalClock()
    before = datetime.now(UTC)
    real = clock.now()
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))

    assert before <= real
    assert datetime(2026, 3, 2, 8, tzinfo=UTC) == clock.now()


def test_another_method_is_405_and_another_path_404() -> None:
    method = control().respond("GET", "/_local/sync", b"")
    path = control().respond("POST", "/_local/nothing", b"")

    assert method.status == 405
    assert ("allow", "POST") in method.headers
    assert path.status == 404
    assert content(path)["error"]["code"] == "NOT_FOUND"


def test_get_returns_the_time_and_whether_it_is_fixed() -> None:
    clock = LocalClock()
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))

    response = control(clock=clock).respond("GET", "/_local/clock", b"")

    assert content(response)["data"] == {"now": "2026-03-02T08:00:00Z", "isFixed": True}
    real = control().respond("GET", "/_local/clock", b"")
    assert content(real)["data"]["isFixed"] is False
