"""Google's own client library drives the simulator, so that the simulator is honest."""

from collections.abc import Iterator
from typing import Any

import httplib2  # type: ignore[import-untyped]  # ships no types
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]  # ships no types
from googleapiclient import discovery
from googleapiclient.errors import HttpError

from infra.local.simulators import google

EMAIL = google.EMAILS[0]
SCOPE = "https://www.googleapis.com/auth/calendar"
BODY = {
    "id": "abcde12345",
    "summary": "Lunch",
    "start": {"dateTime": "2026-03-02T10:00:00Z"},
    "end": {"dateTime": "2026-03-02T11:00:00Z"},
}


@pytest.fixture
def simulator() -> Iterator[google.GoogleSimulator]:
    with google.serve() as served:
        yield served


@pytest.fixture
def service(simulator: google.GoogleSimulator) -> Iterator[Any]:
    access, _ = simulator.authorization.grant(EMAIL, frozenset({SCOPE}))
    wire = httplib2.Http(timeout=10)
    made = discovery.build(
        "calendar",
        "v3",
        http=AuthorizedHttp(Credentials(token=access), http=wire),  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        static_discovery=True,
        client_options={"api_endpoint": simulator.environment["GOOGLE_CALENDAR_URL"] + "/"},
    )
    yield made.events()
    made.close()
    wire.close()


def status_of(call: Any) -> tuple[int, str]:
    with pytest.raises(HttpError) as caught:
        call.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def test_an_event_lives_as_googles_own_client_expects(service: Any) -> None:
    made = service.insert(calendarId="primary", body=BODY, sendUpdates="none").execute()
    patched = service.patch(
        calendarId="primary", eventId=made["id"], body={"location": "Room 4"}
    ).execute()
    got = service.get(calendarId=EMAIL, eventId=made["id"]).execute()
    listed = service.list(calendarId="primary", singleEvents=True).execute()
    deleted = service.delete(calendarId="primary", eventId=made["id"]).execute()

    assert ("confirmed", "abcde12345@google.com") == (made["status"], made["iCalUID"])
    assert made["etag"] != patched["etag"]
    assert patched == got
    assert [got] == listed["items"]
    assert "" == deleted


def test_a_deleted_event_is_cancelled_and_keeps_its_id(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()
    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    got = service.get(calendarId="primary", eventId=BODY["id"]).execute()
    shown = service.list(calendarId="primary", showDeleted=True).execute()

    assert "cancelled" == got["status"]
    assert [] == service.list(calendarId="primary").execute()["items"]
    assert [BODY["id"]] == [each["id"] for each in shown["items"]]
    assert (409, "duplicate") == status_of(service.insert(calendarId="primary", body=BODY))
    assert (410, "deleted") == status_of(service.delete(calendarId="primary", eventId=BODY["id"]))


def test_a_change_under_an_old_etag_is_refused(service: Any) -> None:
    made = service.insert(calendarId="primary", body=BODY).execute()
    service.patch(calendarId="primary", eventId=made["id"], body={"colorId": "7"}).execute()

    late = service.patch(calendarId="primary", eventId=made["id"], body={"summary": "x"})
    late.headers["If-Match"] = made["etag"]

    assert (412, "conditionNotMet") == status_of(late)


def test_pages_and_masks_work_as_googles_own_client_uses_them(service: Any) -> None:
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


def test_a_series_is_expanded_and_its_parts_can_be_deleted(service: Any) -> None:
    zoned = {
        "start": {"dateTime": "2026-03-27T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-27T11:00:00+01:00", "timeZone": "Europe/Berlin"},
    }
    series = {**BODY, **zoned, "recurrence": ["RRULE:FREQ=DAILY;UNTIL=20260330T080000Z"]}
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
    ("change", "reason"),
    [
        ({"id": "not an id"}, "invalid"),
        ({"id": "wxyz1"}, "invalid"),
        ({"start": None}, "required"),
        ({"end": {"date": "2026-03-03"}}, "invalid"),
        ({"end": {"dateTime": "2026-03-02T09:00:00Z"}}, "timeRangeEmpty"),
        ({"start": {"dateTime": "2026-03-02T10:00:00"}}, "required"),
        ({"source": {"url": "ftp://x"}}, "invalid"),
        ({"extendedProperties": {"private": {"k" * 45: "v"}}}, "invalid"),
    ],
)
def test_what_google_would_not_take_is_refused(
    service: Any, change: dict[str, Any], reason: str
) -> None:
    merged = {name: value for name, value in {**BODY, **change}.items() if value is not None}

    assert (400, reason) == status_of(service.insert(calendarId="primary", body=merged))


def test_guests_are_mailed_unless_told_not_to(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    guests = {"attendees": [{"email": "friend@example.com"}]}
    service.insert(calendarId="primary", body={**BODY, **guests}, sendUpdates="none").execute()
    service.patch(
        calendarId="primary", eventId=BODY["id"], body={"summary": "x"}, sendUpdates="all"
    ).execute()

    assert ["friend@example.com"] == [each["to"] for each in simulator.api.mails]


def test_a_token_without_the_scope_is_refused(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    for token in simulator.authorization.access.values():
        token.scopes = frozenset({"openid"})

    refused = status_of(service.list(calendarId="primary"))

    assert (403, "insufficientPermissions") == refused
