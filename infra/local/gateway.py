"""Converts between HTTP and Lambda as an API Gateway HTTP API does, payload format 2.0.

Shapes: the API Gateway developer guide, "Create AWS Lambda proxy integrations for HTTP APIs".
"""

import base64
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
    """An HTTP request; `target` is the raw path and query, `headers` are in order."""

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
class RouteMatch:
    """The function of a request, its route key and the values of the path's variables."""

    function: str
    route_key: str
    path_parameters: Mapping[str, str]


def match(method: str, path: str, *, routes: Iterable[Route] = ROUTES) -> RouteMatch:
    """Return the matching route; static segments win over variables. `path` is percent-encoded.

    A path whose routes have other methods only goes to their function, as an ANY route would. A
    path without a route goes to the fallback.
    """
    matching = sorted(
        (route for route in routes if _variables(route.path, path) is not None),
        key=lambda route: (_specificity(route.path), method not in route.methods),
    )
    if not matching:
        return RouteMatch(function=FALLBACK, route_key=STAGE, path_parameters={})
    route = matching[0]
    # Equally specific paths differ in the method only; the request's own method sorts first.
    key = method if method in route.methods else "ANY"
    return RouteMatch(
        function=route.function,
        route_key=f"{key} {route.path}",
        path_parameters=_variables(route.path, path) or {},
    )


def payload(request: Request, matched: RouteMatch, *, now: datetime) -> dict[str, Any]:
    """Return the payload API Gateway would send; `now` is the time of the request."""
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
        # An HTTP API decodes the path, unlike a REST API, and leaves the query encoded.
        "rawPath": unquote(path),
        "rawQueryString": query,
        "headers": headers,
        "requestContext": _context(request, matched, headers=headers, now=now),
        "isBase64Encoded": is_encoded,
        **{name: value for name, value in optional.items() if value},
    }


def response(result: Any) -> Response:
    """Return the HTTP response for a handler's result; one that is not valid gives a 500."""
    if not isinstance(result, Mapping) or "statusCode" not in result:
        return _json(200, result)
    try:
        return Response(
            status=int(result["statusCode"]),
            headers=tuple(_result_headers(result)),
            body=_result_body(result),
        )
    except (AttributeError, TypeError, ValueError):
        return internal_error()


def with_request_id(made: Response, request_id: str) -> Response:
    """Return the response with the header that API Gateway adds to every response."""
    return replace(made, headers=(*made.headers, ("apigw-requestid", request_id)))


def moved_to(path: str) -> Response:
    """Return a redirect to another path."""
    return Response(status=302, headers=(("location", path),), body=b"")


def internal_error() -> Response:
    """Return the response to a failed invocation."""
    return _json(500, {"message": "Internal Server Error"})


def service_unavailable() -> Response:
    """Return the response to an invocation that timed out."""
    return _json(503, {"message": "Service Unavailable"})


def bad_request() -> Response:
    """Return the response to a malformed request; no function is invoked."""
    return _json(400, {"message": "Bad Request"})


def too_large() -> Response:
    """Return the response to a body over `MAX_BODY_BYTES`; no function is invoked."""
    return _json(413, {"message": "Request Entity Too Large"})


def _variables(template: str, path: str) -> dict[str, str] | None:
    names, values = template.split("/"), path.split("/")
    if len(names) != len(values):
        return None
    variables: dict[str, str] = {}
    for name, value in zip(names, values, strict=True):
        if name.startswith("{") and value:
            variables[name.strip("{}")] = unquote(value)
        elif name != unquote(value):
            return None
    return variables


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
            pass  # Not UTF-8: sent as base64, like any binary body.
    return base64.b64encode(body).decode(), True


def _context(
    request: Request, matched: RouteMatch, *, headers: Mapping[str, str], now: datetime
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


def _result_headers(result: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    single = dict(result.get("headers") or {})
    several = result.get("multiValueHeaders") or {}
    names = {name.lower() for name in (*single, *several)}
    if "content-type" not in names and result.get("body"):
        yield "content-type", "application/json"
    for name, value in single.items():
        if name not in several:
            yield name, str(value)
    for name, values in several.items():
        yield from ((name, str(value)) for value in values)
    yield from (("set-cookie", str(cookie)) for cookie in result.get("cookies") or ())


def _result_body(result: Mapping[str, Any]) -> bytes:
    body = result.get("body") or ""
    if result.get("isBase64Encoded"):
        return base64.b64decode(body, validate=True)
    return str(body).encode()


def _json(status: int, content: Any) -> Response:
    return Response(
        status=status,
        headers=(("content-type", "application/json"), ("x-content-type-options", "nosniff")),
        body=json.dumps(content).encode(),
    )
