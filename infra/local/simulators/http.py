"""HTTP requests, responses and routes of the simulators."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedResponse:
    """An HTTP response.

    Only `sent` bytes of the body are sent (None: all); with `hang_up` nothing is sent.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    sent: int | None = None
    hang_up: bool = False


@dataclass(frozen=True, kw_only=True)
class SimulatedRequest:
    """An HTTP request; `path` is percent-encoded, header names are lower case.

    `fault` is a provider-specific fault to apply to this request, else empty.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    fault: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of a posted form."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @cached_property
    def json(self) -> Any:
        """The body as JSON; None when it is empty.

        Raises:
            ValueError: when it is not JSON.
        """
        return json.loads(self.body) if self.body else None

    @property
    def bearer(self) -> str | None:
        """The token of the Authorization header."""
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


Handler = Callable[..., SimulatedResponse]
"""Takes the request and, by name, the path's variables (percent-decoded)."""


@dataclass(frozen=True, slots=True)
class SimulatorRoute:
    """The handler of a method and a path; a path segment in braces is a variable."""

    method: str
    path: str
    handler: Handler

    def variables(self, path: str) -> dict[str, str] | None:
        """Return the variables of a matching path, else None."""
        names, values = self.path.split("/"), path.split("/")
        if len(names) != len(values):
            return None
        variables: dict[str, str] = {}
        for name, value in zip(names, values, strict=True):
            if name.startswith("{") and value:
                variables[name.strip("{}")] = unquote(value)
            elif name != value:
                return None
        return variables


def json_response(
    content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> SimulatedResponse:
    """Return a JSON response."""
    return SimulatedResponse(
        status=status,
        headers={"content-type": "application/json; charset=UTF-8", **(headers or {})},
        body=json.dumps(content).encode(),
    )


def html_response(page: str, *, status: int = 200) -> SimulatedResponse:
    """Return an HTML response."""
    return SimulatedResponse(
        status=status, headers={"content-type": "text/html; charset=utf-8"}, body=page.encode()
    )


def redirect(location: str) -> SimulatedResponse:
    """Return a redirect that a browser follows with GET."""
    return SimulatedResponse(status=302, headers={"location": location})


def parsed(method: str, target: str, headers: Mapping[str, str], body: bytes) -> SimulatedRequest:
    """Return the request; of a repeated query parameter the last value counts."""
    split = urlsplit(target)
    return SimulatedRequest(
        method=method,
        path=split.path,
        query=dict(parse_qsl(split.query, keep_blank_values=True)),
        headers={name.lower(): value for name, value in headers.items()},
        body=body,
    )
