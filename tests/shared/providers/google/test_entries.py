from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.google.entries import page_entries, parse_page
from tests.support.google_test_server import google_connection

WEEK = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def item(**fields: Any) -> dict[str, Any]:
    defaults = {
        "id": "a1b2c",
        "status": "confirmed",
        "summary": "Lunch",
        "start": {"dateTime": "2026-03-02T10:00:00Z"},
        "end": {"dateTime": "2026-03-02T11:00:00Z"},
    }
    return {name: value for name, value in {**defaults, **fields}.items() if value is not None}


def page(*items: Any, zone: str | None = "Europe/Berlin") -> dict[str, Any]:
    payload = {"kind": "calendar#events", "items": list(items), "timeZone": zone}
    return {name: value for name, value in payload.items() if value is not None}


def read(*items: Any, zone: str | None = "Europe/Berlin") -> list[CalendarEntry]:
    connection = google_connection()
    return list(page_entries(parse_page(page(*items, zone=zone)), connection, within=WEEK))


def test_an_entry_has_every_field() -> None:
    payload = item(location="Room 4", source={"url": "https://a.example/"})

    assert [
        CalendarEntry(
            external_id="a1b2c",
            title="Lunch",
            interval=Interval(TEN, TEN + HOUR),
            all_day=False,
            busy=True,
            status="confirmed",
            location="Room 4",
            url="https://a.example/",
            copy_of=None,
        )
    ] == read(payload)


def test_an_online_meeting_link_is_the_url_of_the_entry() -> None:
    payload = item(hangoutLink="https://meet.google.com/x", source={"url": "https://a.example/"})

    assert ["https://meet.google.com/x"] == [each.url for each in read(payload)]


@pytest.mark.parametrize(
    ("fields", "busy"),
    [
        ({}, True),
        ({"status": "tentative"}, True),
        ({"transparency": "opaque"}, True),
        ({"transparency": "transparent"}, False),
        ({"eventType": "default"}, True),
        ({"eventType": "outOfOffice"}, True),
        ({"eventType": "focusTime"}, True),
        ({"eventType": "fromGmail"}, True),
        ({"eventType": "somethingNew"}, True),
        ({"eventType": "workingLocation"}, False),
        ({"eventType": "birthday"}, False),
        ({"attendees": [{"self": True, "responseStatus": "declined"}]}, False),
        ({"attendees": [{"self": True, "responseStatus": "needsAction"}]}, True),
        ({"attendees": [{"self": True, "responseStatus": "tentative"}]}, True),
        ({"attendees": [{"responseStatus": "declined"}]}, True),
        ({"attendees": []}, True),
    ],
)
def test_whether_an_entry_is_busy(fields: dict[str, Any], busy: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert [busy] == [each.busy for each in read(item(**fields))]


def test_a_cancelled_entry_is_left_out() -> None:
    assert [] == read({"id": "a1b2c", "status": "cancelled"})


def test_an_all_day_event_is_in_the_calendars_zone() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})

    (entry,) = read(whole_day, zone="Asia/Kathmandu")

    start = datetime(2026, 3, 2, 18, 15, tzinfo=UTC)
    assert (True, Interval(start, start + 24 * HOUR)) == (entry.all_day, entry.interval)


def test_an_all_day_event_on_a_clock_change_has_that_days_length() -> None:
    within = Interval(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    whole_day = item(start={"date": "2026-03-29"}, end={"date": "2026-03-30"})

    (entry,) = page_entries(parse_page(page(whole_day)), google_connection(), within=within)

    assert 23 * HOUR == entry.interval.length


def test_a_page_without_a_zone_uses_the_stored_zone() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})

    (entry,) = read(whole_day, zone=None)

    assert datetime(2026, 3, 2, 23, tzinfo=UTC) == entry.interval.start


def test_a_time_without_offset_is_in_its_own_zone_field() -> None:
    payload = item(
        start={"dateTime": "2026-03-02T10:00:00", "timeZone": "America/New_York"},
        end={"dateTime": "2026-03-02T11:00:00", "timeZone": "America/New_York"},
    )

    assert [TEN + 5 * HOUR] == [each.interval.start for each in read(payload)]


def test_a_time_without_offset_and_zone_is_in_the_calendars_zone() -> None:
    payload = item(
        start={"dateTime": "2026-03-02T10:00:00"}, end={"dateTime": "2026-03-02T11:00:00"}
    )

    assert [TEN - HOUR] == [each.interval.start for each in read(payload)]


def test_a_zero_length_entry_is_returned_at_its_instant() -> None:
    payload = item(end={"dateTime": "2026-03-02T10:00:00Z"})

    assert [Interval(TEN, TEN)] == [each.interval for each in read(payload)]


def test_an_entry_that_only_touches_the_interval_is_left_out() -> None:
    before = item(
        start={"dateTime": "2026-02-28T23:00:00Z"}, end={"dateTime": "2026-03-01T00:00:00Z"}
    )

    assert [] == read(before)


def test_an_entry_without_a_title_has_an_empty_title() -> None:
    assert [""] == [each.title for each in read(item(summary=None))]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "text",
        [],
        {},
        item(id=None),
        item(start=None),
        item(end={}),
        item(start={"dateTime": "yesterday"}),
        item(start={"dateTime": 7}),
        item(start={"date": "2026-03-02"}),
        item(end={"dateTime": "2026-03-02T09:00:00Z"}),
        item(start={"dateTime": "2026-03-02T10:00:00", "timeZone": "Mars/Olympus"}),
        item(start={"date": "2026-13-01"}, end={"date": "2026-13-02"}),
        item(attendees="everybody"),
        item(start={"dateTime": "0001-01-01T00:00:00+14:00"}),
    ],
)
def test_an_unreadable_event_never_counts_as_free_time(broken: Any) -> None:
    with pytest.raises(CalendarMalformed):
        read(item(), broken)


def test_an_all_day_event_in_a_calendar_without_a_zone_is_unreadable() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})
    parsed = parse_page(page(whole_day, zone=None))

    with pytest.raises(CalendarMalformed):
        list(page_entries(parsed, google_connection(zone=None), within=WEEK))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"items": []},
        {"kind": "calendar#event", "items": []},
        {"kind": "calendar#events", "items": {}},
        {"kind": "calendar#events", "items": None},
        {"kind": "calendar#events", "items": [], "nextPageToken": 7},
    ],
)
def test_a_payload_that_is_not_a_list_never_counts_as_empty(payload: dict[str, Any]) -> None:
    with pytest.raises(CalendarMalformed):
        parse_page(payload)
