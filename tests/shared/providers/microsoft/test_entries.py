"""Conversion of Graph events to calendar entries."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from shared.domain.copy import copy_key
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.microsoft import marks
from shared.providers.microsoft.entries import GraphEntryReader, is_busy

SHOW_AS = {
    "free": False,
    "workingElsewhere": False,
    "tentative": True,
    "busy": True,
    "oof": True,
    "unknown": True,
    "something new": True,
    None: True,
}
RESPONSES = {
    "none": True,
    "organizer": True,
    "tentativelyAccepted": True,
    "accepted": True,
    "declined": False,
    "notResponded": True,
}
READER = GraphEntryReader(connection_id="connection-1", zone="Europe/Berlin")


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def event(**changes: Any) -> dict[str, Any]:
    payload = {
        "id": "AAk=",
        "subject": "Dentist",
        "start": moment("2026-03-02T10:00:00.0000000"),
        "end": moment("2026-03-02T11:00:00.0000000"),
        "isAllDay": False,
        "isCancelled": False,
        "showAs": "busy",
        "responseStatus": {"response": "none", "time": "0001-01-01T00:00:00Z"},
        "location": {"displayName": "Room 4"},
    }
    return {**payload, **changes}


def day(first: str, end: str) -> dict[str, Any]:
    times = {"start": moment(f"{first}T00:00:00.0000000"), "end": moment(f"{end}T00:00:00.0000000")}
    return event(isAllDay=True, **times)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day and so on


@pytest.mark.parametrize(("show_as", "response"), [*product(SHOW_AS, RESPONSES)])
def test_an_event_is_busy_unless_marked_free_or_declined(
    show_as: str | None, response: str
) -> None:
    payload = event(showAs=show_as, responseStatus={"response": response})

    assert (SHOW_AS[show_as] and RESPONSES[response]) == is_busy(payload)


@pytest.mark.parametrize(("show_as", "response"), [*product(SHOW_AS, RESPONSES)])
def test_a_cancelled_event_is_left_out(show_as: str | None, response: str) -> None:
    payload = event(showAs=show_as, responseStatus={"response": response}, isCancelled=True)

    assert READER.entry(payload) is None


def test_an_event_without_a_response_is_busy() -> None:
    assert is_busy(event(responseStatus=None))


def test_an_entry_has_the_fields_of_the_event() -> None:
    entry = READER.entry(event(showAs="tentative", onlineMeeting={"joinUrl": "https://teams/1"}))

    assert entry is not None
    assert ("AAk=", "Dentist", "Room 4") == (entry.external_id, entry.title, entry.location)
    assert ("tentative", "https://teams/1", None) == (entry.status, entry.url, entry.copy_of)
    assert Interval(at(2026, 3, 2, 10), at(2026, 3, 2, 11)) == entry.interval


def test_missing_text_fields_are_empty() -> None:
    bare = event(subject=None, location=None, onlineMeeting=None)

    entry = READER.entry(bare)

    assert entry is not None
    assert ("", None, None) == (entry.title, entry.location, entry.url)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Pacific/Auckland", at(2026, 6, 9, 12), at(2026, 6, 10, 12)),
        ("Pacific/Honolulu", at(2026, 6, 10, 10), at(2026, 6, 11, 10)),
        ("UTC", at(2026, 6, 10), at(2026, 6, 11)),
        (None, at(2026, 6, 9, 10), at(2026, 6, 11, 12)),
        ("Custom/Zone", at(2026, 6, 9, 10), at(2026, 6, 11, 12)),
    ],
)
def test_an_all_day_event_covers_its_date_in_the_mailboxs_zone(
    zone: str | None, start: datetime, end: datetime
) -> None:
    entry = GraphEntryReader(connection_id="c", zone=zone).entry(day("2026-06-10", "2026-06-11"))

    assert entry is not None
    assert (Interval(start, end), True) == (entry.interval, entry.all_day)


def test_an_all_day_event_over_a_clock_change_has_the_length_of_its_days() -> None:
    entry = READER.entry(day("2026-03-28", "2026-03-30"))

    assert entry is not None
    assert timedelta(hours=47) == entry.interval.length


def test_an_all_day_event_on_a_date_the_zone_skipped_covers_every_zone() -> None:
    entry = GraphEntryReader(connection_id="c", zone="Pacific/Apia").entry(
        day("2011-12-30", "2011-12-31")
    )

    assert entry is not None
    assert Interval(at(2011, 12, 29, 10), at(2011, 12, 31, 12)) == entry.interval


def test_an_all_day_event_not_at_midnight_keeps_its_instants() -> None:
    payload = event(
        isAllDay=True,
        start=moment("2026-06-09T12:00:00.0000000"),
        end=moment("2026-06-10T12:00:00.0000000"),
    )

    entry = READER.entry(payload)

    assert entry is not None
    assert Interval(at(2026, 6, 9, 12), at(2026, 6, 10, 12)) == entry.interval


@pytest.mark.parametrize(
    "broken",
    [
        {"start": moment("2026-03-02T10:00:00.0000000", "W. Europe Standard Time")},
        {"start": moment("2026-03-02T10:00:00.0000000", "tzone://Microsoft/Custom")},
        {"start": moment("tomorrow")},
        {"start": None},
        {"start": {"dateTime": "2026-03-02T10:00:00"}},
        {"start": moment("2026-03-02T12:00:00.0000000")},
        {"id": None},
        {"id": ""},
        {"location": "Room 4"},
        {"singleValueExtendedProperties": [7]},
        {
            "isAllDay": True,
            "start": moment("0001-01-01T00:00:00"),
            "end": moment("0001-01-02T00:00:00"),
        },
    ],
)
def test_an_unreadable_event_makes_the_calendar_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(CalendarMalformed):
        GraphEntryReader(connection_id="c", zone=None).entry(event(**broken))


def test_a_time_with_an_offset_is_converted_to_utc() -> None:
    entry = READER.entry(event(start=moment("2026-03-02T11:30:00.0000000+01:00")))

    assert entry is not None
    assert at(2026, 3, 2, 10, 30) == entry.interval.start


def marked(session: str, key: str, *, mark_id: str = marks.SESSION) -> dict[str, Any]:
    properties = [{"id": mark_id, "value": session}, {"id": marks.KEY, "value": key}]
    return event(singleValueExtendedProperties=properties)


@pytest.mark.parametrize(
    ("payload", "session"),
    [
        (marked("s-1:connection-1", copy_key("s-1", "connection-1")), "s-1"),
        (marked("s:1:connection-1", copy_key("s:1", "connection-1")), "s:1"),
        (
            marked(
                "s-1:connection-1", copy_key("s-1", "connection-1"), mark_id=marks.SESSION.upper()
            ),
            "s-1",
        ),
        (marked("s-1:connection-2", copy_key("s-1", "connection-2")), None),
        (marked("s-1:connection-1", copy_key("s-1", "connection-2")), None),
        (marked(":connection-1", "k"), None),
        (event(singleValueExtendedProperties=[{"id": "String other", "value": "x"}]), None),
        (event(singleValueExtendedProperties=[{"id": marks.SESSION, "value": None}]), None),
    ],
)
def test_an_own_copy_has_both_marks_of_this_connection(
    payload: dict[str, Any], session: str | None
) -> None:
    entry = READER.entry(payload)

    assert entry is not None
    assert session == entry.copy_of


def test_a_zero_length_entry_overlaps_at_its_instant() -> None:
    within = Interval(at(2026, 3, 2, 10), at(2026, 3, 2, 11))

    result = [Interval(each, each).falls_within(within) for each in (within.start, within.end)]

    assert [True, False] == result
