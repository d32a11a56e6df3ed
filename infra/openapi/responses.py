"""The responses of an operation: those it declares, and those that follow from its signature."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any

from infra.openapi import descriptions
from shared.api.errors import STATUS
from shared.api.operation import Operation, RawContent

JSON = "application/json"
Document = dict[str, Any]
ENVELOPE: Document = {
    "type": "object",
    "required": ["success", "message"],
    "properties": {"success": {"const": True}, "message": {"type": "string"}, "data": {}},
}
_MOST_ALTERNATIVES = 5


def models(operation: Operation) -> dict[int, Any]:
    """Return the types of an operation's response data, in the form Powertools takes."""
    return {status: _model(data) for status, data in operation.responses.items()}


def _model(data: Any) -> Document:
    if data is None or isinstance(data, RawContent):
        return {"description": ""}
    return {"description": "", "content": {JSON: {"model": data}}}


def responses(operation: Operation, generated: Document) -> Document:
    """Return all responses of an operation by status; `generated` is the one from Powertools."""
    successes = {
        str(status): _success(status, data, generated["responses"][str(status)])
        for status, data in sorted(operation.responses.items())
    }
    return successes | _errors([*operation.errors, *_implied_codes(generated)])


def shared_responses() -> Document:
    """Return the responses for single error codes, by name."""
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
                        "description": "The invalid fields, with VALIDATION_ERROR and the like.",
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


def _success(status: int, data: Any, generated: Document) -> Document:
    response = {"description": _summary(data) or HTTPStatus(status).phrase, **_headers(status)}
    if isinstance(data, RawContent):
        return {**response, "content": {data.media_type: {"schema": dict(data.schema)}}}
    if data is None:
        return response
    envelope = {
        "type": "object",
        "required": ["data"],
        "properties": {"data": generated["content"][JSON]["schema"]},
    }
    schema = {"allOf": [{"$ref": "#/components/schemas/Envelope"}, envelope]}
    return {**response, "content": {JSON: {"schema": schema}}}


def _summary(data: Any) -> str:
    """Return the first line of a type's docstring; empty for a list, whose docstring is generic."""
    has_own = isinstance(data, type) and not hasattr(data, "__origin__")
    return (data.__doc__ or "").strip().partition("\n")[0] if has_own else ""


def _implied_codes(generated: Document) -> list[str]:
    """Return the codes implied by an operation's security, parameters and body."""
    # A path id that no session can have is reported as NOT_FOUND, not as invalid.
    checked = [
        each
        for each in generated.get("parameters", ())
        if not (each["in"] == "path" and "pattern" in each["schema"])
    ]
    has_body, takes_token = "requestBody" in generated, generated["security"] != []
    implied = {
        "VALIDATION_ERROR": has_body or bool(checked),
        "UNAUTHORIZED": takes_token,
        "PAYLOAD_TOO_LARGE": has_body,
        "INTERNAL_ERROR": True,
        # The token issuer's keys may be unreachable.
        "PROVIDER_UNREACHABLE": takes_token,
    }
    return [code for code, is_implied in implied.items() if is_implied]


def _errors(codes: Sequence[str]) -> Document:
    by_status = sorted(dict.fromkeys(codes), key=STATUS.__getitem__)
    grouped = {status: list(group) for status, group in groupby(by_status, key=STATUS.__getitem__)}
    return {
        str(status): (
            _error(status, same_status)
            if same_status[1:]
            else {"$ref": f"#/components/responses/{_name(same_status[0])}"}
        )
        for status, same_status in grouped.items()
    }


def _name(code: str) -> str:
    return code.title().replace("_", "")


def _error(status: int, codes: Sequence[str]) -> Document:
    codes_only = {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}}
    return {
        "description": ", ".join(codes),
        **_headers(status),
        "content": {
            JSON: {
                "schema": {"allOf": [{"$ref": "#/components/schemas/ErrorEnvelope"}, codes_only]},
                "examples": {code: {"value": _example(code)} for code in codes},
            }
        },
    }


def _example(code: str) -> Document:
    fields: Document = {}
    if code == "VALIDATION_ERROR":
        fields = {"details": [{"field": "title", "message": "is required"}]}
    if code == "SLOT_TAKEN":
        start, end = "2030-03-05T10:00:00Z", "2030-03-05T11:00:00Z"
        fields = {"alternatives": [{"startTime": start, "endTime": end}]}
    return {
        "success": False,
        "message": descriptions.ERRORS[code],
        "error": {"code": code, **fields},
        "requestId": "JKJaXmPLvHcESHA=",
    }


def _headers(status: int) -> Document:
    name = descriptions.HEADERS_OF_STATUS.get(status)
    if name is None:
        return {}
    kind, description = descriptions.HEADERS[name]
    header = {"description": description, "required": True, "schema": {"type": kind}}
    return {"headers": {name: header}}
