"""Builds the HTTP API's payloads from the OpenAPI document and its example bodies."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from infra.local.gateway import Request, match
from infra.openapi.document import PATH
from infra.openapi.examples import examples_of
from infra.payloads.samples import SAMPLES, SNS_HEADERS, Sample
from infra.payloads.shapes import HOST, Payload, from_api

UNKNOWN_PATH = "status/no-such-path"
"""The payload for a path that has no route."""

_SOURCE_IP = "203.0.113.7"


def requests() -> dict[str, Payload]:
    """Return the payload of every sample, and one for an unknown path."""
    payloads = {name: _payload(name, sample) for name, sample in SAMPLES.items()}
    return {**payloads, UNKNOWN_PATH: _build(UNKNOWN_PATH, "GET", "/api/v1/no-such-path", {}, b"")}


def _payload(name: str, sample: Sample) -> Payload:
    method, path, operation = _operations()[sample.operation]
    content = _body(name, sample)
    return _build(
        name, method, _target(path, operation, sample), _headers(sample, content), content
    )


def _build(
    name: str, method: str, target: str, headers: Mapping[str, str], content: bytes
) -> Payload:
    defaults = {
        "accept": "*/*",
        "host": HOST,
        "user-agent": "curl/8.11.0",
        "x-forwarded-for": _SOURCE_IP,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    request = Request(
        method=method,
        target=target,
        headers=tuple({**defaults, **headers}.items()),
        body=content,
        source_ip=_SOURCE_IP,
    )
    return from_api(name, request, match(method, target.partition("?")[0]))


def _headers(sample: Sample, content: bytes) -> dict[str, str]:
    headers = {"authorization": f"Bearer {sample.token}"} if sample.token else {}
    if sample.cookie:
        headers["cookie"] = sample.cookie
    if not content:
        return headers
    kind = SNS_HEADERS if sample.operation == "sesNotifications" else _JSON
    return {**headers, "content-length": str(len(content)), **kind}


def _target(path: str, operation: Mapping[str, Any], sample: Sample) -> str:
    query: dict[str, str] = {}
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        value = sample.parameters.get(name) or _text(parameter["example"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif name not in sample.omitted:
            query[name] = value
    return f"{path}?{urlencode(query)}" if query else path


def _text(example: Any) -> str:
    return ",".join(example) if isinstance(example, list) else str(example)


def _body(name: str, sample: Sample) -> bytes:
    if sample.example is None:
        return b""
    examples = examples_of(name.partition("/")[0])
    return json.dumps(examples[sample.operation][sample.example], ensure_ascii=False).encode()


@cache
def _operations() -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    document = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


_JSON = {"content-type": "application/json"}
