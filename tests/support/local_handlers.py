"""A Lambda handler whose action is in the payload, for tests of code that invokes handlers."""

import os
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from shared.wiring.clock import Clock

_state: dict[str, Any] = {"calls": 0}
_clocks: list[Clock | None] = [None]
_certificates: list[Callable[[str], bytes]] = []


def set_clock(clock: Clock | None) -> None:
    """Replace the wiring's function of that name."""
    _clocks[:] = [clock]


def set_certificates(fetch: Callable[[str], bytes]) -> None:
    """Replace the wiring's function of that name."""
    _certificates.append(fetch)


def certificates(url: str) -> list[bytes]:
    """Return the certificate at `url` from each function passed to `set_certificates`."""
    return [fetch(url) for fetch in _certificates]


def now() -> datetime | None:
    """Return the time of the clock that was set; None when none is set."""
    return _clocks[0].now() if _clocks[0] else None


def lambda_handler(payload: dict[str, Any], context: Any) -> Any:
    """Run the action `payload["do"]`."""
    _state["calls"] += 1
    return _ACTIONS[payload["do"]](payload, context)


def _fail(_payload: dict[str, Any], _context: Any) -> None:
    raise ValueError("fails on purpose")


_ACTIONS: dict[str, Callable[[dict[str, Any], Any], Any]] = {
    "echo": lambda payload, _: payload,
    "count": lambda *_: _state["calls"],
    "process": lambda *_: os.getpid(),
    "environment": lambda payload, _: os.environ.get(payload["name"]),
    "fail": _fail,
    "die": lambda *_: os._exit(3),
    "hang": lambda *_: threading.Event().wait(),
    "unserialisable": lambda *_: object(),
    "context": lambda _, context: {
        "id": context.aws_request_id,
        "name": context.function_name,
        "arn": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis(),
    },
}
