"""Completes the operations that Powertools generates with what signatures cannot express."""

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route

from infra.openapi import descriptions
from infra.openapi.examples import all_examples
from infra.openapi.links import LINKS
from infra.openapi.responses import JSON, Document, responses
from shared.api.operation import operation_of

SENT_AS_TEXT = {"sesNotifications"}
"""Operations whose JSON body is sent as text/plain, as SNS does."""


def completed(generated: Document, route: Route, schemas: Mapping[str, Document]) -> Document:
    """Return an operation with its security, parameters, body, responses, examples and links.

    `generated` is the operation from Powertools, `schemas` the components it refers to.
    """
    declared = operation_of(route.func)
    operation = {name: value for name, value in generated.items() if name != "deprecated"}
    if route.security is not None:
        operation["security"] = route.security
    parameters = [_parameter(declared.id, each) for each in generated.get("parameters", ())]
    if parameters:
        operation["parameters"] = parameters
    if "requestBody" in generated:
        operation["requestBody"] = _body(declared.id, generated["requestBody"], schemas)
    operation["responses"] = responses(declared, {"security": [{}], **operation})
    for (name, status), links in LINKS.items():
        if name == declared.id:
            operation["responses"][str(status)]["links"] = _links(links)
    return operation


def _parameter(operation: str, generated: Document) -> Document:
    name = generated["name"]
    description, example = descriptions.PARAMETERS[name]
    return {
        "name": name,
        "in": generated["in"],
        "required": generated["required"],
        "description": descriptions.OPERATION_PARAMETERS.get((operation, name), description),
        "schema": _not_null(generated["schema"]),
        "example": example,
    }


def _not_null(schema: Document) -> Document:
    """Remove null from a parameter's schema: an absent parameter is omitted, never null."""
    others = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(others) == len(schema.get("anyOf", ())):
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, "anyOf": others} if others[1:] else {**rest, **others[0]}


def _body(operation: str, generated: Document, schemas: Mapping[str, Document]) -> Document:
    content = generated["content"][JSON]
    _, _, component = content["schema"].get("$ref", "").rpartition("/")
    # An empty body is parsed as an empty object, which is valid if no field is required.
    is_required = component not in schemas or "required" in schemas[component]
    named = {name: {"value": body} for name, body in all_examples().get(operation, {}).items()}
    media = {JSON: {**content, "examples": named}}
    if operation in SENT_AS_TEXT:
        texts = {name: {"value": _text(each["value"])} for name, each in named.items()}
        media["text/plain"] = {"schema": {"type": "string"}, "examples": texts}
    return {"required": is_required, "content": media}


def _text(body: Any) -> str:
    return json.dumps(body)


def _links(links: Mapping[str, Document]) -> Document:
    return {name: {"operationId": name, **link} for name, link in links.items()}
