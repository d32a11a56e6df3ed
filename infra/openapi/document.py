"""The API's OpenAPI 3.1 document, made from the code of the functions that serve it."""

import importlib
import inspect
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server, Tag

from infra.openapi import tidy, words
from infra.openapi.answers import ENVELOPE, Document, error_envelope, models, shared_responses
from infra.openapi.operations import completed
from infra.routes import ROUTES
from shared import VERSION
from shared.api.app import App
from shared.api.operation import operation_of

PATH = Path(__file__).parents[2] / "functions" / "status" / "openapi.json"
"""Where the function that serves it reads it."""
SCHEME = "bearerAuth"
_OF_POWERTOOLS = {"HTTPValidationError", "ValidationError", "ResponseValidationError"}


def document() -> Document:
    """Return the document: every route of infra/routes.py, in its order."""
    routes = {(route.method, route.openapi_path): route for route in _routes()}
    written = tidy.without_titles_of_schemas(_written(routes.values()))
    schemas = written["components"]["schemas"]
    paths: Document = {}
    for each in ROUTES:
        operation = written["paths"][each.path][each.method.lower()]
        route = routes[each.method, each.path]
        paths.setdefault(each.path, {})[each.method.lower()] = completed(operation, route, schemas)
    components = {
        "schemas": _schemas(schemas),
        "responses": shared_responses(),
        "securitySchemes": written["components"]["securitySchemes"],
    }
    return _with_shorter_names({**written, "paths": paths, "components": components})


def as_text(found: Document) -> str:
    """Return the document as it is kept in a file."""
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _routes() -> Iterator[Route]:
    for function in sorted({route.function for route in ROUTES}):
        app: App = importlib.import_module(f"functions.{function}.handler").app
        yield from app.routes


def _written(routes: Iterable[Route]) -> Document:
    """What Powertools writes of all routes at once, so that no two schemas share a name."""
    every = APIGatewayHttpResolver(enable_validation=True)
    for route in routes:
        _add(every, route)
    text = every.get_openapi_json_schema(
        title=words.TITLE,
        version=VERSION,
        openapi_version="3.1.0",
        description=words.DESCRIPTION,
        tags=[Tag(name=name, description=told) for name, told in words.TAGS.items()],
        servers=[Server(url="/")],
        security=[{SCHEME: []}],
        security_schemes={SCHEME: HTTPBearer(bearerFormat="JWT", description=words.BEARER)},
    )
    written: Document = json.loads(text)
    return written


def _add(every: APIGatewayHttpResolver, route: Route) -> None:
    said = operation_of(route.func)
    summary, _, more = (inspect.getdoc(route.func) or "").partition("\n")
    every.route(
        route.path,
        route.method,
        operation_id=said.id,
        tags=[said.tag],
        summary=summary,
        description=_paragraphs(more) or None,
        security=route.security,
        responses=models(said),
    )(route.func)


def _paragraphs(text: str) -> str:
    return "\n\n".join(" ".join(each.split()) for each in text.strip().split("\n\n"))


def _schemas(written: Document) -> Document:
    ours = {name: each for name, each in written.items() if name not in _OF_POWERTOOLS}
    every = {**ours, "Envelope": ENVELOPE, "ErrorEnvelope": error_envelope()}
    return {name: {**each, **_described(each)} for name, each in every.items()}


def _described(schema: Document) -> Document:
    told = schema.get("description")
    return {"description": " ".join(told.split())} if told else {}


def _with_shorter_names(found: Document) -> Document:
    schemas = found["components"]["schemas"]
    shorter = {**tidy.shorter_names(schemas), **words.NAMES}
    renamed: Document = tidy.renamed(found, shorter.__getitem__)
    kept = {shorter[name]: renamed["components"]["schemas"][name] for name in schemas}
    for (name, field), told in words.FIELDS.items():
        if field in kept.get(name, {}).get("properties", {}):
            _tell(kept[name]["properties"], field, told)
    renamed["components"]["schemas"] = dict(sorted(kept.items()))
    return renamed


def _tell(properties: dict[str, Any], field: str, told: str) -> None:
    properties[field] = {**properties[field], "description": told}
