"""What a Graph event says of whose time is taken when."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from shared.domain.copy import copy_key
from shared.domain.errors import CalendarGarbled
from shared.domain.interval import Interval
from shared.providers.microsoft import marks
from shared.providers.microsoft.entries import Reader, is_busy

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
READER = Reader(connection_id="connection-1", zone="Europe/Berlin")


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def event(**changes: Any) -> dict[str, Any]:
    told = {
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
    return {**told, **changes}


def day(first: str, end: str) -> dict[str, Any]:
    times = {"start": moment(f"{first}T00:00:00.0000000"), "end": moment(f"{end}T00:00:00.0000000")}
    return event(isAllDay=True, **times)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day and so on


@pytest.mark.parametrize(("show_as", "response"), [*product(SHOW_AS, RESPONSES)])
def test_time_is_taken_unless_it_is_marked_free_or_declined(
    show_as: str | None, response: str
) -> None:
    told = event(showAs=show_as, responseStatus={"response": response})

    assert (SHOW_AS[show_as] and RESPONSES[response]) == is_busy(told)


@pytest.mark.parametrize(("show_as", "response"), [*product(SHOW_AS, RESPONSES)])
def test_a_cancelled_event_is_not_told_whatever_else_it_says(
    show_as: str | None, response: str
) -> None:
    told = event(showAs=show_as, responseStatus={"response": response}, isCancelled=True)

    assert READER.entry(told) is None


def test_an_event_without_a_response_takes_time() -> None:
    assert is_busy(event(responseStatus=None))


def test_an_entry_says_what_the_event_says() -> None:
    entry = READER.entry(event(showAs="tentative", onlineMeeting={"joinUrl": "https://teams/1"}))

    assert entry is not None
    assert ("AAk=", "Dentist", "Room 4") == (entry.external_id, entry.title, entry.location)
    assert ("tentative", "https://teams/1", None) == (entry.status, entry.url, entry.copy_of)
    assert Interval(at(2026, 3, 2, 10), at(2026, 3, 2, 11)) == entry.interval


def test_an_entry_without_words_has_none() -> None:
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
def test_an_all_day_event_covers_its_date_where_the_mailbox_is(
    zone: str | None, start: datetime, end: datetime
) -> None:
    entry = Reader(connection_id="c", zone=zone).entry(day("2026-06-10", "2026-06-11"))

    assert entry is not None
    assert (Interval(start, end), True) == (entry.interval, entry.all_day)


def test_an_all_day_event_over_a_clock_change_has_days_of_their_own_length() -> None:
    entry = READER.entry(day("2026-03-28", "2026-03-30"))

    assert entry is not None
    assert timedelta(hours=47) == entry.interval.length


def test_an_all_day_event_on_a_date_the_zone_left_out_takes_time_around_it() -> None:
    entry = Reader(connection_id="c", zone="Pacific/Apia").entry(day("2011-12-30", "2011-12-31"))

    assert entry is not None
    assert Interval(at(2011, 12, 29, 10), at(2011, 12, 31, 12)) == entry.interval


def test_an_all_day_event_told_in_instants_is_taken_at_its_word() -> None:
    told = event(
        isAllDay=True,
        start=moment("2026-06-09T12:00:00.0000000"),
        end=moment("2026-06-10T12:00:00.0000000"),
    )

    entry = READER.entry(told)

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
def test_an_event_that_cannot_be_read_makes_the_calendar_unknown(broken: dict[str, Any]) -> None:
    with pytest.raises(CalendarGarbled):
        Reader(connection_id="c", zone=None).entry(event(**broken))


def test_a_time_with_an_offset_of_its_own_is_the_instant_it_names() -> None:
    entry = READER.entry(event(start=moment("2026-03-02T11:30:00.0000000+01:00")))

    assert entry is not None
    assert at(2026, 3, 2, 10, 30) == entry.interval.start


def marked(session: str, key: str, *, spelled: str = marks.SESSION) -> dict[str, Any]:
    properties = [{"id": spelled, "value": session}, {"id": marks.KEY, "value": key}]
    return event(singleValueExtendedProperties=properties)


@pytest.mark.parametrize(
    ("told", "session"),
    [
        (marked("s-1:connection-1", copy_key("s-1", "connection-1")), "s-1"),
        (marked("s:1:connection-1", copy_key("s:1", "connection-1")), "s:1"),
        (
            marked(
                "s-1:connection-1", copy_key("s-1", "connection-1"), spelled=marks.SESSION.upper()
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
def test_a_copy_is_ours_only_with_both_marks_of_this_connection(
    told: dict[str, Any], session: str | None
) -> None:
    entry = READER.entry(told)

    assert entry is not None
    assert session == entry.copy_of


def test_what_has_no_length_overlaps_at_its_instant() -> None:
    within = Interval(at(2026, 3, 2, 10), at(2026, 3, 2, 11))

    found = [Interval(each, each).falls_within(within) for each in (within.start, within.end)]

    assert [True, False] == found
