from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.google.entries import parse_page, read_entries
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
    return list(read_entries([parse_page(page(*items, zone=zone))], connection, within=WEEK))


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

    (entry,) = read_entries([parse_page(page(whole_day))], google_connection(), within=within)

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
        item(start={"dateTime": "yesterday"}),
        item(start={"dateTime": 7}),
        item(start={"date": "2026-13-01"}, end={"date": "2026-13-02"}),
        item(attendees="everybody"),
    ],
)
def test_an_unreadable_event_never_counts_as_free_time(broken: Any) -> None:
    with pytest.raises(CalendarMalformed):
        read(item(), broken)


def test_an_unreadable_event_is_named_and_does_not_hide_the_others() -> None:
    broken = item(summary="Odd", start={"dateTime": "2026-03-02T25:00:00Z"})

    with pytest.raises(CalendarMalformed) as caught:
        read(broken, item())

    assert ("Odd", "2026-03-02") == (caught.value.title, caught.value.day)
    assert ["Lunch"] == [each.title for each in caught.value.entries]
    assert 'The entry "Odd" of 2026-03-02 cannot be read.' == caught.value.text_for_owner
    assert "Odd" not in caught.value.message


def test_an_all_day_event_in_a_calendar_without_a_zone_covers_its_date_in_every_zone() -> None:
    whole_day = item(start={"date": "2026-03-03"}, end={"date": "2026-03-04"})
    parsed = parse_page(page(whole_day, zone=None))

    (entry,) = read_entries([parsed], google_connection(zone=None), within=WEEK)

    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert Interval(midnight - 14 * HOUR, midnight + 36 * HOUR) == entry.interval


@pytest.mark.parametrize("end", [None, {"date": "2026-03-03"}, {"date": "2026-03-01"}, {}])
def test_an_all_day_event_without_a_later_end_takes_its_start_date(
    end: dict[str, str] | None,
) -> None:
    (entry,) = read(item(start={"date": "2026-03-03"}, end=end), zone="UTC")

    midnight = datetime(2026, 3, 3, tzinfo=UTC)
    assert Interval(midnight, midnight + 24 * HOUR) == entry.interval
    assert entry.problem is None


def test_an_event_without_an_end_takes_no_time() -> None:
    (entry,) = read(item(end=None, endTimeUnspecified=True))

    assert Interval(TEN, TEN) == entry.interval


def test_an_event_that_ends_before_it_starts_takes_the_time_between_and_is_named() -> None:
    (entry,) = read(item(end={"dateTime": "2026-03-02T09:00:00Z"}))

    assert Interval(TEN - HOUR, TEN) == entry.interval
    assert entry.problem


def test_an_odd_event_outside_the_interval_is_still_named() -> None:
    far = item(start={"dateTime": "2030-01-01T12:00:00Z"}, end={"dateTime": "2030-01-01T11:00:00Z"})

    (entry,) = read(far)

    assert entry.problem


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("GMT+02:00", TEN - 2 * HOUR, TEN - HOUR),
        ("W. Europe Standard Time", TEN - HOUR, TEN),
        ("Mars/Olympus", TEN - 14 * HOUR, TEN + 13 * HOUR),
    ],
)
def test_a_zone_that_is_no_iana_name_is_understood_or_widens(
    zone: str, start: datetime, end: datetime
) -> None:
    moments = [{"dateTime": f"2026-03-02T{hour}:00:00", "timeZone": zone} for hour in ("10", "11")]

    (entry,) = read(item(start=moments[0], end=moments[1]))

    assert Interval(start, end) == entry.interval
    assert bool(entry.problem) == (zone == "Mars/Olympus")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ({"date": "2026-03-03"}, {"date": "9999-12-31"}),
        ({"dateTime": "2026-03-03T00:00:00Z"}, {"dateTime": "9999-12-31T23:59:59-08:00"}),
        ({"dateTime": "0001-01-01T00:00:00+14:00"}, {"dateTime": "2026-03-03T12:00:00Z"}),
        ({"date": "2026-03-03"}, {"dateTime": "2026-03-03T12:00:00Z"}),
    ],
)
def test_extreme_and_mixed_times_never_hide_the_calendar(
    start: dict[str, str], end: dict[str, str]
) -> None:
    (entry,) = read(item(start=start, end=end), zone="America/Los_Angeles")

    assert entry.interval.falls_within(WEEK)


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
