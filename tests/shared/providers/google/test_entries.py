from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarGarbled
from shared.domain.interval import Interval
from shared.providers.google.entries import entries_of, page_of
from tests.support.google_peer import google_connection

WEEK = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 8, tzinfo=UTC))
TEN = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def item(**fields: Any) -> dict[str, Any]:
    made = {
        "id": "a1b2c",
        "status": "confirmed",
        "summary": "Lunch",
        "start": {"dateTime": "2026-03-02T10:00:00Z"},
        "end": {"dateTime": "2026-03-02T11:00:00Z"},
    }
    return {name: value for name, value in {**made, **fields}.items() if value is not None}


def page(*items: Any, zone: str | None = "Europe/Berlin") -> dict[str, Any]:
    told = {"kind": "calendar#events", "items": list(items), "timeZone": zone}
    return {name: value for name, value in told.items() if value is not None}


def read(*items: Any, zone: str | None = "Europe/Berlin") -> list[CalendarEntry]:
    connection = google_connection()
    return list(entries_of(page_of(page(*items, zone=zone)), connection, within=WEEK))


def test_an_entry_tells_all_there_is_to_tell() -> None:
    told = item(location="Room 4", source={"url": "https://a.example/"})

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
    ] == read(told)


def test_an_online_meeting_is_the_link_of_its_entry() -> None:
    told = item(hangoutLink="https://meet.google.com/x", source={"url": "https://a.example/"})

    assert ["https://meet.google.com/x"] == [each.url for each in read(told)]


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
def test_whether_an_entry_takes_time(fields: dict[str, Any], busy: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert [busy] == [each.busy for each in read(item(**fields))]


def test_a_cancelled_entry_is_not_told_of() -> None:
    assert [] == read({"id": "a1b2c", "status": "cancelled"})


def test_a_whole_day_is_one_in_the_calendars_own_zone() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})

    (entry,) = read(whole_day, zone="Asia/Kathmandu")

    start = datetime(2026, 3, 2, 18, 15, tzinfo=UTC)
    assert (True, Interval(start, start + 24 * HOUR)) == (entry.all_day, entry.interval)


def test_a_whole_day_on_which_the_clock_changes_has_its_own_length() -> None:
    within = Interval(datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC))
    whole_day = item(start={"date": "2026-03-29"}, end={"date": "2026-03-30"})

    (entry,) = entries_of(page_of(page(whole_day)), google_connection(), within=within)

    assert 23 * HOUR == entry.interval.length


def test_a_calendar_that_tells_no_zone_has_the_one_we_know() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})

    (entry,) = read(whole_day, zone=None)

    assert datetime(2026, 3, 2, 23, tzinfo=UTC) == entry.interval.start


def test_a_time_without_offset_is_in_the_zone_beside_it() -> None:
    told = item(
        start={"dateTime": "2026-03-02T10:00:00", "timeZone": "America/New_York"},
        end={"dateTime": "2026-03-02T11:00:00", "timeZone": "America/New_York"},
    )

    assert [TEN + 5 * HOUR] == [each.interval.start for each in read(told)]


def test_a_time_without_offset_and_zone_is_in_the_calendars_zone() -> None:
    told = item(start={"dateTime": "2026-03-02T10:00:00"}, end={"dateTime": "2026-03-02T11:00:00"})

    assert [TEN - HOUR] == [each.interval.start for each in read(told)]


def test_an_entry_of_no_length_is_told_of_at_its_instant() -> None:
    told = item(end={"dateTime": "2026-03-02T10:00:00Z"})

    assert [Interval(TEN, TEN)] == [each.interval for each in read(told)]


def test_what_only_touches_the_time_asked_for_is_left_out() -> None:
    before = item(
        start={"dateTime": "2026-02-28T23:00:00Z"}, end={"dateTime": "2026-03-01T00:00:00Z"}
    )

    assert [] == read(before)


def test_an_entry_without_a_title_has_an_empty_one() -> None:
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
def test_what_cannot_be_read_is_never_taken_for_free_time(broken: Any) -> None:
    with pytest.raises(CalendarGarbled):
        read(item(), broken)


def test_a_whole_day_in_a_calendar_of_no_known_zone_cannot_be_read() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})
    listed = page_of(page(whole_day, zone=None))

    with pytest.raises(CalendarGarbled):
        list(entries_of(listed, google_connection(zone=None), within=WEEK))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"items": []},
        {"kind": "calendar#event", "items": []},
        {"kind": "calendar#events", "items": {}},
        {"kind": "calendar#events", "items": None},
        {"kind": "calendar#events", "items": [], "nextPageToken": 7},
    ],
)
def test_an_answer_that_is_no_list_is_never_taken_for_an_empty_one(answer: dict[str, Any]) -> None:
    with pytest.raises(CalendarGarbled):
        page_of(answer)
