"""The payloads in events/ are up to date and have the shapes AWS documents."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventV2Model,
    DynamoDBStreamModel,
    EventBridgeModel,
    SesModel,
    SnsModel,
    SqsModel,
)
from pydantic import BaseModel

from infra.functions import FUNCTIONS
from infra.payloads.catalogue import (
    FOLDER,
    HANDWRITTEN,
    as_text,
    generated,
    name_of,
    path,
    prerequisites,
    read,
    write,
)
from infra.payloads.domain_events import FOLDER as DOMAIN
from infra.payloads.domain_events import domain_event_files
from infra.payloads.requests import UNKNOWN_PATH
from infra.routes import ROUTES

FILES = sorted(each for each in FOLDER.glob("*/*.json") if each.parent.name != DOMAIN)
SOURCES: Mapping[str, type[BaseModel]] = {
    "ses_notifications": SnsModel,
    "rsvp": SesModel,
    "calendar_sync": SqsModel,
    "webhooks_delivery": SqsModel,
    "relay": DynamoDBStreamModel,
    "publish": DynamoDBStreamModel,
    "token_refresh": EventBridgeModel,
    "sweeper": EventBridgeModel,
}
ALWAYS_FROM_API = {
    "version",
    "routeKey",
    "rawPath",
    "rawQueryString",
    "headers",
    "requestContext",
    "isBase64Encoded",
}
ONLY_OF_A_FIFO_MESSAGE = {"SequenceNumber", "MessageDeduplicationId"}
ALWAYS_OF_A_FIFO_MESSAGE = {
    "ApproximateReceiveCount",
    "SentTimestamp",
    "SequenceNumber",
    "MessageGroupId",
    "SenderId",
    "MessageDeduplicationId",
    "ApproximateFirstReceiveTimestamp",
}


def test_the_files_are_the_generated_ones_and_the_sns_payloads() -> None:
    generated_names, found = set(generated()), {name_of(file) for file in FILES}
    others = found - generated_names

    assert generated_names <= found
    assert {HANDWRITTEN} == {name.partition("/")[0] for name in others}


def test_the_files_are_up_to_date() -> None:
    outdated = [
        name for name, payload in generated().items() if as_text(payload) != path(name).read_text()
    ]

    assert [] == outdated, "run `make events`"


def test_writing_deletes_outdated_files_but_keeps_the_sns_payloads(
    tmp_path: Path,
) -> None:
    outdated, handwritten = (
        tmp_path / "status" / "outdated.json",
        tmp_path / HANDWRITTEN / "bounce.json",
    )
    for file in (outdated, handwritten):
        file.parent.mkdir()
        file.write_text("{}")

    write(tmp_path)

    names = {name_of(file) for file in tmp_path.glob("*/*.json")}
    assert {*generated(), *domain_event_files(), f"{HANDWRITTEN}/bounce"} == names
    assert path("status/health").read_text() == (tmp_path / "status/health.json").read_text()


def test_every_function_has_a_payload() -> None:
    assert set(FUNCTIONS) == {file.parent.name for file in FILES}


def test_every_route_has_a_payload_for_its_function() -> None:
    expected = {(route.function, f"{route.method} {route.path}") for route in ROUTES}

    found = {
        (file.parent.name, payload["routeKey"])
        for file in FILES
        if "routeKey" in (payload := read(file))
    }

    assert expected | {(UNKNOWN_PATH.partition("/")[0], "$default")} == found


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_payload_matches_the_model_of_its_event_source(file: Path) -> None:
    payload = read(file)
    source = APIGatewayProxyEventV2Model if "version" in payload and "routeKey" in payload else None

    found = (source or SOURCES[file.parent.name]).model_validate(payload)

    assert unknown_paths(payload, found.model_dump(by_alias=True, exclude_unset=True)) == []


def unknown_paths(payload: Any, known: Any, where: str = "") -> list[str]:
    """Return the paths in a payload that Powertools' model of its source does not have."""
    if isinstance(payload, list) and isinstance(known, list):
        pairs = list(enumerate(zip(payload, known, strict=True)))
        return [
            each for n, (one, other) in pairs for each in unknown_paths(one, other, f"{where}/{n}")
        ]
    if not isinstance(payload, dict) or not isinstance(known, dict):
        return []
    return [
        found
        for key, value in payload.items()
        for found in (
            unknown_paths(value, known[key], f"{where}/{key}")
            if key in known
            else [f"{where}/{key}"]
        )
    ]


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_payload_has_all_fields_its_event_source_always_sends(file: Path) -> None:
    payload = read(file)

    if "routeKey" in payload:
        assert set(payload) >= ALWAYS_FROM_API
        assert payload["routeKey"] == payload["requestContext"]["routeKey"]
        assert payload["rawPath"] == payload["requestContext"]["http"]["path"]
    for record in payload.get("Records", ()):
        if record.get("eventSource") == "aws:sqs":
            is_fifo = record["eventSourceARN"].endswith(".fifo")
            always = ALWAYS_OF_A_FIFO_MESSAGE - (set() if is_fifo else ONLY_OF_A_FIFO_MESSAGE)
            assert set(record["attributes"]) == always


def test_a_payloads_prerequisites_are_payloads() -> None:
    names = set(generated())

    assert [] == [name for name in names if not set(prerequisites(name)) <= names - {name}]


def test_no_payload_contains_a_token() -> None:
    texts = [json.dumps(payload) for payload in generated().values()]

    assert [] == [text for text in texts if "Bearer" in text and "Bearer <token of " not in text]
