"""The base of the simulated providers: routes, simulated faults, a record of requests.

A simulator stores its state in memory and handles one request at a time, under its lock. Tests and
users control it through `/_control/`:

- `POST /_control/faults` {"match": {"method": "POST", "path": "/calendar/*"}, "times": 2,
  "fault": {...}} breaks the next matching requests (path: a glob; method and path are optional).
  A fault is either a response to return without doing anything, {"status", "headers", "body"}, or
  has a kind:
  - `timeout_before`, `timeout_after`: no response for "seconds"; the request is not done, or done
  - `drop_before`, `drop_after`: the connection is closed; the request is not done, or done
  - `slow`: done after "seconds"
  - `truncate`: done, half of the response is sent
  - `html`: not done, an HTML page with "status"
  - `after_write_status`: done, but the response has "status"
  - or a kind of the provider (`own_faults`).
- `POST /_control/reset` deletes faults, recorded requests and all state.
- `GET /_control/requests` lists the requests in order, without credentials.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    html_response,
    json_response,
)

CONTROL = "/_control/"
HANG_SECONDS = 30.0
_KINDS = frozenset(
    {
        "timeout_before",
        "timeout_after",
        "drop_before",
        "drop_after",
        "slow",
        "truncate",
        "html",
        "after_write_status",
    }
)
_NOT_DONE = frozenset({"timeout_before", "drop_before"})
_PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body>Try again later.</body></html>"


@dataclass(slots=True)
class _Fault:
    method: str
    path: str
    fault: Mapping[str, Any]
    times: int

    def hits(self, request: SimulatedRequest) -> bool:
        """Whether it applies to this request."""
        return (
            self.times > 0
            and self.method in ("", request.method)
            and fnmatchcase(request.path, self.path)
        )


class Simulator:
    """The base of a simulated provider; `url` is set when it is served.

    A subclass defines `routes`, `clear` and, optionally, further kinds of fault in `own_faults`.
    """

    own_faults: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.url = ""
        self.lock = threading.RLock()
        self.requests: list[dict[str, Any]] = []
        self._faults: list[_Fault] = []
        self._release = threading.Event()

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the provider's routes; the first match wins."""
        raise NotImplementedError

    def clear(self) -> None:
        """Restore the initial state."""
        raise NotImplementedError

    def unknown(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return the response to a request that matches no route."""
        return json_response({"error": f"no route for {request.method} {request.path}"}, status=404)

    def respond(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return the provider's response, or apply a fault."""
        if request.path.startswith(CONTROL):
            return self._route(request, (*self._control(), *self.routes()))
        fault = self._take_fault(request)
        response = self._faulty(request, fault) if fault else self._route(request, self.routes())
        with self.lock:
            self.requests.append(_record(request, response))
        return response

    def break_next(
        self, fault: Mapping[str, Any], *, method: str = "", path: str = "*", times: int = 1
    ) -> None:
        """Break the next `times` matching requests, as `POST /_control/faults` does.

        Raises:
            ValueError: when the kind of fault is unknown.
        """
        kind = fault.get("kind")
        if kind not in _KINDS | self.own_faults and not (kind is None and "status" in fault):
            raise ValueError(f"unknown fault: {dict(fault)}")
        with self.lock:
            self._faults.append(_Fault(method.upper(), path, fault, times))

    def repair(self) -> None:
        """Delete the faults that have not happened yet; release waiting requests."""
        with self.lock:
            self._faults.clear()
        self.release()

    def reset(self) -> None:
        """Delete faults, recorded requests and all state; release waiting requests."""
        self.release()
        with self.lock:
            self._faults.clear()
            self.requests.clear()
            self.clear()

    def release(self) -> None:
        """Continue every request that is waiting because of a fault."""
        self._release.set()
        self._release = threading.Event()

    def _route(
        self, request: SimulatedRequest, routes: Iterable[SimulatorRoute]
    ) -> SimulatedResponse:
        for route in routes:
            variables = route.variables(request.path) if route.method == request.method else None
            if variables is not None:
                with self.lock:
                    return route.handler(request, **variables)
        return self.unknown(request)

    def _take_fault(self, request: SimulatedRequest) -> Mapping[str, Any]:
        with self.lock:
            for each in self._faults:
                if each.hits(request):
                    each.times -= 1
                    return each.fault
        return {}

    def _faulty(self, request: SimulatedRequest, fault: Mapping[str, Any]) -> SimulatedResponse:
        kind = fault.get("kind")
        if kind is None:
            return _response_of(fault)
        if kind == "html":
            return html_response(_PAGE, status=fault.get("status", 200))
        if kind == "slow":
            self._release.wait(fault.get("seconds", 1.0))
        own = replace(request, fault=fault) if kind in self.own_faults else request
        done = SimulatedResponse() if kind in _NOT_DONE else self._route(own, self.routes())
        if kind in ("timeout_before", "timeout_after"):
            self._release.wait(fault.get("seconds", HANG_SECONDS))
        return _with_fault(done, fault)

    def _control(self) -> Sequence[SimulatorRoute]:
        return (
            SimulatorRoute("POST", CONTROL + "faults", self._add_fault),
            SimulatorRoute("POST", CONTROL + "reset", self._reset),
            SimulatorRoute("GET", CONTROL + "requests", lambda _: json_response(self.requests)),
        )

    def _add_fault(self, request: SimulatedRequest) -> SimulatedResponse:
        body = request.json
        match = body.get("match", {})
        try:
            self.break_next(
                body["fault"],
                method=match.get("method", ""),
                path=match.get("path", "*"),
                times=body.get("times", 1),
            )
        except (KeyError, ValueError) as error:
            return json_response({"error": str(error)}, status=400)
        return SimulatedResponse(status=204)

    def _reset(self, _: SimulatedRequest) -> SimulatedResponse:
        self.reset()
        return SimulatedResponse(status=204)


def _response_of(fault: Mapping[str, Any]) -> SimulatedResponse:
    body = fault.get("body", "")
    if isinstance(body, str):
        response = html_response(body, status=fault["status"])
    else:
        response = json_response(body, status=fault["status"])
    given = {name.lower(): str(value) for name, value in fault.get("headers", {}).items()}
    return replace(response, headers={**response.headers, **given})


def _with_fault(response: SimulatedResponse, fault: Mapping[str, Any]) -> SimulatedResponse:
    kind = str(fault["kind"])
    if kind.startswith(("timeout", "drop")):
        return replace(response, hang_up=True)
    if kind == "truncate":
        return replace(response, sent=len(response.body) // 2)
    if kind == "after_write_status":
        return _response_of({"status": 503, **fault})
    return response


def _record(request: SimulatedRequest, response: SimulatedResponse) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": {k: v for k, v in request.headers.items() if k != "authorization"},
        "body": request.body.decode(errors="replace"),
        "status": None if response.hang_up else response.status,
    }
