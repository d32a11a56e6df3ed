"""The API under /_local: waiting for work, the clock, the token schedule, and other handlers."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol

from infra.local.clock import LocalClock
from infra.local.event_sources import WorkLeft, WorkWaiter
from infra.local.gateway import Response
from infra.local.workers import InvocationFailed

PREFIX = "/_local/"
MAIL = "/_local/mail"
EVENTS = "/_local/events"
CLOCK = "/_local/clock"
SYNC_SECONDS = 60


class PathHandler(Protocol):
    """Handles the requests under one path."""

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return the response."""
        ...


class Control:
    """Handles requests under `PREFIX`; responses have the service's envelope."""

    def __init__(
        self,
        waiter: WorkWaiter,
        clock: LocalClock,
        *,
        refresh: Callable[[], Any],
        mail: PathHandler,
        others: Mapping[str, PathHandler] | None = None,
        sync_seconds: float = SYNC_SECONDS,
    ) -> None:
        self._waiter = waiter
        self._clock = clock
        self._refresh = refresh
        self._handlers = {MAIL: mail, **(others or {})}
        self._sync_seconds = sync_seconds
        self._routes: Mapping[str, Callable[[bytes], Response]] = {
            "/_local/sync": self._sync,
            CLOCK: self._set_clock,
            "/_local/refresh": self._refresh_tokens,
        }

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return the response; the own routes are POSTs, and GET returns the clock too."""
        for prefix, handler in self._handlers.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return handler.respond(method, path, body)
        if (method, path) == ("GET", CLOCK):
            return success("The service's time.", self._time())
        route = self._routes.get(path)
        if route is None:
            known = ", ".join((*self._routes, *self._handlers))
            return failure(404, "NOT_FOUND", f"Unknown path. Use one of {known}.")
        if method != "POST":
            return failure(405, "METHOD_NOT_ALLOWED", "Use POST.", headers=(("allow", "POST"),))
        return route(body)

    def _sync(self, _body: bytes) -> Response:
        try:
            report = self._waiter.wait_until_idle(seconds=self._sync_seconds)
        except WorkLeft as error:
            return failure(504, "SYNC_NOT_SETTLED", f"{error}.")
        return success("No sync work is left.", asdict(report))

    def _refresh_tokens(self, _body: bytes) -> Response:
        try:
            counts = self._refresh()
        except InvocationFailed as error:
            return failure(500, "INTERNAL_ERROR", f"token_refresh failed: {error}")
        return success("The token schedule ran once.", counts)

    def _time(self) -> dict[str, Any]:
        now = self._clock.now().replace(microsecond=0)
        return {"now": _text(now), "isFixed": self._clock.override() is not None}

    def _set_clock(self, body: bytes) -> Response:
        try:
            instant = _instant(body)
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            message = 'Send {"now": "2026-03-02T08:00:00Z"}, or null to restore the real time.'
            return failure(400, "VALIDATION_ERROR", message, field="now")
        self._clock.set(instant)
        return success("The clock is set.", {"now": _text(instant) if instant else None})


def foreign_page() -> Response:
    """Return the response to a request from a page of another origin."""
    message = "Pages of other origins may not call /_local. Use a program on this machine."
    return failure(403, "FORBIDDEN", message)


def success(message: str, data: Any) -> Response:
    """Return a 200 with `data` in the service's envelope."""
    return _json(200, {"success": True, "message": message, "data": data})


def failure(
    status: int,
    code: str,
    message: str,
    *,
    field: str | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> Response:
    """Return an error in the service's envelope."""
    details = [{"field": field, "message": message}] if field else []
    content = {
        "success": False,
        "message": message,
        "error": {"code": code, "details": details},
        "requestId": "local",
    }
    return _json(status, content, headers)


def _instant(body: bytes) -> datetime | None:
    text = json.loads(body)["now"]
    if text is None:
        return None
    instant = datetime.fromisoformat(text)
    # As everywhere in the API, an instant without an offset is UTC.
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC)


def _text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def _json(status: int, content: Any, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    return Response(
        status=status,
        headers=(
            ("content-type", "application/json"),
            ("x-content-type-options", "nosniff"),
            *headers,
        ),
        body=json.dumps(content).encode(),
    )
