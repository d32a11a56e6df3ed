from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.domain.connection import OAuthCredential, ProblemCode
from shared.domain.copy import CalendarEntry
from shared.domain.errors import (
    AccessExpired,
    CalendarMalformed,
    CalendarTooLarge,
    CredentialInvalid,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.http import HttpClient
from shared.providers.limits import MAX_OCCURRENCES, MAX_RESPONSE_BYTES
from tests.support.google_discovery import DiscoveryCheckedTransport
from tests.support.google_test_server import (
    EXPIRES_AT,
    GoogleTestServer,
    google_case,
    google_connection,
)
from tests.support.provider_cases import START, ProviderCase

TIMEOUT = timedelta(seconds=10)
HOUR = timedelta(hours=1)
DAY = Interval(START - 12 * HOUR, START + 12 * HOUR)
EVENT = {
    "id": "a1b2c",
    "status": "confirmed",
    "start": {"dateTime": "2026-03-02T10:00:00Z"},
    "end": {"dateTime": "2026-03-02T11:00:00Z"},
}


def entries(case: ProviderCase, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return case.provider.entries(case.account, within, timeout=TIMEOUT)


def google_returning(respond: Callable[[httpx.Request], httpx.Response]) -> ProviderCase:
    """Return a Google whose responses come from `respond`."""
    transport = DiscoveryCheckedTransport("/calendar/v3", httpx.MockTransport(respond))
    provider = GoogleCalendar("https://google.example/calendar/v3", http=HttpClient(transport))
    credential = OAuthCredential(access_token="ya29.x", expires_at=EXPIRES_AT).to_text()
    account = Account(connection=google_connection(), credential=credential)
    return ProviderCase(provider, account, GoogleTestServer.__new__(GoogleTestServer))


def events_response(items: list[Any], **more: Any) -> httpx.Response:
    payload = {"kind": "calendar#events", "timeZone": "UTC", "items": items, **more}
    return httpx.Response(200, json=payload)


def test_one_request_reads_a_month(case: ProviderCase, server: GoogleTestServer) -> None:
    entries(case, Interval(START, START + timedelta(days=31)))

    (request,) = server.simulator.requests
    assert ("GET", "true") == (request["method"], request["query"]["singleEvents"])


def test_recurrences_are_expanded_with_their_exceptions(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    series = {
        **EVENT,
        "id": "abcde",
        "start": {"dateTime": "2026-03-02T10:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-02T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        "recurrence": ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20260304T100000"],
    }
    moved = {**EVENT, "id": "abcde_20260303T090000Z", "recurringEventId": "abcde"}
    moved["start"] = {"dateTime": "2026-03-03T15:00:00+01:00"}
    moved["end"] = {"dateTime": "2026-03-03T16:00:00+01:00"}
    server.put(series)
    server.put(moved)

    result = entries(case, Interval(START - DAY.length, START + 7 * DAY.length))

    starts = [f"{each.interval.start:%d %H:%M}" for each in result]
    assert ["02 09:00", "03 14:00", "05 09:00"] == starts


def test_an_empty_page_with_a_next_page_is_not_the_end(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.add_entry("lunch", Interval(START, START + HOUR))
    server.simulator.break_next({"kind": "empty_page"})

    assert ["lunch"] == [each.title for each in entries(case)]


def test_every_page_is_read() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("pageToken", "0"))
        next_page = {"nextPageToken": str(page + 1)} if page < 3 else {}
        return events_response([{**EVENT, "id": f"event{page}"}] if page != 1 else [], **next_page)

    result = entries(google_returning(respond))

    assert ["event0", "event2", "event3"] == [each.external_id for each in result]


def test_a_failed_page_makes_the_calendar_unreadable(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.simulator.break_next({"kind": "empty_page"})
    server.simulator.break_next({"status": 503, "body": ""})

    with pytest.raises(ProviderUnavailable):
        entries(case)


def test_a_repeated_page_token_is_rejected() -> None:
    with pytest.raises(CalendarMalformed):
        entries(google_returning(lambda _: events_response([], nextPageToken="again")))


def test_the_maximum_number_of_entries_is_read() -> None:
    items = [{**EVENT, "id": f"e{number}"} for number in range(MAX_OCCURRENCES)]

    assert MAX_OCCURRENCES == len(entries(google_returning(lambda _: events_response(items))))


def test_one_entry_over_the_maximum_is_too_many() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if "pageToken" in request.url.params:
            return events_response([EVENT])
        return events_response([EVENT] * MAX_OCCURRENCES, nextPageToken="more")

    with pytest.raises(CalendarTooLarge):
        entries(google_returning(respond))


def test_the_total_size_of_all_pages_is_limited() -> None:
    padding = "x" * (MAX_RESPONSE_BYTES * 2 // 3)

    def respond(request: httpx.Request) -> httpx.Response:
        next_page = {} if "pageToken" in request.url.params else {"nextPageToken": "more"}
        return events_response([], summary=padding, **next_page)

    with pytest.raises(CalendarTooLarge):
        entries(google_returning(respond))


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"", b"<html></html>", b'{"kind": "calendar#events", "it']
)
def test_a_response_that_is_not_an_object_never_counts_as_an_empty_calendar(body: bytes) -> None:
    with pytest.raises(ProviderUnavailable):
        entries(google_returning(lambda _: httpx.Response(200, content=body)))


def test_an_all_day_event_in_kathmandu_is_found_by_a_user_in_the_us(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.simulator.calendar(case.account.connection.email).time_zone = "Asia/Kathmandu"
    server.put({**EVENT, "start": {"date": "2026-03-03"}, "end": {"date": "2026-03-04"}})
    last_hour = Interval(START + 31 * HOUR, START + 32 * HOUR)

    result = entries(case, last_hour)

    assert [True] == [each.all_day for each in result]


def test_a_zero_length_entry_at_the_first_instant_is_returned(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.add_entry("reminder", Interval(START, START))

    assert ["reminder"] == [each.title for each in entries(case, Interval(START, START + HOUR))]


def test_only_the_calendar_owners_attendee_is_requested(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    guests = [{"email": f"guest{number}@example.com"} for number in range(200)]
    own = {"email": case.account.connection.email, "self": True, "responseStatus": "declined"}
    server.put({**EVENT, "attendees": [*guests, own]})

    (entry,) = entries(case)

    (request,) = server.simulator.requests
    assert (False, "1") == (entry.busy, request["query"]["maxAttendees"])


def test_the_chosen_calendar_is_read() -> None:
    paths: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path.partition(b"?")[0])
        return events_response([])

    case = google_returning(respond)
    connection = google_connection(calendar_id="a/b?c#d@group.calendar.google.com")

    entries(replace(case, account=replace(case.account, connection=connection)))

    path = b"/calendar/v3/calendars/a%2Fb%3Fc%23d%40group.calendar.google.com/events"
    assert [path] == paths


def test_a_removed_calendar_is_reported_as_deleted() -> None:
    with (
        google_case(calendar_id="gone@group.calendar.google.com") as case,
        pytest.raises(ProviderRejected) as caught,
    ):
        entries(case)

    assert ProblemCode.CALENDAR_DELETED is caught.value.problem


def test_an_expired_token_differs_from_an_invalid_credential(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    server.simulator.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired):
        entries(case)


def test_a_token_without_the_scope_needs_a_new_consent(
    case: ProviderCase, server: GoogleTestServer
) -> None:
    email = case.account.connection.email
    access, _ = server.simulator.authorization.grant(email, frozenset({"openid"}))
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialInvalid):
        entries(replace(case, account=replace(case.account, credential=credential)))


@pytest.mark.parametrize("token", ["", "päss", "a\r\nX-Y: z", "a b"])
def test_a_malformed_token_is_never_sent(
    case: ProviderCase, server: GoogleTestServer, token: str
) -> None:
    credential = OAuthCredential(access_token=token, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialInvalid):
        entries(replace(case, account=replace(case.account, credential=credential)))

    assert [] == server.simulator.requests


def test_an_error_never_quotes_the_credential(case: ProviderCase, server: GoogleTestServer) -> None:
    token = OAuthCredential.from_text(case.account.credential).access_token
    server.simulator.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired) as caught:
        entries(case)

    assert token not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
