from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    CalendarGarbled,
    CalendarTooLarge,
    CredentialDead,
    ProviderRefused,
    ProviderUnavailable,
)
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.google.calendar import GoogleCalendar
from shared.providers.http import Http
from shared.providers.limits import LONGEST_ANSWER_BYTES, MOST_OCCURRENCES
from tests.support.google_discovery import CheckedTransport
from tests.support.google_peer import EXPIRES_AT, GooglePeer, google_connection, google_party
from tests.support.provider_peers import START, Party

TIMEOUT = timedelta(seconds=10)
HOUR = timedelta(hours=1)
DAY = Interval(START - 12 * HOUR, START + 12 * HOUR)
EVENT = {
    "id": "a1b2c",
    "status": "confirmed",
    "start": {"dateTime": "2026-03-02T10:00:00Z"},
    "end": {"dateTime": "2026-03-02T11:00:00Z"},
}


def entries(party: Party, within: Interval = DAY) -> tuple[CalendarEntry, ...]:
    return party.provider.entries(party.account, within, timeout=TIMEOUT)


def answering(respond: Callable[[httpx.Request], httpx.Response]) -> Party:
    """A Google that says whatever a test wants it to."""
    transport = CheckedTransport("/calendar/v3", httpx.MockTransport(respond))
    provider = GoogleCalendar("https://google.example/calendar/v3", http=Http(transport))
    credential = OAuthCredential(access_token="ya29.x", expires_at=EXPIRES_AT).to_text()
    account = Account(connection=google_connection(), credential=credential)
    return Party(provider, account, GooglePeer.__new__(GooglePeer))


def listed(items: list[Any], **more: Any) -> httpx.Response:
    told = {"kind": "calendar#events", "timeZone": "UTC", "items": items, **more}
    return httpx.Response(200, json=told)


def test_one_request_reads_a_month(party: Party, peer: GooglePeer) -> None:
    entries(party, Interval(START, START + timedelta(days=31)))

    (request,) = peer.simulator.requests
    assert ("GET", "true") == (request["method"], request["query"]["singleEvents"])


def test_recurrences_come_expanded_with_their_exceptions(party: Party, peer: GooglePeer) -> None:
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
    peer.put(series)
    peer.put(moved)

    found = entries(party, Interval(START - DAY.length, START + 7 * DAY.length))

    starts = [f"{each.interval.start:%d %H:%M}" for each in found]
    assert ["02 09:00", "03 14:00", "05 09:00"] == starts


def test_an_empty_page_that_has_a_next_one_is_not_the_end(party: Party, peer: GooglePeer) -> None:
    peer.add_entry("lunch", Interval(START, START + HOUR))
    peer.simulator.break_next({"kind": "empty_page"})

    assert ["lunch"] == [each.title for each in entries(party)]


def test_every_page_counts() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params.get("pageToken", "0"))
        following = {"nextPageToken": str(page + 1)} if page < 3 else {}
        return listed([{**EVENT, "id": f"event{page}"}] if page != 1 else [], **following)

    found = entries(answering(respond))

    assert ["event0", "event2", "event3"] == [each.external_id for each in found]


def test_a_page_that_cannot_be_had_makes_the_calendar_unreadable(
    party: Party, peer: GooglePeer
) -> None:
    peer.simulator.break_next({"kind": "empty_page"})
    peer.simulator.break_next({"status": 503, "body": ""})

    with pytest.raises(ProviderUnavailable):
        entries(party)


def test_pages_that_lead_in_a_circle_end() -> None:
    with pytest.raises(CalendarGarbled):
        entries(answering(lambda _: listed([], nextPageToken="again")))


def test_as_many_entries_as_allowed_are_read() -> None:
    items = [{**EVENT, "id": f"e{number}"} for number in range(MOST_OCCURRENCES)]

    assert MOST_OCCURRENCES == len(entries(answering(lambda _: listed(items))))


def test_one_entry_more_is_too_many() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if "pageToken" in request.url.params:
            return listed([EVENT])
        return listed([EVENT] * MOST_OCCURRENCES, nextPageToken="more")

    with pytest.raises(CalendarTooLarge):
        entries(answering(respond))


def test_all_pages_together_are_bounded() -> None:
    padding = "x" * (LONGEST_ANSWER_BYTES * 2 // 3)

    def respond(request: httpx.Request) -> httpx.Response:
        following = {} if "pageToken" in request.url.params else {"nextPageToken": "more"}
        return listed([], summary=padding, **following)

    with pytest.raises(CalendarTooLarge):
        entries(answering(respond))


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b"", b"<html></html>", b'{"kind": "calendar#events", "it']
)
def test_an_answer_that_is_no_object_is_never_taken_for_an_empty_calendar(body: bytes) -> None:
    with pytest.raises(ProviderUnavailable):
        entries(answering(lambda _: httpx.Response(200, content=body)))


def test_a_whole_day_in_kathmandu_is_found_by_somebody_in_the_us(
    party: Party, peer: GooglePeer
) -> None:
    peer.simulator.calendar(party.account.connection.email).time_zone = "Asia/Kathmandu"
    peer.put({**EVENT, "start": {"date": "2026-03-03"}, "end": {"date": "2026-03-04"}})
    last_hour = Interval(START + 31 * HOUR, START + 32 * HOUR)

    found = entries(party, last_hour)

    assert [True] == [each.all_day for each in found]


def test_an_entry_of_no_length_at_the_first_instant_is_told_of(
    party: Party, peer: GooglePeer
) -> None:
    peer.add_entry("reminder", Interval(START, START))

    assert ["reminder"] == [each.title for each in entries(party, Interval(START, START + HOUR))]


def test_of_many_guests_only_the_own_answer_is_asked_for(party: Party, peer: GooglePeer) -> None:
    guests = [{"email": f"guest{number}@example.com"} for number in range(200)]
    own = {"email": party.account.connection.email, "self": True, "responseStatus": "declined"}
    peer.put({**EVENT, "attendees": [*guests, own]})

    (entry,) = entries(party)

    (request,) = peer.simulator.requests
    assert (False, "1") == (entry.busy, request["query"]["maxAttendees"])


def test_the_calendar_asked_is_the_one_chosen() -> None:
    asked: list[bytes] = []

    def respond(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.partition(b"?")[0])
        return listed([])

    party = answering(respond)
    connection = google_connection(calendar_id="a/b?c#d@group.calendar.google.com")

    entries(replace(party, account=replace(party.account, connection=connection)))

    path = b"/calendar/v3/calendars/a%2Fb%3Fc%23d%40group.calendar.google.com/events"
    assert [path] == asked


def test_a_calendar_that_was_removed_is_not_asked_for_again() -> None:
    with (
        google_party(calendar_id="gone@group.calendar.google.com") as party,
        pytest.raises(ProviderRefused) as caught,
    ):
        entries(party)

    assert "connect" in caught.value.message


def test_an_expired_token_is_told_apart_from_a_dead_credential(
    party: Party, peer: GooglePeer
) -> None:
    peer.simulator.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired):
        entries(party)


def test_a_token_without_the_scope_needs_a_new_consent(party: Party, peer: GooglePeer) -> None:
    email = party.account.connection.email
    access, _ = peer.simulator.authorization.grant(email, frozenset({"openid"}))
    credential = OAuthCredential(access_token=access, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialDead):
        entries(replace(party, account=replace(party.account, credential=credential)))


@pytest.mark.parametrize("token", ["", "päss", "a\r\nX-Y: z", "a b"])
def test_what_cannot_be_a_token_is_never_sent(party: Party, peer: GooglePeer, token: str) -> None:
    credential = OAuthCredential(access_token=token, expires_at=EXPIRES_AT).to_text()

    with pytest.raises(CredentialDead):
        entries(replace(party, account=replace(party.account, credential=credential)))

    assert [] == peer.simulator.requests


def test_nothing_of_a_credential_is_in_an_error(party: Party, peer: GooglePeer) -> None:
    token = OAuthCredential.from_text(party.account.credential).access_token
    peer.simulator.authorization.expire_access_tokens()

    with pytest.raises(AccessExpired) as caught:
        entries(party)

    assert token not in f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
