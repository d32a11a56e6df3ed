from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.copy import CalendarEntry, copy_key
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from tests.support.provider_cases import ics

DATA = Path(__file__).parents[3] / "data" / "ics"
SPRING = Interval(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))


def reader(zone: str | None = None) -> CaldavEntryReader:
    return CaldavEntryReader(
        connection_id="c1", addresses=frozenset({"kim.coach@icloud.example"}), zone=zone
    )


def read(text: str, *, zone: str | None = None, within: Interval = SPRING) -> list[CalendarEntry]:
    result = reader(zone).entries(text, "/cal/x.ics", within=within, budget=Budget())
    return sorted(result, key=lambda each: (each.interval.start, each.title))


def span(start: str, end: str) -> Interval:
    first, last = (datetime.strptime(f"2026-{each}Z", "%Y-%m-%d %H:%M%z") for each in (start, end))
    return Interval(first, last)


BUSY = [
    (
        "google-weekly.ics",
        None,
        [
            span("03-02 08:00", "03-02 08:30"),
            span("03-09 08:00", "03-09 08:30"),
            span("03-24 13:00", "03-24 14:00"),
            span("04-06 07:00", "04-06 07:30"),
            span("04-13 07:00", "04-13 07:30"),
            span("04-20 07:00", "04-20 07:30"),
        ],
    ),
    ("google-invitations.ics", None, [span("03-10 15:00", "03-10 16:00")]),
    (
        "outlook-windows-zone.ics",
        None,
        [
            span("03-27 09:00", "03-27 10:00"),
            span("03-28 09:00", "03-28 10:00"),
            span("03-29 08:00", "03-29 09:00"),
            span("03-30 08:00", "03-30 09:00"),
        ],
    ),
    ("outlook-custom-zone.ics", None, [span("03-18 04:00", "03-18 05:00")]),
    (
        "exchange-out-of-office.ics",
        "Europe/Berlin",
        [span("03-11 23:00", "03-13 23:00"), span("03-16 13:00", "03-16 14:00")],
    ),
    (
        "apple-floating-and-all-day.ics",
        "America/Los_Angeles",
        [
            span("03-04 08:00", "03-05 08:00"),
            span("03-06 15:00", "03-06 16:00"),
            span("03-07 15:00", "03-07 16:00"),
        ],
    ),
    (
        "apple-floating-and-all-day.ics",
        None,
        [
            span("03-03 10:00", "03-05 12:00"),
            span("03-05 17:00", "03-06 20:00"),
            span("03-06 17:00", "03-07 20:00"),
        ],
    ),
    (
        "apple-no-end.ics",
        "UTC",
        [
            span("03-07 23:00", "03-08 00:30"),
            span("03-08 22:00", "03-08 23:30"),
            span("03-09 00:00", "03-10 00:00"),
            span("03-10 09:00", "03-10 09:00"),
            span("03-12 12:00", "03-12 13:30"),
        ],
    ),
    (
        "thunderbird-monthly.ics",
        None,
        [
            span("02-27 21:00", "02-27 22:00"),
            span("03-27 20:00", "03-27 21:00"),
            span("04-24 18:00", "04-24 19:00"),
            span("05-29 18:00", "05-29 19:00"),
        ],
    ),
]


@pytest.mark.parametrize(("file", "zone", "expected"), BUSY)
def test_busy_times_are_those_in_the_readme(
    file: str, zone: str | None, expected: list[Interval]
) -> None:
    result = read((DATA / file).read_text(), zone=zone)

    assert expected == [each.interval for each in result if each.busy]


def test_every_file_is_read_by_a_test() -> None:
    expected = {file for file, *_ in BUSY}

    assert expected == {each.name for each in DATA.glob("*.ics")}


def test_declined_and_free_entries_are_returned_but_not_busy() -> None:
    expected = [
        ("Declined by me", False, "confirmed"),
        ("Declined by another guest", True, "tentative"),
        ("Marked as free", False, "confirmed"),
    ]

    result = read((DATA / "google-invitations.ics").read_text())

    assert expected == [(each.title, each.busy, each.status) for each in result]


def test_occurrences_of_a_series_have_distinct_ids() -> None:
    result = read((DATA / "google-weekly.ics").read_text())
    again = read((DATA / "google-weekly.ics").read_text())

    ids = [each.external_id for each in result]
    assert len(result) == len(set(ids))
    assert ids == [each.external_id for each in again]


def test_an_all_day_entry_follows_the_clock_change_of_its_zone() -> None:
    short_day = ics("UID:a", "DTSTART;VALUE=DATE:20260329", "DTEND;VALUE=DATE:20260330")
    expected = [span("03-28 23:00", "03-29 22:00")]

    result = read(short_day, zone="Europe/Berlin")

    assert expected == [each.interval for each in result]
    assert result[0].all_day


def test_entries_that_only_touch_the_interval_are_left_out() -> None:
    text = ics("UID:a", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")

    before = read(text, within=span("03-02 10:00", "03-02 11:00"))
    after = read(text, within=span("03-02 08:00", "03-02 09:00"))

    assert before == after == []


def test_each_calendar_uses_its_own_zone_definition() -> None:
    first = (DATA / "outlook-custom-zone.ics").read_text()
    second = first.replace("+0530", "-0300")

    intervals = [read(text)[0].interval for text in (first, second, first)]

    expected = [span("03-18 04:00", "03-18 05:00"), span("03-18 12:30", "03-18 13:30")]
    assert [*expected, expected[0]] == intervals


def test_a_time_in_an_undefined_zone_covers_every_zone() -> None:
    text = ics("UID:a", "DTSTART;TZID=Mars/Olympus:20260302T100000", "DURATION:PT1H")
    expected = [span("03-01 20:00", "03-02 23:00")]

    assert expected == [each.interval for each in read(text)]


OWN_COPY = ("UID:{uid}", "DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")


@pytest.mark.parametrize(
    ("uid", "session", "expected"),
    [
        (copy_key("s1", "c1"), "s1", "s1"),
        (copy_key("s1", "c2"), "s1", None),
        (copy_key("s2", "c1"), "s1", None),
        ("anything", "s1", None),
    ],
)
def test_an_own_copy_has_its_own_key(uid: str, session: str, expected: str | None) -> None:
    lines = (*OWN_COPY, "X-CALENDAR-SERVICE-SESSION:{session}")
    text = ics(*(line.format(uid=uid, session=session) for line in lines))

    assert [expected] == [each.copy_of for each in read(text)]


UNREADABLE = {
    "ends before it starts": ("DTSTART:20260302T100000Z", "DTEND:20260302T090000Z"),
    "has a negative duration": ("DTSTART:20260302T100000Z", "DURATION:-PT1H"),
    "has no start": ("DTEND:20260302T100000Z",),
    "has an unreadable start": ("DTSTART:yesterday", "DTEND:20260302T100000Z"),
    "has an unreadable end": ("DTSTART:20260302T100000Z", "DTEND:later"),
    "starts on a date and ends at a time": ("DTSTART;VALUE=DATE:20260302", "DTEND:20260302T1000Z"),
    "has an unknown frequency": ("DTSTART:20260302T100000Z", "RRULE:FREQ=HOURLEY"),
    "has an unreadable exception": (
        "DTSTART:20260302T100000Z",
        "RRULE:FREQ=DAILY",
        "EXDATE:never",
    ),
    "ends in the year 9999": (
        "DTSTART:20260302T100000Z",
        "DTEND:99991231T000000Z",
        "RRULE:FREQ=DAILY",
    ),
}


@pytest.mark.parametrize("lines", UNREADABLE.values(), ids=UNREADABLE)
def test_an_invalid_event_makes_the_calendar_unreadable(
    lines: tuple[str, ...],
) -> None:
    with pytest.raises(CalendarMalformed):
        read(ics("UID:a", *lines))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html></html>",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n",
        "BEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\n",
    ],
)
def test_text_that_is_not_a_calendar_never_counts_as_empty(text: str) -> None:
    with pytest.raises(CalendarMalformed):
        read(text)


def test_tasks_are_ignored() -> None:
    task = ics("UID:a", "DTSTART:20260302T100000Z").replace("VEVENT", "VTODO")

    assert not read(task)


def test_a_zero_length_entry_is_returned_at_its_instant_only() -> None:
    text = ics("UID:a", "DTSTART:20260302T100000Z")
    at = datetime(2026, 3, 2, 10, tzinfo=UTC)
    minute = timedelta(minutes=1)

    counts = [
        len(read(text, within=within))
        for within in (Interval(at, at + minute), Interval(at - minute, at))
    ]

    expected = [1, 0]
    assert expected == counts
