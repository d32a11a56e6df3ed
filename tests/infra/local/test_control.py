import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.clock import LocalClock
from infra.local.control import Control
from infra.local.gateway import Response
from infra.local.pump import StillBusy, Work


class Settled:
    """Takes the place of the pump: all is done, or never will be."""

    def __init__(self, work: Work | None) -> None:
        self.work = work

    def wait_until_idle(self, *, seconds: float) -> Work:
        """Answer at once."""
        if self.work is None:
            raise StillBusy(f"sync work is left after {seconds:g} s")
        return self.work


class Post:
    """Takes the place of the mail's own control: answers with what it was asked."""

    def answer(self, method: str, path: str, body: bytes) -> Response:
        """Answer."""
        return Response(status=200, headers=(), body=f"{method} {path} {body!r}".encode())


def control(work: Work | None = None, clock: LocalClock | None = None) -> Control:
    return Control(
        Settled(work),
        clock or LocalClock(),
        refresh=lambda: {"refreshed": 2},
        mail=Post(),
        sync_seconds=7,
    )


def content(response: Response) -> Any:
    return json.loads(response.body)


def test_sync_tells_what_was_done() -> None:
    answer = control(Work(relayed=1, synced=2, failed=3, waiting=4)).answer(
        "POST", "/_local/sync", b""
    )

    assert answer.status == 200
    assert content(answer) == {
        "success": True,
        "message": "No sync work is left.",
        "data": {"relayed": 1, "synced": 2, "failed": 3, "waiting": 4},
    }


def test_sync_that_does_not_end_is_an_error() -> None:
    answer = control(work=None).answer("POST", "/_local/sync", b"")

    assert answer.status == 504
    assert content(answer)["message"] == "sync work is left after 7 s."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00+05:30", datetime(2026, 3, 2, 2, 30, tzinfo=UTC)),
        ("2026-03-02T08:00:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
    ],
)
def test_the_clock_takes_an_instant(text: str, expected: datetime) -> None:
    clock = LocalClock()

    answer = control(clock=clock).answer(
        "POST", "/_local/clock", json.dumps({"now": text}).encode()
    )

    assert answer.status == 200
    assert content(answer)["data"] == {"now": expected.strftime("%Y-%m-%dT%H:%M:%SZ")}
    assert clock.override() == expected.isoformat()


def test_null_brings_the_real_time_back() -> None:
    clock = LocalClock()
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))

    answer = control(clock=clock).answer("POST", "/_local/clock", b'{"now": null}')

    assert content(answer)["data"] == {"now": None}
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
def test_anything_else_is_400_and_leaves_the_clock(body: bytes) -> None:
    clock = LocalClock()

    answer = control(clock=clock).answer("POST", "/_local/clock", body)

    assert answer.status == 400
    assert content(answer)["success"] is False
    assert content(answer)["error"]["code"] == "VALIDATION_ERROR"
    assert content(answer)["error"]["details"][0]["field"] == "now"
    assert clock.override() is None


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        LocalClock().set(datetime(2026, 3, 2, 8))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/_local/mail"), ("POST", "/_local/mail/some-id/bounce")]
)
def test_mail_has_a_control_of_its_own(method: str, path: str) -> None:
    answer = control().answer(method, path, b"body")

    assert f"{method} {path} b'body'" == answer.body.decode()


def test_a_path_that_only_begins_like_mail_is_404() -> None:
    assert control().answer("GET", "/_local/mailbox", b"").status == 404


def test_the_clock_shows_the_real_time_until_it_is_set() -> None:
    clock = LocalClock()
    before = datetime.now(UTC)
    real = clock.now()
    clock.set(datetime(2026, 3, 2, 8, tzinfo=UTC))

    assert before <= real
    assert datetime(2026, 3, 2, 8, tzinfo=UTC) == clock.now()


def test_another_method_is_405_and_another_path_404() -> None:
    method = control().answer("GET", "/_local/sync", b"")
    path = control().answer("POST", "/_local/nothing", b"")

    assert method.status == 405
    assert ("allow", "POST") in method.headers
    assert path.status == 404
    assert content(path)["error"]["code"] == "NOT_FOUND"
