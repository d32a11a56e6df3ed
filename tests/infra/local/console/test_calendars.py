"""Editing the simulated calendars as their owners would."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.console.calendars import CALENDARS, CalendarsControl
from infra.local.gateway import Response
from infra.local.provider_servers import provider_servers

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
PLACES = ("google/coach@gmail.example", "outlook/coach-1@contoso.example", "apple/coach-1")
DENTIST = {"title": "Dentist", "start": "2026-11-24T10:00:00Z", "end": "2026-11-24T11:00:00Z"}


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarsControl]:
    folder: Path = tmp_path_factory.mktemp("servers")
    with provider_servers(folder) as servers:
        yield CalendarsControl(servers, now=lambda: NOW)


def send(control: CalendarsControl, method: str, path: str, body: Any = None) -> int:
    return respond(control, method, path, json.dumps(body).encode()).status


def respond(control: CalendarsControl, method: str, path: str, body: bytes = b"") -> Response:
    return control.respond(method, f"{CALENDARS}{path}", body)


def entries(control: CalendarsControl, place: str) -> list[dict[str, str]]:
    listed = json.loads(respond(control, "GET", "").body)["data"]
    return next(each["entries"] for each in listed if each["path"] == f"{CALENDARS}/{place}")


@pytest.mark.parametrize("place", PLACES)
def test_an_entry_is_added_changed_and_deleted(control: CalendarsControl, place: str) -> None:
    assert send(control, "POST", f"/{place}", DENTIST) == 200
    (added,) = entries(control, place)
    assert {**DENTIST, "id": added["id"]} == added

    changed = {**DENTIST, "title": "Doctor", "end": "2026-11-24T12:30:00+01:00"}
    path = f"/{place}/{quote(added['id'], safe='')}"
    assert send(control, "PUT", path, changed) == 200
    (after,) = entries(control, place)
    assert (after["title"], after["end"]) == ("Doctor", "2026-11-24T11:30:00Z")

    assert send(control, "DELETE", path) == 200
    assert entries(control, place) == []
    assert send(control, "DELETE", path) == 404


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_entry_that_does_not_exist_is_not_found(
    control: CalendarsControl, place: str, method: str
) -> None:
    assert send(control, method, f"/{place}/none", DENTIST) == 404


@pytest.mark.parametrize(
    "body", [None, [], {}, {**DENTIST, "start": "tomorrow"}, {**DENTIST, "end": DENTIST["start"]}]
)
def test_a_body_without_valid_times_is_rejected(control: CalendarsControl, body: Any) -> None:
    assert send(control, "POST", f"/{PLACES[0]}", body) == 400


def test_an_unknown_calendar_or_method_is_rejected(control: CalendarsControl) -> None:
    assert send(control, "POST", "/google/unknown@gmail.example", DENTIST) == 404
    assert send(control, "PUT", f"/{PLACES[0]}", DENTIST) == 405
