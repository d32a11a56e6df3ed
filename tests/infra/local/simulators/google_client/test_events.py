"""Events as Google's own client makes, changes and deletes them at the simulator."""

from typing import Any

import pytest

from infra.local.simulators import google
from tests.support.google_client import BODY, status_of
from tests.support.google_peer import EMAIL


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
