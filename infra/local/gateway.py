"""What an API Gateway HTTP API does between HTTP and Lambda, payload format 2.0.

Shapes: the API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

import base64
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, unquote

from infra.routes import FALLBACK, ROUTES, Route

MAX_BODY_BYTES = 10 * 1024 * 1024
STAGE = "$default"
_ACCOUNT = "123456789012"
_API = "local"
_TEXT_TYPES = ("application/json", "application/javascript", "application/xml")

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An HTTP request; `target` is its path and query as they came, `headers` in order."""

    method: str
    target: str
    headers: Headers
    body: bytes
    source_ip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which function answers, under which route key, and what the path's variables hold."""

    function: str
    route_key: str
    path_parameters: Mapping[str, str]


def match(method: str, path: str, *, routes: Iterable[Route] = ROUTES) -> Match:
    """Return who answers; static segments win over variables, and `path` is percent-encoded.

    A path that only other methods have goes to their function, as an ANY route would; a path no
    route has goes to the fallback.
    """
    fitting = sorted(
        (route for route in routes if _variables(route.path, path) is not None),
        key=lambda route: (_specificity(route.path), route.method != method),
    )
    if not fitting:
        return Match(function=FALLBACK, route_key=STAGE, path_parameters={})
    route = fitting[0]
    # Paths that fit equally well may differ in the method only, so the method's own one is first.
    key = route.method if route.method == method else "ANY"
    return Match(
        function=route.function,
        route_key=f"{key} {route.path}",
        path_parameters=_variables(route.path, path) or {},
    )


def payload(request: Request, matched: Match, *, now: datetime) -> dict[str, Any]:
    """Return the payload API Gateway would send; `now` is when the request came in."""
    path, _, query = request.target.partition("?")
    headers = _joined((name.lower(), value) for name, value in request.headers)
    cookies = headers.pop("cookie", None)
    body, is_encoded = _body(request.body, headers.get("content-type", ""))
    optional = {
        "cookies": cookies.split("; ") if cookies else None,
        "queryStringParameters": _joined(parse_qsl(query, keep_blank_values=True)),
        "pathParameters": dict(matched.path_parameters),
        "body": body,
    }
    return {
        "version": "2.0",
        "routeKey": matched.route_key,
        # An HTTP API decodes the path, unlike a REST API, and leaves the query as it came.
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": _context(request, matched, headers=headers, now=now),
        "isBase64Encoded": is_encoded,
        **{name: value for name, value in optional.items() if value},
    }


def response(answer: Any) -> Response:
    """Return what API Gateway makes of a handler's answer; one it cannot read is a 500."""
    if not isinstance(answer, Mapping) or "statusCode" not in answer:
        return _json(200, answer)
    try:
        return Response(
            status=int(answer["statusCode"]),
            headers=tuple(_answer_headers(answer)),
            body=_answer_body(answer),
        )
    except (AttributeError, TypeError, ValueError):
        return internal_error()


def internal_error() -> Response:
    """Return the answer to an invocation that failed."""
    return _json(500, {"message": "Internal Server Error"})


def service_unavailable() -> Response:
    """Return the answer to an invocation that took too long."""
    return _json(503, {"message": "Service Unavailable"})


def bad_request() -> Response:
    """Return the answer to a request that cannot be read; no function sees it."""
    return _json(400, {"message": "Bad Request"})


def too_large() -> Response:
    """Return the answer to a body over `MAX_BODY_BYTES`; no function sees the request."""
    return _json(413, {"message": "Request Entity Too Large"})


def _variables(template: str, path: str) -> dict[str, str] | None:
    names, values = template.split("/"), path.split("/")
    if len(names) != len(values):
        return None
    found: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        if name.startswith("{") and value:
            found[name.strip("{}")] = unquote(value)
        elif name != unquote(value):
            return None
    return found


def _specificity(template: str) -> tuple[bool, ...]:
    return tuple(segment.startswith("{") for segment in template.split("/"))


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    ordered = sorted(pairs, key=lambda pair: pair[0])
    grouped = groupby(ordered, key=lambda pair: pair[0])
    return {name: ",".join(value for _, value in group) for name, group in grouped}


def _body(body: bytes, content_type: str) -> tuple[str | None, bool]:
    media_type = content_type.partition(";")[0].strip().lower()
    if not body:
        return None, False
    if not media_type or media_type.startswith("text/") or media_type in _TEXT_TYPES:
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # Bytes that are no text travel like any other binary body.
    return base64.b64encode(body).decode(), True


def _context(
    request: Request, matched: Match, *, headers: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    host = headers.get("host", "")
    return {
        "accountId": _ACCOUNT,
        "apiId": _API,
        "domainName": host.partition(":")[0],
        "domainPrefix": _API,
        "http": {
            "method": request.method,
            "path": unquote(request.target.partition("?")[0]),
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": matched.route_key,
        "stage": STAGE,
        "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now.timestamp() * 1000),
    }


def _answer_headers(answer: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    single = dict(answer.get("headers") or {})
    several = answer.get("multiValueHeaders") or {}
    names = {name.lower() for name in (*single, *several)}
    if "content-type" not in names and answer.get("body"):
        yield "content-type", "application/json"
    for name, value in single.items():
        if name not in several:
            yield name, str(value)
    for name, values in several.items():
        yield from ((name, str(value)) for value in values)
    yield from (("set-cookie", str(cookie)) for cookie in answer.get("cookies") or ())


def _answer_body(answer: Mapping[str, Any]) -> bytes:
    body = answer.get("body") or ""
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return str(body).encode()


def _json(status: int, content: Any) -> Response:
    return Response(
        status=status,
        headers=(("content-type", "application/json"),),
        body=json.dumps(content).encode(),
    )
