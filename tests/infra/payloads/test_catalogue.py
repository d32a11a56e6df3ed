"""The payloads under events/ are what their generator writes, and what AWS documents."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.parser.models import (
    APIGatewayProxyEventV2Model,
    DynamoDBStreamModel,
    EventBridgeModel,
    SnsModel,
    SqsModel,
)
from pydantic import BaseModel

from infra.functions import DEPLOYED
from infra.payloads.catalogue import BY_HAND, FOLDER, as_text, first, path, read, written
from infra.payloads.requests import NOWHERE
from infra.routes import ROUTES

pytestmark = pytest.mark.no_cover
"""Many cases that all cover the same lines."""

FILES = sorted(FOLDER.glob("*/*.json"))
SOURCES: Mapping[str, type[BaseModel]] = {
    "ses_notifications": SnsModel,
    "calendar_sync": SqsModel,
    "relay": DynamoDBStreamModel,
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
ALWAYS_OF_A_FIFO_MESSAGE = {
    "ApproximateReceiveCount",
    "SentTimestamp",
    "SequenceNumber",
    "MessageGroupId",
    "SenderId",
    "MessageDeduplicationId",
    "ApproximateFirstReceiveTimestamp",
}


def by_name(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


def test_the_files_are_those_the_generator_writes_and_what_sns_sends() -> None:
    others = {by_name(file) for file in FILES} - set(written())

    assert set(written()) <= {by_name(file) for file in FILES}
    assert {BY_HAND} == {name.partition("/")[0] for name in others}


@pytest.mark.parametrize("name", sorted(written()))
def test_a_file_holds_what_the_generator_writes(name: str) -> None:
    assert as_text(written()[name]) == path(name).read_text(), "run `make events`"


def test_every_function_has_a_payload() -> None:
    assert set(DEPLOYED) == {file.parent.name for file in FILES}


def test_every_route_has_a_payload_of_its_function() -> None:
    expected = {(route.function, f"{route.method} {route.path}") for route in ROUTES}

    found = {
        (file.parent.name, payload["routeKey"])
        for file in FILES
        if "routeKey" in (payload := read(file))
    }

    assert expected | {(NOWHERE.partition("/")[0], "$default")} == found


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_a_payload_is_what_aws_documents_for_its_source(file: Path) -> None:
    payload = read(file)
    source = APIGatewayProxyEventV2Model if "version" in payload and "routeKey" in payload else None

    found = (source or SOURCES[file.parent.name]).model_validate(payload)

    assert surplus(payload, found.model_dump(by_alias=True, exclude_unset=True)) == []


def surplus(payload: Any, known: Any, where: str = "") -> list[str]:
    """Return where a payload has what Powertools' model of its source does not know."""
    if isinstance(payload, list) and isinstance(known, list):
        pairs = list(enumerate(zip(payload, known, strict=True)))
        return [each for n, (one, other) in pairs for each in surplus(one, other, f"{where}/{n}")]
    if not isinstance(payload, dict) or not isinstance(known, dict):
        return []
    return [
        found
        for key, value in payload.items()
        for found in (
            surplus(value, known[key], f"{where}/{key}") if key in known else [f"{where}/{key}"]
        )
    ]


@pytest.mark.parametrize("file", FILES, ids=by_name)
def test_a_payload_leaves_out_nothing_that_its_source_always_sends(file: Path) -> None:
    payload = read(file)

    if "routeKey" in payload:
        assert set(payload) >= ALWAYS_FROM_API
        assert payload["routeKey"] == payload["requestContext"]["routeKey"]
        assert payload["rawPath"] == payload["requestContext"]["http"]["path"]
    for record in payload.get("Records", ()):
        if record.get("eventSource") == "aws:sqs":
            assert set(record["attributes"]) == ALWAYS_OF_A_FIFO_MESSAGE


@pytest.mark.parametrize("name", sorted(written()))
def test_what_goes_before_a_payload_is_a_payload(name: str) -> None:
    assert set(first(name)) <= set(written()) - {name}


def test_no_payload_holds_a_token() -> None:
    held = [json.dumps(payload) for payload in written().values()]

    assert [] == [text for text in held if "Bearer" in text and "Bearer <token of " not in text]
