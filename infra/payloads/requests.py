"""The payloads of the HTTP API, of the API's document and its functions' example bodies."""

import importlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from infra.local.gateway import Request, match
from infra.openapi.document import PATH
from infra.payloads.samples import HEADERS_OF_SNS, SAMPLES, Sample
from infra.payloads.shapes import HOST, Payload, from_api

NOWHERE = "status/no-such-path"
"""The payload whose path no route names."""

_SOURCE = "203.0.113.7"


def requests() -> dict[str, Payload]:
    """Return the payload of every sample, and that of a path no route names."""
    made = {name: _payload(name, sample) for name, sample in SAMPLES.items()}
    return {**made, NOWHERE: _sent(NOWHERE, "GET", "/api/v1/no-such-path", {}, b"")}


def _payload(name: str, sample: Sample) -> Payload:
    method, path, described = _operations()[sample.operation]
    content = _body(name, sample)
    return _sent(name, method, _target(path, described, sample), _headers(sample, content), content)


def _sent(
    name: str, method: str, target: str, headers: Mapping[str, str], content: bytes
) -> Payload:
    usual = {
        "accept": "*/*",
        "host": HOST,
        "user-agent": "curl/8.11.0",
        "x-forwarded-for": _SOURCE,
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    request = Request(
        method=method,
        target=target,
        headers=tuple({**usual, **headers}.items()),
        body=content,
        source_ip=_SOURCE,
    )
    return from_api(name, request, match(method, target.partition("?")[0]))


def _headers(sample: Sample, content: bytes) -> dict[str, str]:
    proof = {"authorization": f"Bearer {sample.token}"} if sample.token else {}
    if not content:
        return proof
    kind = HEADERS_OF_SNS if sample.operation == "sesNotifications" else _JSON
    return {**proof, "content-length": str(len(content)), **kind}


def _target(path: str, described: Mapping[str, Any], sample: Sample) -> str:
    query: dict[str, str] = {}
    for parameter in described.get("parameters", ()):
        name = parameter["name"]
        value = sample.given.get(name) or _text(parameter["example"])
        if parameter["in"] == "path":
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        elif name not in sample.left_out:
            query[name] = value
    return f"{path}?{urlencode(query)}" if query else path


def _text(example: Any) -> str:
    return ",".join(example) if isinstance(example, list) else str(example)


def _body(name: str, sample: Sample) -> bytes:
    if sample.example is None:
        return b""
    examples = importlib.import_module(f"functions.{name.partition('/')[0]}.examples").EXAMPLES
    return json.dumps(examples[sample.operation][sample.example], ensure_ascii=False).encode()


@cache
def _operations() -> dict[str, tuple[str, str, Mapping[str, Any]]]:
    document = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        described["operationId"]: (method.upper(), path, described)
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    }


_JSON = {"content-type": "application/json"}
