"""Queries of calendars and events at the simulated Microsoft."""

from typing import Any

import httpx
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID
from tests.support.microsoft_requests import error_code_of, hour
from tests.support.microsoft_test_server import EMAIL


def view(client: httpx.Client, **query: str) -> httpx.Response:
    bounds = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}
    return client.get("/me/calendar/calendarView", params={**bounds, **query})


def test_the_account_and_its_calendars_can_be_read(client: httpx.Client) -> None:
    calendars = client.get("/me/calendars").json()["value"]

    assert EMAIL == client.get("/me").json()["mail"]
    assert [CALENDAR_ID] == [each["id"] for each in calendars]
    assert calendars[0] == client.get("/me/calendar").json()


def test_times_are_returned_in_the_preferred_zone(
    simulator: microsoft.MicrosoftSimulator, client: httpx.Client
) -> None:
    simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    prefer = {"Prefer": 'outlook.timezone="Asia/Tokyo"'}

    (event,) = client.get("/me/events", headers=prefer).json()["value"]

    assert {"dateTime": "2026-03-02T19:00:00.0000000", "timeZone": "Asia/Tokyo"} == event["start"]


def test_only_selected_properties_are_returned(client: httpx.Client) -> None:
    client.post("/me/events", json=hour())

    (event,) = client.get("/me/events?$select=subject").json()["value"]

    assert {"@odata.etag", "id", "subject"} == set(event)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"$select": "title"}, "RequestBroker--ParseUri"),
        ({"$expand": "everything"}, "RequestBroker--ParseUri"),
        ({"$filter": "subject eq 'Yoga'"}, "ErrorInvalidUrlQueryFilter"),
    ],
)
def test_an_unknown_query_is_rejected(
    client: httpx.Client, query: dict[str, str], code: str
) -> None:
    client.post("/me/events", json=hour())

    assert code == error_code_of(client.get("/me/events", params=query))


def test_a_view_needs_its_bounds(client: httpx.Client) -> None:
    assert 400 == client.get("/me/calendarView").status_code
    assert "ErrorInvalidParameter" == error_code_of(view(client, startDateTime="soon"))


@pytest.mark.parametrize(
    ("pattern", "limits", "days"),
    [
        (
            {"type": "daily", "interval": 2},
            {"type": "numbered", "numberOfOccurrences": 3},
            [2, 4, 6],
        ),
        (
            {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "friday"]},
            {"type": "endDate", "endDate": "2026-03-13"},
            [2, 6, 9, 13],
        ),
        ({"type": "absoluteMonthly", "interval": 1}, {"type": "noEnd"}, [2]),
    ],
)
def test_a_view_expands_series_and_a_list_does_not(
    client: httpx.Client, pattern: dict[str, Any], limits: dict[str, Any], days: list[int]
) -> None:
    client.post("/me/events", json=hour(recurrence={"pattern": pattern, "range": limits}))

    occurrences = view(client).json()["value"]

    assert days == [int(each["start"]["dateTime"][8:10]) for each in occurrences]
    assert {"occurrence"} == {each["type"] for each in occurrences}
    assert ["seriesMaster"] == [e["type"] for e in client.get("/me/events").json()["value"]]


def test_pages_follow_one_another(client: httpx.Client) -> None:
    for number in range(5):
        client.post("/me/events", json=hour(number))

    sizes = []
    response = view(client, **{"$top": "2"}).json()
    while True:
        sizes.append(len(response["value"]))
        if "@odata.nextLink" not in response:
            break
        response = client.get(response["@odata.nextLink"]).json()

    assert [2, 2, 1] == sizes


def test_an_unknown_calendar_is_not_found(client: httpx.Client) -> None:
    for method, path in (("GET", "calendarView"), ("GET", "events"), ("POST", "events")):
        query = {"startDateTime": "2026-03-01", "endDateTime": "2026-03-02"}
        response = client.request(method, f"/me/calendars/x/{path}", params=query, json=hour())
        assert (404, "ErrorItemNotFound") == (response.status_code, error_code_of(response))
