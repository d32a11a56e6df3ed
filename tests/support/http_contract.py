"""Loads the HTTP contract and checks responses against it: no missing and no extra fields.

Only the JSON Schema keywords used in the contract are supported; any other raises KeyError.
"""

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONTRACT = Path(__file__).parents[1] / "data" / "contract.json"
EVERYWHERE = {400, 404, 405, 413}
"""Statuses any path may return, even if its operation does not list them."""

PAGES = ("/docs", "/console")
"""HTML without an envelope, not described in the contract."""

TOO_MANY = 429
"""A status that any operation without authentication may return."""

Schema = Mapping[str, Any]
Problems = Iterator[str]


@cache
def contract() -> dict[str, Any]:
    """Return the part of the OpenAPI document that covers the routes."""
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text())
    return loaded


def operation(method: str, path: str) -> dict[str, Any]:
    """Return the operation of a path, spelled as in the routes."""
    result: dict[str, Any] = contract()["paths"][path][method.lower()]
    return result


def codes() -> set[str]:
    """Return every error code of the contract."""
    envelope = contract()["components"]["schemas"]["ErrorEnvelope"]
    return set(envelope["properties"]["error"]["properties"]["code"]["enum"])


def response_problems(method: str, path: str, status: int, envelope: Any) -> list[str]:
    """Return each way a response violates the contract; `path` is spelled as in the routes."""
    if path in PAGES:
        return [] if envelope is None else error_problems(envelope)
    responses = operation(method, path)["responses"]
    if str(status) in responses:
        response = _resolved(responses[str(status)])
        if "content" not in response:
            return [] if envelope is None else [f"{method} {path} must have no body: {envelope}"]
        return list(problems(response["content"]["application/json"]["schema"], envelope))
    if status in EVERYWHERE or (
        status == TOO_MANY and operation(method, path).get("security") is not None
    ):
        return error_problems(envelope)
    return [f"{method} {path} must not return {status}: {envelope}"]


def error_problems(envelope: Any) -> list[str]:
    """Return each way an envelope violates the error schema."""
    return list(problems({"$ref": "#/components/schemas/ErrorEnvelope"}, envelope))


def problems(schema: Schema, value: Any, where: str = "response") -> Problems:
    """Yield each difference between `value` and the schema, including unknown properties."""
    schema = _resolved(schema)
    for keyword, wanted in schema.items():
        yield from _CHECKS[keyword](wanted, value, where)
    known = _known_properties(schema)
    if isinstance(value, dict) and known:
        yield from (f"{where} has undocumented {name}" for name in value if name not in known)
        for name, options in known.items():
            if name in value:
                for each in options:
                    yield from problems(each, value[name], f"{where}.{name}")


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        _, _, kind, name = schema["$ref"].split("/")
        schema = contract()["components"][kind][name]
    return schema


def _known_properties(schema: Schema) -> dict[str, list[Schema]]:
    """Return every property of a schema and of its `allOf` parts, each with all its schemas."""
    result: dict[str, list[Schema]] = {}
    for part in [schema, *map(_resolved, schema.get("allOf", ()))]:
        if part is schema:
            own = {name: [subschema] for name, subschema in part.get("properties", {}).items()}
        else:
            own = _known_properties(part)
        for name, subschema in own.items():
            result.setdefault(name, []).extend(subschema)
    return result


def _all_of(wanted: list[Schema], value: Any, where: str) -> Problems:
    for part in map(_resolved, wanted):
        for keyword, subschema in part.items():
            yield from _CHECKS[keyword](subschema, value, where)


def _any_of(wanted: list[Schema], value: Any, where: str) -> Problems:
    result = [list(problems(each, value, where)) for each in wanted]
    if all(result):
        yield f"{where} is none of the alternatives: {result}"


_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}


def _type(wanted: str | list[str], value: Any, where: str) -> Problems:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_TYPES[name](value) for name in names):
        yield f"{where} is {value!r}, not {wanted}"


def _items(wanted: Schema, value: Any, where: str) -> Problems:
    for number, each in enumerate(value if isinstance(value, list) else ()):
        yield from problems(wanted, each, f"{where}[{number}]")


def _required(wanted: list[str], value: Any, where: str) -> Problems:
    if isinstance(value, dict):
        yield from (f"{where} lacks {name}" for name in wanted if name not in value)


def _holds(message: str, holds: Callable[[Any, Any], bool]) -> Callable[..., Problems]:
    def check(wanted: Any, value: Any, where: str) -> Problems:
        if not holds(wanted, value):
            yield f"{where} is {value!r}, not {message} {wanted}"

    return check


def _is_instant(value: str) -> bool:
    return value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None


_FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": _is_instant,
    "uuid": uuid.UUID,
    "uri": lambda value: urlsplit(value).scheme,
    "email": lambda value: "@" in value,
}


def _fits(name: str, value: Any) -> bool:
    if not isinstance(value, str):
        return True  # a format applies to strings only
    try:
        return bool(_FORMATS[name](value))
    except ValueError:
        return False


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | list) else 0


_NOTHING: Callable[..., Problems] = lambda *_: iter(())  # noqa: E731 - one value of the table below

_CHECKS: Mapping[str, Callable[..., Problems]] = {
    "allOf": _all_of,
    "anyOf": _any_of,
    "type": _type,
    "items": _items,
    "required": _required,
    "const": _holds("exactly", lambda wanted, value: bool(wanted == value)),
    "enum": _holds("one of", lambda wanted, value: value in wanted),
    "pattern": _holds(
        "like", lambda wanted, value: not isinstance(value, str) or bool(re.search(wanted, value))
    ),
    "format": _holds("a", _fits),
    "minimum": _holds("at least", lambda least, value: value is None or value >= least),
    "maximum": _holds("at most", lambda most, value: value is None or value <= most),
    "minLength": _holds("as long as", lambda least, value: _length(value) >= least),
    "maxLength": _holds("as short as", lambda most, value: _length(value) <= most),
    "minItems": _holds("as many as", lambda least, value: _length(value) >= least),
    "maxItems": _holds("as few as", lambda most, value: _length(value) <= most),
    # Checked in `problems`, or irrelevant for a response.
    "properties": _NOTHING,
    "additionalProperties": _NOTHING,
    "default": _NOTHING,
}
