"""Events of the simulated Microsoft: validation, ids, extended properties, deletion."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from tests.support.microsoft_requests import get, hour, post
from tests.support.microsoft_test_server import EMAIL

MARK = "String {5f0c6a1e-8d43-4b7a-9c51-0e6f2d9b7a34} Name Colour"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}


def event_path(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


def test_immutable_ids_are_returned_on_request_only(
    simulator: microsoft.MicrosoftSimulator, client: httpx.Client
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    listed = [
        client.get("/me/events", headers=headers).json()["value"][0]["id"]
        for headers in ({}, IMMUTABLE)
    ]

    assert list(reversed(item.ids)) == listed


def test_a_body_is_returned_as_html_unless_text_is_preferred(client: httpx.Client) -> None:
    body = {"contentType": "text", "content": "a < b\nc"}
    created = client.post("/me/events", json=hour(body=body)).json()
    prefer = {"Prefer": 'outlook.body-content-type="text"'}

    text = client.get(event_path(created["id"]), headers=prefer).json()["body"]

    assert "a &lt; b<br>" in created["body"]["content"]
    assert "a < b" in text["content"]


def test_extended_properties_are_returned_on_request_only_and_can_be_filtered(
    client: httpx.Client,
) -> None:
    client.post("/me/events", json=hour())
    marks = [{"id": MARK, "value": "it's green"}]
    client.post("/me/events", json=hour(singleValueExtendedProperties=marks))
    condition = (
        f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'it''s green')"
    )
    expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"

    plain = client.get("/me/events", params={"$filter": condition}).json()["value"]
    expanded = client.get("/me/events", params={"$filter": condition, "$expand": expand}).json()[
        "value"
    ]

    assert [False] == ["singleValueExtendedProperties" in each for each in plain]
    assert [marks] == [each["singleValueExtendedProperties"] for each in expanded]


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
def test_an_invalid_event_is_rejected(client: httpx.Client, wrong: dict[str, Any]) -> None:
    assert 400 == client.post("/me/events", json=hour(**wrong)).status_code
    assert 400 == client.post("/me/events", content=b"{").status_code
    assert 400 == client.post("/me/events", json={"subject": "x"}).status_code


def test_a_deleted_event_can_still_be_read_by_its_id(
    client: httpx.Client, simulator: microsoft.MicrosoftSimulator
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path = event_path(item.ids[0])

    statuses = [client.delete(path).status_code for _ in range(2)]

    assert [204, 404] == statuses
    assert 200 == client.get(path).status_code
    assert [] == client.get("/me/events").json()["value"]


def test_a_stale_etag_is_rejected(
    client: httpx.Client, simulator: microsoft.MicrosoftSimulator
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path, etag = event_path(item.ids[0]), item.etag

    statuses = [
        client.patch(path, json={"subject": name}, headers={"If-Match": etag}).status_code
        for name in ("first", "second")
    ]

    assert [200, 412] == statuses


def test_control_lists_the_mails_to_guests(
    simulator: microsoft.MicrosoftSimulator, client: httpx.Client
) -> None:
    guest = {"emailAddress": {"address": "kay@contoso.example"}}
    client.post("/me/events", json=hour(attendees=[guest]))

    mails = get(f"{simulator.url}/_control/mails").json()
    post(f"{simulator.url}/_control/reset")

    assert ["invited: kay@contoso.example"] == mails
    assert [] == simulator.mails
