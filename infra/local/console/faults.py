"""The API under /_local/faults: faults of the simulated providers, on until they are off."""

import json
from collections.abc import Mapping
from typing import Any

from infra.local.control import failure, success
from infra.local.gateway import Response
from infra.local.simulators.simulator import Simulator

FAULTS = "/_local/faults"
_ALWAYS = 1_000_000_000
_INVALID_GRANT = {"error": "invalid_grant", "error_description": "The grant has ended."}

Breakage = tuple[str, Mapping[str, Any]]
"""A glob of paths, and the fault of the requests to them."""

KINDS: Mapping[str, tuple[Breakage, ...]] = {
    "rate_limited": (("*", {"status": 429, "headers": {"retry-after": "30"}, "body": {}}),),
    "unavailable": (("*", {"status": 503, "body": {}}),),
    "slow": (("*", {"kind": "slow", "seconds": 5}),),
    "grant_ended": (
        ("*token", {"status": 400, "body": _INVALID_GRANT}),
        ("*", {"status": 401, "body": {}}),
    ),
}
"""What each fault does."""


class FaultsControl:
    """Switches one fault per provider on and off."""

    def __init__(self, simulators: Mapping[str, Simulator]) -> None:
        self._simulators = simulators
        self._on: dict[str, str | None] = dict.fromkeys(simulators)

    def respond(self, method: str, path: str, body: bytes) -> Response:
        """Return which faults are on, after a POST has changed one."""
        if path != FAULTS or method not in ("GET", "POST"):
            return failure(404, "NOT_FOUND", f"Use GET or POST {FAULTS}.")
        if method == "POST" and not self._switched(body):
            names, kinds = ", ".join(self._simulators), ", ".join(KINDS)
            message = f"provider must be one of {names}; fault one of {kinds}, or null."
            return failure(400, "VALIDATION_ERROR", message)
        return success("The faults that are on.", {"faults": self._on, "kinds": [*KINDS]})

    def _switched(self, body: bytes) -> bool:
        """Switch the fault that the body names; return whether it names one."""
        try:
            content = json.loads(body)
            provider, fault = content["provider"], content["fault"]
            simulator = self._simulators[provider]
            breakages = KINDS[fault] if fault else ()
        except (KeyError, TypeError, ValueError):
            return False
        simulator.repair()
        for glob, breakage in breakages:
            simulator.break_next(breakage, path=glob, times=_ALWAYS)
        self._on[provider] = fault
        return True
