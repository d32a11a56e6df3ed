"""One operation of the document, completed: what Powertools cannot read from its signature."""

import importlib
import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import Route

from infra.openapi import words
from infra.openapi.answers import JSON, Document, responses
from infra.openapi.links import LINKS
from infra.routes import ROUTES
from shared.api.operation import operation_of

SENT_AS_TEXT = {"sesNotifications"}
"""Operations whose JSON body its sender calls text/plain, as SNS does."""


def completed(written: Document, route: Route, schemas: Mapping[str, Document]) -> Document:
    """Return an operation with its security, parameters, body, responses, examples and links.

    `written` is what Powertools wrote of it, `schemas` the components that it refers to.
    """
    said = operation_of(route.func)
    operation = {name: value for name, value in written.items() if name != "deprecated"}
    if route.security is not None:
        operation["security"] = route.security
    parameters = [_parameter(said.id, each) for each in written.get("parameters", ())]
    if parameters:
        operation["parameters"] = parameters
    if "requestBody" in written:
        operation["requestBody"] = _body(said.id, written["requestBody"], schemas)
    operation["responses"] = responses(said, {"security": [{}], **operation})
    for (name, status), links in LINKS.items():
        if name == said.id:
            operation["responses"][str(status)]["links"] = _links(links)
    return operation


def examples_of(function: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the example bodies of a group, by operation; none when it takes no body."""
    name = f"functions.{function}.examples"
    if importlib.util.find_spec(name) is None:
        return {}
    examples: Mapping[str, Mapping[str, Any]] = importlib.import_module(name).EXAMPLES
    return examples


@cache
def _examples() -> Mapping[str, Mapping[str, Any]]:
    functions = sorted({route.function for route in ROUTES})
    return {name: found for each in functions for name, found in examples_of(each).items()}


def _parameter(operation: str, written: Document) -> Document:
    name = written["name"]
    told, example = words.PARAMETERS[name]
    return {
        "name": name,
        "in": written["in"],
        "required": written["required"],
        "description": words.OPERATION_PARAMETERS.get((operation, name), told),
        "schema": _not_null(written["schema"]),
        "example": example,
    }


def _not_null(schema: Document) -> Document:
    """A parameter that is not given is left out: there is no null in a query."""
    others = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(others) == len(schema.get("anyOf", ())):
        return schema
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**rest, "anyOf": others} if others[1:] else {**rest, **others[0]}


def _body(operation: str, written: Document, schemas: Mapping[str, Document]) -> Document:
    content = written["content"][JSON]
    _, _, component = content["schema"].get("$ref", "").rpartition("/")
    # No body at all reads as an object without fields: where none is required, none is missing.
    is_required = component not in schemas or "required" in schemas[component]
    named = {name: {"value": body} for name, body in _examples().get(operation, {}).items()}
    media = {JSON: {**content, "examples": named}}
    if operation in SENT_AS_TEXT:
        texts = {name: {"value": _text(each["value"])} for name, each in named.items()}
        media["text/plain"] = {"schema": {"type": "string"}, "examples": texts}
    return {"required": is_required, "content": media}


def _text(body: Any) -> str:
    return json.dumps(body)


def _links(links: Mapping[str, Document]) -> Document:
    return {name: {"operationId": name, **link} for name, link in links.items()}
