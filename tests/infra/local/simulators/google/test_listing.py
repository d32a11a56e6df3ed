"""Lists of events and series, read with Google's own client."""

from typing import Any

import pytest

from tests.support.google_client import BODY, status_of
from tests.support.google_test_server import EMAIL

ACROSS_A_CLOCK_CHANGE = {
    "start": {"dateTime": "2026-03-27T10:00:00+01:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-27T11:00:00+01:00", "timeZone": "Europe/Berlin"},
}


def test_googles_own_client_can_use_pages_and_field_masks(service: Any) -> None:
    for number in range(5):
        body = {**BODY, "id": f"event{number}"}
        service.insert(calendarId="primary", body=body).execute()

    found, request = (
        [],
        service.list(
            calendarId="primary", maxResults=2, fields="nextPageToken,items(id,start/dateTime)"
        ),
    )
    while request is not None:
        page = request.execute()
        found += page["items"]
        request = service.list_next(request, page)

    starts = {"dateTime": "2026-03-02T10:00:00Z"}
    assert [{"id": f"event{number}", "start": starts} for number in range(5)] == found


def test_a_series_is_expanded_and_occurrences_can_be_deleted(service: Any) -> None:
    series = {
        **BODY,
        **ACROSS_A_CLOCK_CHANGE,
        "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20260330T080000Z"],
    }
    service.insert(calendarId="primary", body=series).execute()
    service.delete(calendarId="primary", eventId="abcde12345_20260328T090000Z").execute()

    listed = service.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()

    starts = [each["start"]["dateTime"] for each in listed["items"]]
    assert [
        "2026-03-27T10:00:00+01:00",
        "2026-03-29T10:00:00+02:00",
        "2026-03-30T10:00:00+02:00",
    ] == starts


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"fields": "items(id"}, "invalidParameter"),
        ({"fields": "items(,id)"}, "invalidParameter"),
        ({"fields": "items/"}, "invalidParameter"),
        ({"fields": "kind)"}, "invalidParameter"),
        ({"fields": "ki nd"}, "invalidParameter"),
        ({"pageToken": "invalid"}, "invalid"),
        ({"timeMin": "2026-03-02"}, "badRequest"),
        ({"timeMax": "never"}, "badRequest"),
        ({"timeMin": "2026-03-02T10:00:00Z", "timeMax": "2026-03-02T10:00:00Z"}, "timeRangeEmpty"),
    ],
)
def test_an_invalid_list_request_is_rejected(
    service: Any, parameters: dict[str, str], reason: str
) -> None:
    assert (400, reason) == status_of(service.list(calendarId="primary", **parameters))


def test_field_masks_can_be_nested(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()

    for mask in ("items(start(dateTime),id)", "items/start/dateTime,items/id", "items(*)"):
        (item,) = service.list(calendarId="primary", fields=mask).execute()["items"]
        assert ("abcde12345", BODY["start"]) == (item["id"], item["start"])


def test_a_private_extended_property_can_be_searched_for(service: Any) -> None:
    marked = {**BODY, "extendedProperties": {"private": {"svc": "a"}}}
    service.insert(calendarId="primary", body=marked).execute()

    found = [
        len(service.list(calendarId="primary", privateExtendedProperty=each).execute()["items"])
        for each in ("svc=a", "svc=b")
    ]

    assert [1, 0] == found


def test_an_all_day_event_repeats_by_date(service: Any) -> None:
    days = {"start": {"date": "2026-03-28"}, "end": {"date": "2026-03-29"}}
    rules = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260329"]
    service.insert(calendarId="primary", body={**BODY, **days, "recurrence": rules}).execute()

    listed = service.list(calendarId="primary", singleEvents=True).execute()["items"]

    dates = [(each["id"], each["start"]["date"]) for each in listed]
    assert [
        ("abcde12345_20260328", "2026-03-28"),
        ("abcde12345_20260330", "2026-03-30"),
    ] == dates


def test_deleting_a_series_deletes_its_changed_occurrences(service: Any) -> None:
    series = {**BODY, **ACROSS_A_CLOCK_CHANGE, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    service.insert(calendarId="primary", body=series).execute()
    one = "abcde12345_20260328T090000Z"
    service.patch(calendarId="primary", eventId=one, body={"summary": "x"}).execute()

    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    assert [] == service.list(calendarId="primary", singleEvents=True).execute()["items"]


def test_above_max_attendees_only_the_accounts_own_attendee_is_returned(service: Any) -> None:
    guests = [{"email": EMAIL, "self": True}, {"email": "friend@example.com"}]
    service.insert(calendarId="primary", body={**BODY, "attendees": guests}).execute()

    (item,) = service.list(calendarId="primary", maxAttendees=1).execute()["items"]

    assert ([EMAIL], True) == (
        [each["email"] for each in item["attendees"]],
        item["attendeesOmitted"],
    )
