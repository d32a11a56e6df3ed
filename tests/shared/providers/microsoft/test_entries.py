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
from shared.providers.microsoft.payload import transaction_id

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
        {"id": None},
        {"id": ""},
        {"location": "Room 4"},
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


def test_a_copy_of_another_connection_to_the_account_is_recognised() -> None:
    entry = READER.entry(marked("s-1:connection-2", copy_key("s-1", "connection-2")))

    assert entry is not None
    assert (None, "s-1") == (entry.copy_of, entry.copy_for_other)


def test_an_event_that_ends_before_it_starts_takes_the_time_between_and_is_named() -> None:
    entry = READER.entry(event(start=moment("2026-03-02T12:00:00.0000000")))

    assert entry is not None
    assert Interval(at(2026, 3, 2, 11), at(2026, 3, 2, 12)) == entry.interval
    assert entry.problem


@pytest.mark.parametrize("end", ["2026-06-10", "2026-06-09"])
def test_an_all_day_event_without_a_later_end_takes_its_start_date(end: str) -> None:
    entry = READER.entry(day("2026-06-10", end))

    assert entry is not None
    assert Interval(at(2026, 6, 9, 22), at(2026, 6, 10, 22)) == entry.interval


@pytest.mark.parametrize("end", [None, moment("9999-12-31T00:00:00.0000000")])
def test_an_event_without_an_end_or_without_a_real_one_is_read(end: dict[str, str] | None) -> None:
    entry = READER.entry(event(end=end))
    all_day = READER.entry(event(**{**day("2026-06-10", "2026-06-11"), "end": end}))

    assert entry is not None
    assert all_day is not None
    assert at(2026, 3, 2, 10) == entry.interval.start


@pytest.mark.parametrize("name", ["utc", "Etc/UTC", "tzone://Microsoft/Utc"])
def test_utc_has_several_names(name: str) -> None:
    entry = READER.entry(event(start=moment("2026-03-02T10:00:00", name)))

    assert entry is not None
    assert at(2026, 3, 2, 10) == entry.interval.start


def test_an_unreadable_event_is_named_and_does_not_hide_the_others() -> None:
    within = Interval(at(2026, 3, 1), at(2026, 3, 8))

    with pytest.raises(CalendarMalformed) as caught:
        READER.entries([event(subject="Odd", start=moment("tomorrow")), event()], within)

    assert "Odd" == caught.value.title
    assert ["Dentist"] == [each.title for each in caught.value.entries]


def written_copy(start: str, **changes: Any) -> dict[str, Any]:
    properties = [
        {"id": marks.SESSION, "value": "s-1:connection-1"},
        {"id": marks.KEY, "value": copy_key("s-1", "connection-1")},
        {"id": marks.WRITTEN, "value": "2026-03-02T10:00:00Z"},
    ]
    return event(start=moment(start), singleValueExtendedProperties=properties, **changes)


def test_a_duplicate_that_the_user_made_of_a_copy_is_the_users() -> None:
    transaction = transaction_id(copy_key("s-1", "connection-1"), 0)
    copy = written_copy("2026-03-02T10:00:00", transactionId=transaction)
    pasted = written_copy("2026-03-02T10:30:00", id="AAkPasted=")
    within = Interval(at(2026, 3, 1), at(2026, 3, 8))

    result = READER.entries([copy, pasted], within)
    alone = READER.entries([pasted], within)
    twins = READER.entries([copy, {**pasted, "transactionId": transaction}], within)

    assert ["s-1", None] == [each.copy_of for each in result]
    assert [None] == [each.copy_of for each in alone]
    assert ["s-1", None] == [each.copy_of for each in twins]


def test_a_copy_that_the_user_moved_is_still_the_copy() -> None:
    transaction = transaction_id(copy_key("s-1", "connection-1"), 2)

    entry = READER.entry(written_copy("2026-03-02T09:00:00", transactionId=transaction))

    assert entry is not None
    assert "s-1" == entry.copy_of


def test_of_a_series_only_the_occurrence_at_the_written_time_is_the_copy() -> None:
    starts = ("2026-03-02T10:00:00", "2026-03-02T10:15:00")

    result = [READER.entry(written_copy(each, seriesMasterId="AAk=")) for each in starts]

    assert ["s-1", None] == [each.copy_of for each in result if each]


@pytest.mark.parametrize(
    ("sensitivity", "private"), [("normal", False), ("private", True), ("confidential", True)]
)
def test_an_entry_is_private_as_its_owner_marked_it(
    sensitivity: str,
    private: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    entry = READER.entry(event(sensitivity=sensitivity))

    assert entry is not None
    assert private is entry.private
