"""Events at the simulated Microsoft: what they may be, and what becomes of them."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from tests.support.microsoft_peer import EMAIL
from tests.support.microsoft_requests import get, hour, post

MARK = "String {5f0c6a1e-8d43-4b7a-9c51-0e6f2d9b7a34} Name Colour"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


def event_path(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


def test_ids_that_last_are_told_on_request_only(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    listed = [
        client.get("/me/events", headers=headers).json()["value"][0]["id"]
        for headers in ({}, IMMUTABLE)
    ]

    assert list(reversed(item.ids)) == listed


def test_a_text_is_told_as_html_unless_text_is_preferred(client: httpx.Client) -> None:
    body = {"contentType": "text", "content": "a < b\nc"}
    made = client.post("/me/events", json=hour(body=body)).json()
    prefer = {"Prefer": 'outlook.body-content-type="text"'}

    text = client.get(event_path(made["id"]), headers=prefer).json()["body"]

    assert "a &lt; b<br>" in made["body"]["content"]
    assert "a < b" in text["content"]


def test_marks_are_told_and_found_on_request_only(client: httpx.Client) -> None:
    client.post("/me/events", json=hour())
    marks = [{"id": MARK, "value": "it's green"}]
    client.post("/me/events", json=hour(singleValueExtendedProperties=marks))
    wanted = (
        f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'it''s green')"
    )
    expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"

    plain = client.get("/me/events", params={"$filter": wanted}).json()["value"]
    told = client.get("/me/events", params={"$filter": wanted, "$expand": expand}).json()["value"]

    assert [False] == ["singleValueExtendedProperties" in each for each in plain]
    assert [marks] == [each["singleValueExtendedProperties"] for each in told]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x"},
        {"start": None},
        {"start": {"dateTime": "x", "timeZone": "UTC"}},
        {"start": {"dateTime": "2026-03-02T10:00:00", "timeZone": "Nowhere"}},
        {"start": {"dateTime": "2026-03-02T12:00:00", "timeZone": "UTC"}},
        {"singleValueExtendedProperties": [{"id": MARK, "value": ""}]},
    ],
)
def test_an_event_that_is_none_is_refused(client: httpx.Client, wrong: dict[str, Any]) -> None:
    assert 400 == client.post("/me/events", json=hour(**wrong)).status_code
    assert 400 == client.post("/me/events", content=b"{").status_code
    assert 400 == client.post("/me/events", json={"subject": "x"}).status_code


def test_what_is_deleted_lies_in_the_trash_where_its_id_still_finds_it(
    client: httpx.Client, simulator: microsoft.Microsoft
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path = event_path(item.ids[0])

    statuses = [client.delete(path).status_code for _ in range(2)]

    assert [204, 404] == statuses
    assert 200 == client.get(path).status_code
    assert [] == client.get("/me/events").json()["value"]


def test_a_stale_etag_is_refused(client: httpx.Client, simulator: microsoft.Microsoft) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path, etag = event_path(item.ids[0]), item.etag

    statuses = [
        client.patch(path, json={"subject": name}, headers={"If-Match": etag}).status_code
        for name in ("first", "second")
    ]

    assert [200, 412] == statuses


def test_guests_are_mailed_and_control_tells_so(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    guest = {"emailAddress": {"address": "kay@contoso.example"}}
    client.post("/me/events", json=hour(attendees=[guest]))

    mails = get(f"{simulator.url}/_control/mails").json()
    post(f"{simulator.url}/_control/reset")

    assert ["invited: kay@contoso.example"] == mails
    assert [] == simulator.mails
