"""The responses of an operation: what it says of itself, and what follows from its signature."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any

from infra.openapi import words
from shared.api.errors import STATUS
from shared.api.operation import Bare, Operation

JSON = "application/json"
Document = dict[str, Any]
ENVELOPE: Document = {
    "type": "object",
    "required": ["success", "message"],
    "properties": {"success": {"const": True}, "message": {"type": "string"}, "data": {}},
}
_MOST_ALTERNATIVES = 5


def models(operation: Operation) -> dict[int, Any]:
    """Return what Powertools is to know of an operation's answers: the types of their data."""
    return {status: _model(data) for status, data in operation.answers.items()}


def _model(data: Any) -> Document:
    if data is None or isinstance(data, Bare):
        return {"description": ""}
    return {"description": "", "content": {JSON: {"model": data}}}


def responses(operation: Operation, written: Document) -> Document:
    """Return all responses of an operation by status; `written` is what Powertools wrote of it."""
    successes = {
        str(status): _success(status, data, written["responses"][str(status)])
        for status, data in sorted(operation.answers.items())
    }
    return successes | _errors([*operation.errors, *_codes_that_follow(written)])


def shared_responses() -> Document:
    """Return the responses that tell one error code, by name."""
    return {_name(code): _error(STATUS[code], [code]) for code in STATUS}


def error_envelope() -> Document:
    """Return the schema of every error."""
    instant = {"type": "string", "format": "date-time"}
    return {
        "type": "object",
        "required": ["success", "message", "error", "requestId"],
        "properties": {
            "success": {"const": False},
            "message": {"type": "string"},
            "requestId": {"type": "string"},
            "error": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "code": {"enum": list(STATUS)},
                    "details": {
                        "type": "array",
                        "description": "With VALIDATION_ERROR and its kind: what is wrong where.",
                        "items": {
                            "type": "object",
                            "required": ["field", "message"],
                            "properties": {
                                "field": {"type": "string"},
                                "message": {"type": "string"},
                            },
                        },
                    },
                    "alternatives": {
                        "type": "array",
                        "maxItems": _MOST_ALTERNATIVES,
                        "description": "With SLOT_TAKEN: the next free slots of the same length "
                        "for the same people within 14 days.",
                        "items": {
                            "type": "object",
                            "required": ["startTime", "endTime"],
                            "properties": {"startTime": instant, "endTime": instant},
                        },
                    },
                },
            },
        },
    }


def _success(status: int, data: Any, written: Document) -> Document:
    response = {"description": _told(data) or HTTPStatus(status).phrase, **_headers(status)}
    if isinstance(data, Bare):
        return {**response, "content": {data.media_type: {"schema": dict(data.schema)}}}
    if data is None:
        return response
    told = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": written["content"][JSON]["schema"]},
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/Envelope"}, told]}
    return {**response, "content": {JSON: {"schema": schema}}}


def _told(data: Any) -> str:
    """The first line of a type's docstring; a list's own would tell what a list is."""
    is_ours = isinstance(data, type) and not hasattr(data, "__origin__")
    return (data.__doc__ or "").strip().partition("\n")[0] if is_ours else ""


def _codes_that_follow(written: Document) -> list[str]:
    """The codes an operation may tell for its security, its parameters and its body."""
    # Text that no session can have for an id is nothing wrong: it names no session.
    checked = [
        each
        for each in written.get("parameters", ())
        if not (each["in"] == "path" and "pattern" in each["schema"])
    ]
    has_body, takes_token = "requestBody" in written, written["security"] != []
    follows = {
        "VALIDATION_ERROR": has_body or bool(checked),
        "UNAUTHORIZED": takes_token,
        "PAYLOAD_TOO_LARGE": has_body,
        "INTERNAL_ERROR": True,
        # The issuer's keys may be out of reach.
        "PROVIDER_UNREACHABLE": takes_token,
    }
    return [code for code, holds in follows.items() if holds]


def _errors(codes: Sequence[str]) -> Document:
    by_status = sorted(dict.fromkeys(codes), key=STATUS.__getitem__)
    grouped = {status: list(group) for status, group in groupby(by_status, key=STATUS.__getitem__)}
    return {
        str(status): (
            _error(status, told)
            if told[1:]
            else {"$ref": f"#/components/responses/{_name(told[0])}"}
        )
        for status, told in grouped.items()
    }


def _name(code: str) -> str:
    return code.title().replace("_", "")


def _error(status: int, codes: Sequence[str]) -> Document:
    told = {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}}
    return {
        "description": ", ".join(codes),
        **_headers(status),
        "content": {
            JSON: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/ErrorEnvelope"}, told]},
                "examples": {code: {"value": _example(code)} for code in codes},
            }
        },
    }


def _example(code: str) -> Document:
    more: Document = {}
    if code == "VALIDATION_ERROR":
        more = {"details": [{"field": "title", "message": "is required"}]}
    if code == "SLOT_TAKEN":
        start, end = "2026-12-25T10:00:00Z", "2026-12-25T11:00:00Z"
        more = {"alternatives": [{"startTime": start, "endTime": end}]}
    return {
        "success": False,
        "message": words.ERRORS[code],
        "error": {"code": code, **more},
        "requestId": "JKJaXmPLvHcESHA=",
    }


def _headers(status: int) -> Document:
    name = words.HEADERS_OF_STATUS.get(status)
    if name is None:
        return {}
    kind, told = words.HEADERS[name]
    header = {"description": told, "required": True, "schema": {"type": kind}}
    return {"headers": {name: header}}
