"""The document itself: whole, valid, true to the code, and its examples true to its schemas."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
from pydantic import TypeAdapter, ValidationError

from infra.openapi import words
from infra.openapi.document import PATH, as_text
from infra.openapi.links import LINKS
from infra.routes import ROUTES
from shared.api.errors import STATUS
from shared.api.fields import Instant

INSTANT: TypeAdapter[Any] = TypeAdapter(Instant)


def test_the_document_served_is_what_the_code_says(made: dict[str, Any]) -> None:
    assert as_text(made) == PATH.read_text(encoding="utf-8"), "run make openapi"


def test_the_document_has_exactly_the_routes_of_the_service(made: dict[str, Any]) -> None:
    written = [(method.upper(), path) for path, item in made["paths"].items() for method in item]

    assert sorted((route.method, route.path) for route in ROUTES) == sorted(written)


def test_the_document_is_valid_openapi_3_1(made: dict[str, Any]) -> None:
    from schemathesis.specs.openapi.definitions import (  # noqa: PLC0415 - takes seconds to load
        OPENAPI_31_VALIDATOR,
    )

    assert made["openapi"] == "3.1.0"
    assert [] == [str(each) for each in OPENAPI_31_VALIDATOR.iter_errors(made)]


def test_every_schema_is_valid_and_every_reference_leads_somewhere(made: dict[str, Any]) -> None:
    for name in made["components"]["schemas"]:
        validator(made, {"$ref": f"#/components/schemas/{name}"})
    for reference in references(made):
        _, _, kind, name = reference.split("/")
        assert name in made["components"][kind]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (part["$ref"],) if "$ref" in part else ()
    for each in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(each)


def validator(made: dict[str, Any], schema: Mapping[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": made["components"]},
        validate_formats=True,
        formats={"date-time": is_instant, "password": lambda _: True},
    )


def is_instant(value: str) -> bool:
    try:
        INSTANT.validate_python(value)
    except ValidationError:
        return False
    return True


def operations(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["operationId"]: each for item in made["paths"].values() for each in item.values()}


def examples(made: dict[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """Every example with where it stands and the schema it stands beside."""
    contents = [
        (name, place, content)
        for name, operation in operations(made).items()
        for place, content in bodies(operation)
    ]
    contents += [
        (name, "response", content)
        for name, response in made["components"]["responses"].items()
        for content in response["content"].values()
    ]
    for name, place, content in contents:
        for title, example in content.get("examples", {}).items():
            yield f"{name} {place} {title}", content["schema"], example["value"]
    for name, operation in operations(made).items():
        for each in operation.get("parameters", ()):
            yield f"{name} {each['name']}", each["schema"], each["example"]


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from operation.get("requestBody", {}).get("content", {}).items()
    for status, response in operation["responses"].items():
        yield from ((status, content) for content in response.get("content", {}).values())


def test_every_example_holds_against_its_own_schema(made: dict[str, Any]) -> None:
    every = list(examples(made))

    wrong = [
        (where, error.message)
        for where, schema, value in every
        for error in validator(made, schema).iter_errors(value)
    ]

    assert [] == wrong
    assert len(every) > 150


def test_every_json_body_has_an_example(made: dict[str, Any]) -> None:
    for name, operation in operations(made).items():
        for content in operation.get("requestBody", {}).get("content", {}).values():
            assert content["examples"], name


def test_every_parameter_and_operation_says_what_it_is(made: dict[str, Any]) -> None:
    for name, operation in operations(made).items():
        assert re.fullmatch(r"[A-Z].*\.", operation["summary"]), name
        for each in operation.get("parameters", ()):
            assert each["description"].endswith("."), name


def test_every_word_kept_for_the_document_is_in_it(made: dict[str, Any]) -> None:
    taken = {
        each["name"] for one in operations(made).values() for each in one.get("parameters", ())
    }
    schemas = made["components"]["schemas"]

    assert taken == words.PARAMETERS.keys()
    assert STATUS.keys() == words.ERRORS.keys()
    assert {each for one in operations(made).values() for each in one["tags"]} == set(words.TAGS)
    for (component, field), told in words.FIELDS.items():
        assert told == schemas[component]["properties"][field]["description"]
    for (name, parameter), told in words.OPERATION_PARAMETERS.items():
        found = {each["name"]: each for each in operations(made)[name]["parameters"]}
        assert told == found[parameter]["description"]


def test_a_link_leads_to_an_operation_that_takes_what_it_hands_over(made: dict[str, Any]) -> None:
    known = operations(made)

    for (name, status), links in LINKS.items():
        assert links.keys() == known[name]["responses"][str(status)]["links"].keys()
        for target, link in links.items():
            taken = {each["name"] for each in known[target].get("parameters", ())}
            assert link.get("parameters", {}).keys() <= taken
            assert ("requestBody" in link) <= ("requestBody" in known[target])


@pytest.mark.parametrize(
    ("status", "header"), [("401", "WWW-Authenticate"), ("429", "Retry-After"), ("302", "Location")]
)
def test_a_status_tells_of_the_header_it_comes_with(
    status: str, header: str, made: dict[str, Any]
) -> None:
    shared = made["components"]["responses"]
    found = [
        shared[response["$ref"].rpartition("/")[2]] if "$ref" in response else response
        for operation in operations(made).values()
        for told, response in operation["responses"].items()
        if told == status
    ]

    assert found
    assert {header} == {name for each in found for name in each["headers"]}


def test_the_document_names_no_host_but_examples_and_what_providers_are_called(
    made: dict[str, Any],
) -> None:
    hosts = set(re.findall(r"https?://([^/\"\s?]+)", json.dumps(made)))

    allowed = r"([a-z.-]+\.)?example(\.org)?|caldav\.icloud\.com|sns\.eu-central-1\.amazonaws\.com"
    assert {each for each in hosts if not re.fullmatch(allowed, each)} == set()


def test_nothing_of_the_document_is_loaded_at_work() -> None:
    source = inspect.getsource(__import__("functions.status.pages", fromlist=["pages"]))

    assert "infra" not in source
    assert "get_openapi" not in source
