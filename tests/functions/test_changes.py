import json
from pathlib import Path

import jsonschema_rs
import pytest

from infra.payloads.catalogue import FOLDER
from shared import wiring
from shared.domain.domain_event import DomainEventType
from tests.support.api import ADMIN, ApiResponse
from tests.support.domain_events import days, sample_event
from tests.support.service import NOW, User, call_api, coach

pytestmark = pytest.mark.usefixtures("service")

SCHEMAS = sorted((FOLDER / "domain").glob("*.json"))


def get(**query: str) -> ApiResponse:
    return call_api("GET", "/api/v1/changes", User("admin-1", (ADMIN,)), query=query)


def add(*numbers: int, session: str = "s-1") -> list[str]:
    events = [sample_event(each, session=session) for each in numbers]
    wiring.change_list().add_events(events, now=NOW)
    return [each.id for each in events]


def ids(response: ApiResponse) -> list[str]:
    return [each["id"] for each in response.data["changes"]]


def end() -> str:
    """Walk to the end of the list, to which other tests have added events."""
    page = get(limit="500").data
    while page["hasMore"]:
        page = get(since=page["cursor"], limit="500").data
    return str(page["cursor"])


def test_a_page_has_the_envelopes_after_the_cursor() -> None:
    cursor = end()
    first, second, third = add(1, 2, 3, session="page")

    page = get(since=cursor, limit="2")
    rest = get(since=page.data["cursor"])

    assert (ids(page), page.data["hasMore"]) == ([first, second], True)
    assert (ids(rest), rest.data["hasMore"]) == ([third], False)
    assert page.data["changes"][0] == sample_event(1, session="page").as_json()


def test_types_may_be_comma_separated_or_repeated() -> None:
    cursor = end()
    (only,) = add(1, session="types")

    assert ids(get(since=cursor, types="session.CHANGED,holiday.changed")) == [only]
    assert ids(get(since=cursor, types="holiday.changed")) == []
    assert get(types="session.moved").json["error"]["details"][0]["field"] == "types"


def test_a_cursor_that_is_too_old_is_410_with_advice() -> None:
    cursor = end()
    position = int(cursor.removeprefix("c1-"))

    response = get(since=f"c1-{position + 9}")

    assert (response.status, response.code) == (410, "CHANGES_EXPIRED")
    assert "without since" in response.json["message"]


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"limit": "501"}, {"limit": "0"}])
def test_an_invalid_parameter_is_400(query: dict[str, str]) -> None:
    assert get(**query).status == 400


def test_a_coach_may_not_read_changes() -> None:
    assert call_api("GET", "/api/v1/changes", coach()).status == 403


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda each: each.stem)
def test_the_example_of_a_schema_is_valid(file: Path) -> None:
    schema = json.loads(file.read_text())

    (example,) = schema["examples"]
    jsonschema_rs.Draft202012Validator(schema).validate(example)
    known = schema["properties"]["data"]["properties"]
    assert example["data"].keys() <= known.keys()


def test_every_type_has_a_schema() -> None:
    assert {each.value for each in DomainEventType} == {each.stem for each in SCHEMAS}


def test_changes_of_eight_days_ago_are_not_kept() -> None:
    add(1, session="old")

    later = wiring.change_list().kept(now=NOW + days(8))

    assert later.first == later.last + 1
