"""What every simulated provider is made of: routes, faults on demand, a record of requests.

A simulator keeps its state in memory and answers one request at a time, under its lock. Tests and
people steer it through `/_control/`:

- `POST /_control/faults` {"match": {"method": "POST", "path": "/calendar/*"}, "times": 2,
  "fault": {...}} breaks the next requests that match (path: a glob; method or path may be left
  out). A fault is {"status", "headers", "body"}, answered instead of doing anything, or has a kind:
  `timeout_before` (nothing is done, nothing answered for "seconds"), `timeout_after` (done, then
  silence), `drop_before`, `drop_after` (the connection is closed without an answer), `slow` (done
  after "seconds"), `truncate` (done, half the answer), `html` (nothing is done, a page with
  "status"), `after_write_status` (done, then "status"), or one of the simulator's own.
- `POST /_control/reset` forgets faults, requests and all state.
- `GET /_control/requests` tells what was asked, in order, without credentials.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from infra.local.simulators.common import Answer, Request, Route, html_answer, json_answer

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
_UNDONE = frozenset({"timeout_before", "drop_before"})
_PAGE = "<!DOCTYPE html><html><head><title>Error</title></head><body>Try again later.</body></html>"


@dataclass(slots=True)
class _Fault:
    method: str
    path: str
    fault: Mapping[str, Any]
    times: int

    def hits(self, request: Request) -> bool:
        """Whether it is meant for this request."""
        return (
            self.times > 0
            and self.method in ("", request.method)
            and fnmatchcase(request.path, self.path)
        )


class Simulator:
    """The base of a simulated provider; `url` is known once it is served.

    A subclass gives `routes`, `clear` (back to the first state) and, where it has some, the kinds
    of fault it knows besides the usual ones.
    """

    own_faults: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.url = ""
        self.lock = threading.RLock()
        self.requests: list[dict[str, Any]] = []
        self._faults: list[_Fault] = []
        self._release = threading.Event()

    def routes(self) -> Sequence[Route]:
        """Return what the provider answers to; the first that fits does."""
        raise NotImplementedError

    def clear(self) -> None:
        """Go back to the first state."""
        raise NotImplementedError

    def unknown(self, request: Request) -> Answer:
        """Answer a request that no route fits."""
        return json_answer({"error": f"no route for {request.method} {request.path}"}, status=404)

    def answer(self, request: Request) -> Answer:
        """Answer a request as the provider would, or as a fault says."""
        if request.path.startswith(CONTROL):
            return self._route(request, (*self._control(), *self.routes()))
        fault = self._take_fault(request)
        answer = self._faulty(request, fault) if fault else self._route(request, self.routes())
        with self.lock:
            self.requests.append(_record(request, answer))
        return answer

    def break_next(
        self, fault: Mapping[str, Any], *, method: str = "", path: str = "*", times: int = 1
    ) -> None:
        """Break the next `times` requests that match, as `POST /_control/faults` does.

        Raises:
            ValueError: when there is no such kind of fault.
        """
        kind = fault.get("kind")
        if kind not in _KINDS | self.own_faults and not (kind is None and "status" in fault):
            raise ValueError(f"no such fault: {dict(fault)}")
        with self.lock:
            self._faults.append(_Fault(method.upper(), path, fault, times))

    def reset(self) -> None:
        """Forget faults, requests and all state, and let go whoever is kept waiting."""
        self.release()
        with self.lock:
            self._faults.clear()
            self.requests.clear()
            self.clear()

    def release(self) -> None:
        """Let go every request that a fault keeps waiting."""
        self._release.set()
        self._release = threading.Event()

    def _route(self, request: Request, routes: Iterable[Route]) -> Answer:
        for route in routes:
            variables = route.variables(request.path) if route.method == request.method else None
            if variables is not None:
                with self.lock:
                    return route.handler(request, **variables)
        return self.unknown(request)

    def _take_fault(self, request: Request) -> Mapping[str, Any]:
        with self.lock:
            for each in self._faults:
                if each.hits(request):
                    each.times -= 1
                    return each.fault
        return {}

    def _faulty(self, request: Request, fault: Mapping[str, Any]) -> Answer:
        kind = fault.get("kind")
        if kind is None:
            return _answer_of(fault)
        if kind == "html":
            return html_answer(_PAGE, status=fault.get("status", 200))
        if kind == "slow":
            self._release.wait(fault.get("seconds", 1.0))
        own = replace(request, fault=fault) if kind in self.own_faults else request
        done = Answer() if kind in _UNDONE else self._route(own, self.routes())
        if kind in ("timeout_before", "timeout_after"):
            self._release.wait(fault.get("seconds", HANG_SECONDS))
        return _spoilt(done, fault)

    def _control(self) -> Sequence[Route]:
        return (
            Route("POST", CONTROL + "faults", self._add_fault),
            Route("POST", CONTROL + "reset", self._reset),
            Route("GET", CONTROL + "requests", lambda _: json_answer(self.requests)),
        )

    def _add_fault(self, request: Request) -> Answer:
        asked = request.json
        matched = asked.get("match", {})
        try:
            self.break_next(
                asked["fault"],
                method=matched.get("method", ""),
                path=matched.get("path", "*"),
                times=asked.get("times", 1),
            )
        except (KeyError, ValueError) as error:
            return json_answer({"error": str(error)}, status=400)
        return Answer(status=204)

    def _reset(self, _: Request) -> Answer:
        self.reset()
        return Answer(status=204)


def _answer_of(fault: Mapping[str, Any]) -> Answer:
    body = fault.get("body", "")
    if isinstance(body, str):
        answer = html_answer(body, status=fault["status"])
    else:
        answer = json_answer(body, status=fault["status"])
    given = {name.lower(): str(value) for name, value in fault.get("headers", {}).items()}
    return replace(answer, headers={**answer.headers, **given})


def _spoilt(answer: Answer, fault: Mapping[str, Any]) -> Answer:
    kind = str(fault["kind"])
    if kind.startswith(("timeout", "drop")):
        return replace(answer, hang_up=True)
    if kind == "truncate":
        return replace(answer, sent=len(answer.body) // 2)
    if kind == "after_write_status":
        return _answer_of({"status": 503, **fault})
    return answer


def _record(request: Request, answer: Answer) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": dict(request.query),
        "headers": {k: v for k, v in request.headers.items() if k != "authorization"},
        "body": request.body.decode(errors="replace"),
        "status": None if answer.hang_up else answer.status,
    }
