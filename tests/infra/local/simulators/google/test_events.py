"""Creating, changing and deleting events of the simulator with Google's own client."""

from typing import Any

import pytest

from infra.local.simulators import google
from tests.support.google_client import BODY, status_of
from tests.support.google_test_server import EMAIL


def test_googles_own_client_can_create_change_and_delete_an_event(service: Any) -> None:
    created = service.insert(calendarId="primary", body=BODY, sendUpdates="none").execute()
    patched = service.patch(
        calendarId="primary", eventId=created["id"], body={"location": "Room 4"}
    ).execute()
    read = service.get(calendarId=EMAIL, eventId=created["id"]).execute()
    listed = service.list(calendarId="primary", singleEvents=True).execute()
    deleted = service.delete(calendarId="primary", eventId=created["id"]).execute()

    assert ("confirmed", "abcde12345@google.com") == (created["status"], created["iCalUID"])
    assert created["etag"] != patched["etag"]
    assert patched == read
    assert [read] == listed["items"]
    assert "" == deleted


def test_a_deleted_event_is_cancelled_and_its_id_stays_taken(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()
    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    read = service.get(calendarId="primary", eventId=BODY["id"]).execute()
    with_deleted = service.list(calendarId="primary", showDeleted=True).execute()

    assert "cancelled" == read["status"]
    assert [] == service.list(calendarId="primary").execute()["items"]
    assert [BODY["id"]] == [each["id"] for each in with_deleted["items"]]
    assert (409, "duplicate") == status_of(service.insert(calendarId="primary", body=BODY))
    assert (410, "deleted") == status_of(service.delete(calendarId="primary", eventId=BODY["id"]))


def test_a_change_with_an_old_etag_is_rejected(service: Any) -> None:
    created = service.insert(calendarId="primary", body=BODY).execute()
    service.patch(calendarId="primary", eventId=created["id"], body={"colorId": "7"}).execute()

    late = service.patch(calendarId="primary", eventId=created["id"], body={"summary": "x"})
    late.headers["If-Match"] = created["etag"]

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
def test_an_event_that_google_would_reject_is_rejected(
    service: Any, change: dict[str, Any], reason: str
) -> None:
    merged = {name: value for name, value in {**BODY, **change}.items() if value is not None}

    assert (400, reason) == status_of(service.insert(calendarId="primary", body=merged))


def test_guests_get_mail_unless_send_updates_is_none(
    service: Any, simulator: google.GoogleSimulator
) -> None:
    guests = {"attendees": [{"email": "friend@example.com"}]}
    service.insert(calendarId="primary", body={**BODY, **guests}, sendUpdates="none").execute()
    service.patch(
        calendarId="primary", eventId=BODY["id"], body={"summary": "x"}, sendUpdates="all"
    ).execute()

    assert ["friend@example.com"] == [each["to"] for each in simulator.api.mails]


def test_a_client_without_a_conference_version_removes_the_conference(service: Any) -> None:
    body = {**BODY, "conferenceData": {"conferenceId": "abc"}}
    service.insert(calendarId="primary", body=body, conferenceDataVersion=1).execute()
    patch = {"calendarId": "primary", "eventId": BODY["id"], "body": {"summary": "x"}}

    with_version = service.patch(**patch, conferenceDataVersion=1).execute()
    without_version = service.patch(**patch).execute()

    assert (True, False) == ("conferenceData" in with_version, "conferenceData" in without_version)


def test_a_deleted_event_cannot_be_changed(service: Any) -> None:
    service.insert(calendarId="primary", body=BODY).execute()
    service.delete(calendarId="primary", eventId=BODY["id"]).execute()

    late = service.patch(calendarId="primary", eventId=BODY["id"], body={"summary": "x"})

    assert (403, "forbidden") == status_of(late)
