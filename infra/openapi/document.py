"""The API's OpenAPI 3.1 document, generated from the code of the functions that serve it."""

import importlib
import inspect
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server, Tag

from functions.changes.schemas import schema_of
from infra.access import AccessRule, sentence
from infra.openapi import descriptions, tidy
from infra.openapi.operations import completed
from infra.openapi.responses import (
    ENVELOPE,
    GATEWAY_MESSAGE,
    JSON,
    REQUEST_ID,
    Document,
    error_envelope,
    models,
    shared_responses,
)
from infra.routes import ROUTES
from shared import VERSION
from shared.api.app import App
from shared.api.operation import operation_of
from shared.domain.domain_event import DomainEventType

PATH = Path(__file__).parents[2] / "functions" / "status" / "openapi.json"
"""The file from which the status function serves the document."""
SCHEME = "bearerAuth"
_POWERTOOLS_SCHEMAS = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}


def document() -> Document:
    """Return the document, with every route of infra/routes.py in its order."""
    routes = {(route.method, route.openapi_path): route for route in _routes()}
    generated = tidy.without_titles_of_schemas(_generated(routes.values()))
    schemas = generated["components"]["schemas"]
    paths: Document = {}
    for each in ROUTES:
        operation = generated["paths"][each.path][each.method.lower()]
        route = routes[each.method, each.path]
        paths.setdefault(each.path, {})[each.method.lower()] = _with_callers(
            completed(operation, route, schemas), each.rules
        )
    components = {
        "schemas": _schemas(schemas),
        "responses": shared_responses(),
        "headers": {"RequestId": REQUEST_ID},
        "securitySchemes": generated["components"]["securitySchemes"],
    }
    content = _with_shorter_names({**generated, "paths": paths, "components": components})
    return {**content, "webhooks": _webhooks()}


def as_text(content: Document) -> str:
    """Return the document as the text of its file."""
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _routes() -> Iterator[Route]:
    for function in sorted({route.function for route in ROUTES}):
        app: App = importlib.import_module(f"functions.{function}.handler").app
        yield from app.routes


def _generated(routes: Iterable[Route]) -> Document:
    """Return Powertools' document for all routes together, so that schema names are unique."""
    resolver = APIGatewayHttpResolver(enable_validation=True)
    for route in routes:
        _add(resolver, route)
    text = resolver.get_openapi_json_schema(
        title=descriptions.TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=descriptions.DESCRIPTION,
        tags=[Tag(name=name, description=text) for name, text in descriptions.TAGS.items()],
        servers=[Server(url="/")],
        security=[{SCHEME: []}],
        security_schemes={SCHEME: HTTPBearer(bearerFormat="JWT", description=descriptions.BEARER)},
    )
    generated: Document = json.loads(text)
    return generated


def _add(resolver: APIGatewayHttpResolver, route: Route) -> None:
    declared = operation_of(route.func)
    summary, _, details = (inspect.getdoc(route.func) or "").partition("\n")
    resolver.route(
        route.path,
        route.method,
        operation_id=declared.id,
        tags=[declared.tag],
        summary=summary,
        description=_paragraphs(details) or None,
        security=route.security,
        responses=models(declared),
    )(route.func)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(each.split()) for each in text.strip().split("\n\n"))


def _with_callers(operation: Document, rules: Sequence[AccessRule]) -> Document:
    """Add who may call the operation to its description."""
    callers = "\n".join(
        ["Who may call it, by rule:", "", *(f"- {sentence(each)}." for each in rules)]
    )
    description = operation.get("description")
    return {**operation, "description": f"{description}\n\n{callers}" if description else callers}


def _schemas(generated: Document) -> Document:
    schemas = {name: each for name, each in generated.items() if name not in _POWERTOOLS_SCHEMAS}
    schemas |= {
        "Envelope": ENVELOPE,
        "ErrorEnvelope": error_envelope(),
        "GatewayMessage": GATEWAY_MESSAGE,
    }
    return {name: {**each, **_described(each)} for name, each in schemas.items()}


def _webhooks() -> Document:
    """Return the request to a webhook for each type of domain event."""
    return {kind.value: {"post": _delivery(kind)} for kind in DomainEventType}


def _delivery(kind: DomainEventType) -> Document:
    schema = schema_of(kind)
    return {
        "operationId": f"on{''.join(each.title() for each in re.split('[._]', kind.value))}",
        "tags": ["Webhooks"],
        "summary": schema.pop("description"),
        "security": [],
        "requestBody": {"required": True, "content": {JSON: {"schema": schema}}},
        "responses": {
            "2XX": {"description": "Received. Any other response is retried for 24 hours."}
        },
    }


def _described(schema: Document) -> Document:
    description = schema.get("description")
    return {"description": " ".join(description.split())} if description else {}


def _with_shorter_names(content: Document) -> Document:
    schemas = content["components"]["schemas"]
    shorter = {**tidy.shorter_names(schemas), **descriptions.NAMES}
    renamed: Document = tidy.renamed(content, shorter.__getitem__)
    by_name = {shorter[name]: renamed["components"]["schemas"][name] for name in schemas}
    for (name, field), description in descriptions.FIELDS.items():
        if field in by_name.get(name, {}).get("properties", {}):
            _describe(by_name[name]["properties"], field, description)
    renamed["components"]["schemas"] = dict(sorted(by_name.items()))
    return renamed


def _describe(properties: dict[str, Any], field: str, description: str) -> None:
    properties[field] = {**properties[field], "description": description}
