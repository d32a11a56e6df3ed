"""The document is complete, valid and up to date, and its examples match its schemas."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
from pydantic import TypeAdapter, ValidationError

from infra.openapi import descriptions
from infra.openapi.document import PATH, as_text
from infra.openapi.links import LINKS
from infra.routes import ROUTES
from shared.api.errors import STATUS
from shared.api.instants import Instant

INSTANT: TypeAdapter[Any] = TypeAdapter(Instant)


def test_the_served_document_matches_the_code(generated: dict[str, Any]) -> None:
    assert as_text(generated) == PATH.read_text(encoding="utf-8"), "run make openapi"


def test_the_document_has_exactly_the_routes_of_the_service(generated: dict[str, Any]) -> None:
    written = [
        (method.upper(), path) for path, item in generated["paths"].items() for method in item
    ]

    assert sorted((route.method, route.path) for route in ROUTES) == sorted(written)


def test_the_document_is_valid_openapi_3_1(generated: dict[str, Any]) -> None:
    from schemathesis.specs.openapi.definitions import (  # noqa: PLC0415 - takes seconds to load
        OPENAPI_31_VALIDATOR,
    )

    assert generated["openapi"] == "3.1.0"
    assert [] == [str(each) for each in OPENAPI_31_VALIDATOR.iter_errors(generated)]


def test_every_schema_is_valid_and_every_reference_resolves(generated: dict[str, Any]) -> None:
    for name in generated["components"]["schemas"]:
        validator(generated, {"$ref": f"#/components/schemas/{name}"})
    for reference in references(generated):
        _, _, kind, name = reference.split("/")
        assert name in generated["components"][kind]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part["$ref"],) if "$ref" in part else ()
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(each)


def validator(generated: dict[str, Any], schema: Mapping[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": generated["components"]},
        validate_formats=True,
        formats={"date-time": is_instant, "password": lambda _: True},
    )


def is_instant(value: str) -> bool:
    try:
        INSTANT.validate_python(value)
    except ValidationError:
        return False
    return True


def operations(generated: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        each["operationId"]: each for item in generated["paths"].values() for each in item.values()
    }


def examples(generated: dict[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Yield every example with its location and its schema."""
    contents = [
        (name, place, content)
        for name, operation in operations(generated).items()
        for place, content in bodies(operation)
    ]
    contents += [
        (name, "response", content)
        for name, response in generated["components"]["responses"].items()
        for content in response["content"].values()
    ]
    for name, place, content in contents:
        for title, example in content.get("examples", {}).items():
            yield f"{name} {place} {title}", content["schema"], example["value"]
    for name, operation in operations(generated).items():
        for each in operation.get("parameters", ()):
            yield f"{name} {each['name']}", each["schema"], each["example"]


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for status, response in operation["responses"].items():
        yield from ((status, content) for content in response.get("content", {}).values())


def test_every_example_matches_its_schema(generated: dict[str, Any]) -> None:
    every = list(examples(generated))

    wrong = [
        (where, error.message)
        for where, schema, value in every
        for error in validator(generated, schema).iter_errors(value)
    ]

    assert [] == wrong
    assert len(every) > 150


def test_every_json_body_has_an_example(generated: dict[str, Any]) -> None:
    for name, operation in operations(generated).items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["examples"], name


def test_every_parameter_and_operation_has_a_description(generated: dict[str, Any]) -> None:
    for name, operation in operations(generated).items():
        assert re.fullmatch(r"[A-Z].*\.", operation["summary"]), name
        for each in operation.get("parameters", ()):
            assert each["description"].endswith("."), name


def test_every_description_is_used_in_the_document(generated: dict[str, Any]) -> None:
    taken = {
        each["name"] for one in operations(generated).values() for each in one.get("parameters", ())
    }
    schemas = generated["components"]["schemas"]

    assert taken == descriptions.PARAMETERS.keys()
    assert STATUS.keys() == descriptions.ERRORS.keys()
    assert {each for one in operations(generated).values() for each in one["tags"]} == set(
        descriptions.TAGS
    )
    for (component, field), description in descriptions.FIELDS.items():
        assert description == schemas[component]["properties"][field]["description"]
    for (name, parameter), description in descriptions.OPERATION_PARAMETERS.items():
        found = {each["name"]: each for each in operations(generated)[name]["parameters"]}
        assert description == found[parameter]["description"]


def test_a_links_target_accepts_the_values_it_passes(generated: dict[str, Any]) -> None:
    known = operations(generated)

    for (name, status), links in LINKS.items():
        assert links.keys() == known[name]["responses"][str(status)]["links"].keys()
        for target, link in links.items():
            taken = {each["name"] for each in known[target].get("parameters", ())}
            assert link.get("parameters", {}).keys() <= taken
            assert ("requestBody" in link) <= ("requestBody" in known[target])


@pytest.mark.parametrize(
    ("status", "header"), [("401", "WWW-Authenticate"), ("429", "Retry-After"), ("302", "Location")]
)
def test_a_status_documents_its_header(status: str, header: str, generated: dict[str, Any]) -> None:
    shared = generated["components"]["responses"]
    found = [
        shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        for operation in operations(generated).values()
        for description, response in operation["responses"].items()
        if description == status
    ]

    assert found
    assert {header, "X-Request-Id"} == {name for each in found for name in each["headers"]}


def test_the_document_contains_only_example_and_provider_hosts(
    generated: dict[str, Any],
) -> None:
    hosts = set(re.findall(r"https?://([^/\"\s?]+)", json.dumps(generated)))

    allowed = r"([a-z.-]+\.)?example(\.org)?|caldav\.icloud\.com|sns\.eu-central-1\.amazonaws\.com"
    assert {each for each in hosts if not re.fullmatch(allowed, each)} == set()


def test_serving_the_document_does_not_load_its_generator() -> None:
    source = inspect.getsource(__import__("functions.status.pages", fromlist=["pages"]))

    assert "infra" not in source
    assert "get_openapi" not in source
