"""Checks every request against Google's discovery document of the Calendar API."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx

from infra.local.simulators.google import fields as google_fields
from shared.providers.tls import tls_context

Json = Mapping[str, Any]


@cache
def document() -> Json:
    """Return the discovery document inside google-api-python-client."""
    place = files("googleapiclient") / "discovery_cache" / "documents" / "calendar.v3.json"
    result: Json = json.loads(place.read_text())
    return result


class UndocumentedRequest(AssertionError):
    """A request that the discovery document does not allow."""


@dataclass(frozen=True)
class ApiMethod:
    """A method of the API and its description."""

    id: str
    described: Json

    @property
    def scopes(self) -> frozenset[str]:
        """The accepted scopes; any one of them is enough."""
        return frozenset(self.described["scopes"])


def method_of(verb: str, path: str) -> ApiMethod:
    """Return the API method for an HTTP method and a path below the base path.

    Raises:
        UndocumentedRequest: there is none.
    """
    for each in _methods(document()["resources"]):
        pattern = re.sub(r"\{\w+\}", "[^/]+", each["path"])
        if each["httpMethod"] == verb and re.fullmatch(pattern, path):
            return ApiMethod(each["id"], each)
    raise UndocumentedRequest(f"{verb} {path}")


def check(request: httpx.Request, base_path: str) -> None:
    """Check method, path, query and body of a request of the Calendar API.

    Raises:
        UndocumentedRequest: the discovery document does not allow the request.
    """
    raw_path, _, query = request.url.raw_path.decode().partition("?")
    method = method_of(request.method, raw_path.removeprefix(base_path).lstrip("/"))
    parameters = {**document()["parameters"], **method.described["parameters"]}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if parameters.get(name, {}).get("location") != "query":
            raise UndocumentedRequest(f"{method.id} has no query parameter {name}")
        _check_text(f"{method.id} {name}", unquote(value), parameters[name])
        if name == "fields":
            _check_mask(google_fields.parse(value), method.described["response"], method.id)
    _check_body(request, method)


class DiscoveryCheckedTransport(httpx.BaseTransport):
    """Sends requests the discovery document allows, and fails the test for any other."""

    def __init__(self, base_path: str, inner: httpx.BaseTransport | None = None) -> None:
        self.checked: list[str] = []
        self._base_path = base_path
        self._inner = inner or httpx.HTTPTransport(verify=tls_context(), trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith(self._base_path):
            check(request, self._base_path)
            self.checked.append(request.method)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def _methods(resources: Json) -> Iterator[Json]:
    for resource in resources.values():
        yield from resource.get("methods", {}).values()
        yield from _methods(resource.get("resources", {}))


def _check_body(request: httpx.Request, method: ApiMethod) -> None:
    described = method.described.get("request")
    if described is None:
        if request.content:
            raise UndocumentedRequest(f"{method.id} takes no body")
        return
    if request.headers["Content-Type"] != "application/json":
        raise UndocumentedRequest(f"{method.id} takes JSON")
    _check_value(method.id, json.loads(request.content), described)
    required = _schema(described).get("properties", {})
    if method.described["httpMethod"] == "POST":
        body = json.loads(request.content)
        for name, each in required.items():
            if method.id in each.get("annotations", {}).get("required", ()) and name not in body:
                raise UndocumentedRequest(f"{method.id} needs {name}")


def _check_value(where: str, value: Any, described: Json) -> None:
    schema = _schema(described)
    kind = schema.get("type", "object")
    if value is None:
        return  # In a PATCH, null removes a field.
    if kind == "object":
        _check_object(where, value, schema)
    elif kind == "array":
        for each in value:
            _check_value(f"{where}[]", each, schema["items"])
    elif not isinstance(value, _PYTHON[kind]):
        raise UndocumentedRequest(f"{where} is not a {kind}: {value!r}")
    elif isinstance(value, str):
        _check_text(where, value, schema)


def _check_object(where: str, value: Any, schema: Json) -> None:
    if not isinstance(value, dict):
        raise UndocumentedRequest(f"{where} is not an object: {value!r}")
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name, each in value.items():
        described = properties.get(name, others)
        if described is None:
            raise UndocumentedRequest(f"{where} has no property {name}")
        _check_value(f"{where}.{name}", each, described)


def _check_text(where: str, text: str, schema: Json) -> None:
    fits = _FORMATS.get(schema.get("format", ""), _KINDS.get(schema.get("type", ""), _anything))
    try:
        good = fits(text)
    except ValueError:
        good = False
    if not good or text not in schema.get("enum", [text]):
        raise UndocumentedRequest(f"{where} may not be {text!r}")
    low, high = schema.get("minimum"), schema.get("maximum")
    if (low and int(text) < int(low)) or (high and int(text) > int(high)):
        raise UndocumentedRequest(f"{where} may not be {text!r}")


def _check_mask(mask: google_fields.Mask, described: Json, where: str) -> None:
    schema = _schema(described)
    if schema.get("type") == "array":
        _check_mask(mask, schema["items"], where)
        return
    for name, below in mask.items():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
        if inner is None:
            raise UndocumentedRequest(f"{where} does not return {name}")
        _check_mask(below, inner, f"{where}.{name}")


def _schema(described: Json) -> Json:
    result: Json = document()["schemas"][described["$ref"]] if "$ref" in described else described
    return result


def _anything(_: str) -> bool:
    return True


_PYTHON: Mapping[str, Any] = {"string": str, "boolean": bool, "integer": int, "number": float}
_FORMATS: Mapping[str, Callable[[str], bool]] = {
    "date-time": lambda text: bool(datetime.fromisoformat(text)),
    "date": lambda text: len(text) == len("2026-01-01") and bool(datetime.fromisoformat(text)),
}
_KINDS: Mapping[str, Callable[[str], bool]] = {
    "boolean": lambda text: text in ("true", "false"),
    "integer": lambda text: text.isascii() and text.isdigit(),
}
