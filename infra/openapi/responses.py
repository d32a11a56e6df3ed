"""The responses of an operation: those it declares, and those that follow from its signature."""

from collections.abc import Sequence
from http import HTTPStatus
from itertools import groupby
from typing import Any

from infra.openapi import descriptions
from shared.api.errors import CHALLENGES, STATUS
from shared.api.operation import Operation, RawContent

JSON = "application/json"
Document = dict[str, Any]
ENVELOPE: Document = {
    "type": "object",
    "required": ["success", "message"],
    "properties": {"success": {"const": True}, "message": {"type": "string"}, "data": {}},
}
GATEWAY_MESSAGE: Document = {
    "type": "object",
    "description": "What API Gateway itself sends when no function responds. The header "
    "apigw-requestid has the request's id.",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {"message": {"type": "string"}},
}
REQUEST_ID: Document = {
    "description": "The request's id, which error envelopes and the logs have too. Responses of "
    "API Gateway itself lack it and have apigw-requestid.",
    "schema": {"type": "string"},
}
_MOST_ALTERNATIVES = 5
_OF_GATEWAY = {413, 429, 500, 503}
"""The statuses with which API Gateway itself responds, in a form that cannot be changed."""


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
                    "reason": {
                        "enum": list(CHALLENGES),
                        "description": "With UNAUTHORIZED: no token, one that is not valid, or "
                        "one that has expired.",
                    },
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
                        "description": "With SLOT_TAKEN and OUTSIDE_AVAILABILITY: free times of "
                        "the same length for the same people that do not overlap, nearest to the "
                        "start asked for, from its date on and within 14 days.",
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
    """Return the codes that every operation has, and those implied by its security."""
    # The token issuer's keys may be unreachable.
    of_token = ["UNAUTHORIZED", "PROVIDER_UNREACHABLE"] if generated["security"] != [] else []
    # An unknown query parameter is invalid, and API Gateway limits sizes and rates.
    return [
        "VALIDATION_ERROR",
        "PAYLOAD_TOO_LARGE",
        "TOO_MANY_REQUESTS",
        "INTERNAL_ERROR",
        *of_token,
    ]


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
    schema: Document = {"allOf": [{"$ref": "#/components/schemas/ErrorEnvelope"}, codes_only]}
    if status in _OF_GATEWAY:
        schema = {"anyOf": [schema, {"$ref": "#/components/schemas/GatewayMessage"}]}
    return {
        "description": ", ".join(codes),
        **_headers(status),
        "content": {
            JSON: {
                "schema": schema,
                "examples": {code: {"value": _example(code)} for code in codes},
            }
        },
    }


def _example(code: str) -> Document:
    fields: Document = {}
    if code == "VALIDATION_ERROR":
        fields = {"details": [{"field": "title", "message": "is required"}]}
    if code == "UNAUTHORIZED":
        fields = {"reason": "missing"}
    if code in {"SLOT_TAKEN", "OUTSIDE_AVAILABILITY"}:
        start, end = "2030-03-05T10:00:00Z", "2030-03-05T11:00:00Z"
        fields = {"alternatives": [{"startTime": start, "endTime": end}]}
    return {
        "success": False,
        "message": descriptions.ERRORS[code],
        "error": {"code": code, **fields},
        "requestId": "JKJaXmPLvHcESHA=",
    }


def _headers(status: int) -> Document:
    headers: Document = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if name := descriptions.HEADERS_OF_STATUS.get(status):
        kind, description = descriptions.HEADERS[name]
        # API Gateway does not say when to come back.
        is_certain = status not in _OF_GATEWAY
        headers[name] = {
            "description": description,
            "required": is_certain,
            "schema": {"type": kind},
        }
    return {"headers": headers}
