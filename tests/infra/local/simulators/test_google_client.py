"""Google's own client library drives the simulator, so that the simulator is honest."""

from collections.abc import Iterator
from typing import Any

import httplib2  # type: ignore[import-untyped]  # ships no types
import pytest
from google.auth.exceptions import RefreshError
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
def api(simulator: google.GoogleSimulator) -> Iterator[Any]:
    access, _ = simulator.authorization.grant(EMAIL, frozenset({SCOPE}))
    wire = httplib2.Http(timeout=10)
    made = discovery.build(
        "calendar",
        "v3",
        http=AuthorizedHttp(Credentials(token=access), http=wire),  # type: ignore[no-untyped-call]  # google-auth leaves it untyped
        static_discovery=True,
        client_options={"api_endpoint": simulator.environment["GOOGLE_CALENDAR_URL"] + "/"},
    )
    yield made
    made.close()
    wire.close()


@pytest.fixture
def service(api: Any) -> Any:
    """The events of the API."""
    return api.events()


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


def test_the_primary_calendar_is_told_of_everywhere(api: Any) -> None:
    told = api.calendars().get(calendarId="primary").execute()
    entry = api.calendarList().get(calendarId="primary").execute()
    listed = api.calendarList().list().execute()

    assert (EMAIL, "Europe/Berlin") == (told["id"], told["timeZone"])
    assert (True, "owner") == (entry["primary"], entry["accessRole"])
    assert [entry] == listed["items"]


def test_a_calendar_nobody_has_is_not_found(api: Any) -> None:
    other = "other@group.calendar.google.com"

    assert (404, "notFound") == status_of(api.calendars().get(calendarId=other))
    assert (404, "notFound") == status_of(api.events().list(calendarId=other))
    assert (404, "notFound") == status_of(api.events().get(calendarId="primary", eventId="abcde"))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"fields": "items(id"}, "invalidParameter"),
        ({"fields": "items(,id)"}, "invalidParameter"),
        ({"fields": "items/"}, "invalidParameter"),
        ({"fields": "kind)"}, "invalidParameter"),
        ({"fields": "ki nd"}, "invalidParameter"),
        ({"pageToken": "made up"}, "invalid"),
        ({"timeMin": "2026-03-02"}, "badRequest"),
        ({"timeMax": "never"}, "badRequest"),
        ({"timeMin": "2026-03-02T10:00:00Z", "timeMax": "2026-03-02T10:00:00Z"}, "timeRangeEmpty"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    service: Any, asked: dict[str, str], reason: str
) -> None:
    assert (400, reason) == status_of(service.list(calendarId="primary", **asked))


def test_masks_reach_down_and_across(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()

    for mask in ("items(start(dateTime),id)", "items/start/dateTime,items/id", "items(*)"):
        (item,) = service.list(calendarId="primary", fields=mask).execute()["items"]
        assert ("abcde12345", BODY["start"]) == (item["id"], item["start"])


def test_a_mark_of_ones_own_is_searched_for(service: Any) -> None:
    marked = {**BODY, "extendedProperties": {"private": {"svc": "a"}}}
    service.insert(calendarId="primary", body=marked).execute()

    found = [
        len(service.list(calendarId="primary", privateExtendedProperty=each).execute()["items"])
        for each in ("svc=a", "svc=b")
    ]

    assert [1, 0] == found


def test_a_whole_day_repeats_by_date(service: Any) -> None:
    days = {"start": {"date": "2026-03-28"}, "end": {"date": "2026-03-29"}}
    rules = ["RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260329"]
    service.insert(calendarId="primary", body={**BODY, **days, "recurrence": rules}).execute()

    listed = service.list(calendarId="primary", singleEvents=True).execute()["items"]

    dates = [(each["id"], each["start"]["date"]) for each in listed]
    assert [
        ("abcde12345_20260328", "2026-03-28"),
        ("abcde12345_20260330", "2026-03-30"),
    ] == dates


def test_deleting_a_series_deletes_what_was_changed_in_it(service: Any) -> None:
    zoned = {
        "start": {"dateTime": "2026-03-27T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-27T11:00:00+01:00", "timeZone": "Europe/Berlin"},
    }
    series = {**BODY, **zoned, "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]}
    service.insert(calendarId="primary", body=series).execute()
    one = "abcde12345_20260328T090000Z"
    service.patch(calendarId="primary", eventId=one, body={"summary": "x"}).execute()

    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    assert [] == service.list(calendarId="primary", singleEvents=True).execute()["items"]


def test_a_client_that_knows_no_conferences_loses_them(service: Any) -> None:
    met = {**BODY, "conferenceData": {"conferenceId": "abc"}}
    service.insert(calendarId="primary", body=met, conferenceDataVersion=1).execute()
    patch = {"calendarId": "primary", "eventId": BODY["id"], "body": {"summary": "x"}}

    kept = service.patch(**patch, conferenceDataVersion=1).execute()
    lost = service.patch(**patch).execute()

    assert (True, False) == ("conferenceData" in kept, "conferenceData" in lost)


def test_a_deleted_event_is_not_changed(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()
    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    late = service.patch(calendarId="primary", eventId=BODY["id"], body={"summary": "x"})

    assert (403, "forbidden") == status_of(late)


def test_of_too_many_guests_only_the_own_one_is_told(service: Any) -> None:
    guests = [{"email": EMAIL, "self": True}, {"email": "friend@example.com"}]
    service.insert(calendarId="primary", body={**BODY, "attendees": guests}).execute()

    (item,) = service.list(calendarId="primary", maxAttendees=1).execute()["items"]

    assert ([EMAIL], True) == (
        [each["email"] for each in item["attendees"]],
        item["attendeesOmitted"],
    )


def test_a_reset_takes_everybody_and_everything_away(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    service.insert(calendarId="primary", body=BODY).execute()

    simulator.reset()

    assert {} == simulator.calendar(EMAIL).events
    with pytest.raises(RefreshError):
        # On a 401 the client asks for a fresh token, and this one has no way to get it.
        service.list(calendarId="primary").execute()
