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
from infra.payloads.catalogue import (
    BY_HAND,
    FOLDER,
    as_text,
    first,
    name_of,
    path,
    read,
    write,
    written,
)
from infra.payloads.requests import NOWHERE
from infra.routes import ROUTES

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


def test_the_files_are_those_the_generator_writes_and_what_sns_sends() -> None:
    made, found = set(written()), {name_of(file) for file in FILES}
    others = found - made

    assert made <= found
    assert {BY_HAND} == {name.partition("/")[0] for name in others}


def test_the_files_hold_what_the_generator_writes() -> None:
    outdated = [
        name for name, payload in written().items() if as_text(payload) != path(name).read_text()
    ]

    assert [] == outdated, "run `make events`"


def test_writing_removes_what_is_no_longer_written_and_leaves_what_sns_sends(
    tmp_path: Path,
) -> None:
    outdated, by_hand = tmp_path / "status" / "outdated.json", tmp_path / BY_HAND / "bounce.json"
    for file in (outdated, by_hand):
        file.parent.mkdir()
        file.write_text("{}")

    write(tmp_path)

    names = {name_of(file) for file in tmp_path.glob("*/*.json")}
    assert {*written(), f"{BY_HAND}/bounce"} == names
    assert path("status/health").read_text() == (tmp_path / "status/health.json").read_text()


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


@pytest.mark.parametrize("file", FILES, ids=name_of)
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


@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_payload_leaves_out_nothing_that_its_source_always_sends(file: Path) -> None:
    payload = read(file)

    if "routeKey" in payload:
        assert set(payload) >= ALWAYS_FROM_API
        assert payload["routeKey"] == payload["requestContext"]["routeKey"]
        assert payload["rawPath"] == payload["requestContext"]["http"]["path"]
    for record in payload.get("Records", ()):
        if record.get("eventSource") == "aws:sqs":
            assert set(record["attributes"]) == ALWAYS_OF_A_FIFO_MESSAGE


def test_what_goes_before_a_payload_is_a_payload() -> None:
    names = set(written())

    assert [] == [name for name in names if not set(first(name)) <= names - {name}]


def test_no_payload_holds_a_token() -> None:
    held = [json.dumps(payload) for payload in written().values()]

    assert [] == [text for text in held if "Bearer" in text and "Bearer <token of " not in text]
