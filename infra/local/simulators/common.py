"""HTTP as simulated providers see it: requests, answers and the routes between them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer; `sent` bytes of the body go out (None: all) and none when `hang_up`."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int | None = None
    hang_up: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request; `path` is as it came (percent-encoded), header names are lower case.

    `fault` is the fault of the simulator's own kind that was asked for this request, else empty.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    fault: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a form that was posted."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @cached_property
    def json(self) -> Any:
        """The body as JSON; an empty one is None.

        Raises:
            ValueError: when it is not JSON.
        """
        return json.loads(self.body) if self.body else None

    @property
    def bearer(self) -> str | None:
        """The token of the Authorization header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


Handler = Callable[..., Answer]
"""Takes the request, and the path's variables (percent-decoded) by name."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who answers a method on a path; a segment in braces is a variable."""

    method: str
    path: str
    handler: Handler

    def variables(self, path: str) -> dict[str, str] | None:
        """Return the variables of a path that fits, else None."""
        names, values = self.path.split("/"), path.split("/")
        if len(names) != len(values):
            return None
        found: dict[str, str] = {}
        for name, value in zip(names, values, strict=True):
            if name.startswith("{") and value:
                found[name.strip("{}")] = unquote(value)
            elif name != value:
                return None
        return found


def json_answer(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an answer that carries JSON."""
    return Answer(
        status=status,
        headers={"content-type": "application/json; charset=UTF-8", **(headers or {})},
        body=json.dumps(content).encode(),
    )


def html_answer(page: str, *, status: int = 200) -> Answer:
    """Return an answer that carries a page."""
    return Answer(
        status=status, headers={"content-type": "text/html; charset=utf-8"}, body=page.encode()
    )


def redirect(location: str) -> Answer:
    """Return an answer that sends a browser on with GET."""
    return Answer(status=302, headers={"location": location})


def parsed(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Return the request of these parts; of a query parameter given twice the last one counts."""
    split = urlsplit(target)
    return Request(
        method=method,
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
    )
