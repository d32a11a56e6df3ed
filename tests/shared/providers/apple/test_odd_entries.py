"""Entries as other software writes them: zones, whole days, lines and travel times."""

from datetime import UTC, date, datetime

import pytest

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarMalformed
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from tests.support.provider_cases import ics

SPRING = Interval(datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
WINTER_DAY = ("DTSTART:20260302T090000Z", "DTEND:20260302T100000Z")
BERLIN = ("DTSTART;TZID=Europe/Berlin:20260302T090000", "DTEND;TZID=Europe/Berlin:20260302T100000")


def read(*texts: str, zone: str | None = "Europe/Berlin") -> list[CalendarEntry]:
    reader = CaldavEntryReader(
        connection_id="c", addresses=frozenset({"kim@x.example", "alias@x.example"}), zone=zone
    )
    objects = [(f"/{number}.ics", text) for number, text in enumerate(texts)]
    found = reader.read(objects, within=SPRING, budget=Budget())
    return sorted(found, key=lambda each: (each.interval.start, each.interval.end))


def times(*texts: str, zone: str | None = "Europe/Berlin") -> list[str]:
    return [_text(each.interval) for each in read(*texts, zone=zone)]


def _text(interval: Interval) -> str:
    return f"{interval.start:%m-%d %H:%M}/{interval.end:%m-%d %H:%M}"


UNKNOWN = ["UTC-06:00", "GMT+0200", "America", "Local", "a" * 300, "Etc", "localtime", "Factory"]


@pytest.mark.parametrize("name", UNKNOWN, ids=lambda name: name[:20])
def test_a_time_in_an_unknown_zone_is_not_in_the_zone_of_the_calendar(name: str) -> None:
    text = ics("UID:a", f'DTSTART;TZID="{name}":20260302T100000', "DURATION:PT1H")

    [entry] = read(text)

    assert _text(entry.interval) == "03-01 20:00/03-02 23:00"
    assert entry.problem


def test_only_the_end_can_be_in_an_unknown_zone() -> None:
    text = ics("UID:a", "DTSTART:20260302T100000Z", "DTEND;TZID=Mars:20260302T110000")

    assert times(text) == ["03-02 10:00/03-02 23:00"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ("RDATE;TZID=Mars:20260310T100000",),
            ["03-02 09:00/03-02 10:00", "03-09 20:00/03-10 23:00"],
        ),
        (
            ("RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=Mars:20260303T090000"),
            ["03-02 09:00/03-02 10:00", "03-03 09:00/03-03 10:00"],
        ),
    ],
    ids=["RDATE", "EXDATE"],
)
def test_a_date_in_an_unknown_zone_frees_nothing(
    lines: tuple[str, ...], expected: list[str]
) -> None:
    assert times(ics("UID:a", *WINTER_DAY, *lines)) == expected


def test_an_exception_in_an_unknown_zone_replaces_nothing() -> None:
    text = two_events(
        (*WINTER_DAY, "RRULE:FREQ=DAILY;COUNT=2"),
        ("RECURRENCE-ID;TZID=Mars:20260303T090000", "DTSTART:20260303T150000Z", "DURATION:PT1H"),
    )

    assert times(text) == [
        *("03-02 09:00/03-02 10:00", "03-03 09:00/03-03 10:00", "03-03 15:00/03-03 16:00")
    ]


def test_an_exclusion_in_the_same_unknown_zone_is_understood() -> None:
    lines = ("DTSTART;TZID=Mars:20260302T090000", "RRULE:FREQ=DAILY;COUNT=2", "DURATION:PT1H")
    text = ics("UID:a", *lines, "EXDATE;TZID=Mars:20260303T090000")

    assert times(text) == ["03-01 19:00/03-02 22:00"]


KNOWN = [
    "europe/berlin",
    "EUROPE/BERLIN",
    "W. Europe Standard Time",
    "w. europe standard time",
    "/freeassociation.sourceforge.net/Europe/Berlin",
    "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
    "/softwarestudio.org/Olson_20011030_5/Europe/Berlin",
    "/mozilla.org/20070129_1/Europe/Berlin",
    "/citadel.org/20190101_1/Europe/Berlin",
]


@pytest.mark.parametrize("name", KNOWN)
def test_a_zone_is_known_by_every_name_that_clients_write(name: str) -> None:
    text = ics("UID:a", f'DTSTART;TZID="{name}":20260302T100000', "DURATION:PT1H")

    assert times(text, zone="Asia/Tokyo") == ["03-02 09:00/03-02 10:00"]


def test_a_time_in_utc_ignores_a_zone() -> None:
    text = ics("UID:a", "DTSTART;TZID=America/New_York:20260302T090000Z", "DURATION:PT1H")

    assert times(text) == ["03-02 09:00/03-02 10:00"]


WHOLE_DAY = "03-01 23:00/03-02 23:00"


@pytest.mark.parametrize(
    "end",
    [
        ("DTEND;VALUE=DATE:20260302",),
        ("DTEND;VALUE=DATE:20260301",),
        ("DURATION:P0D",),
        ("DURATION:PT0S",),
        ("DURATION:-P1D",),
        ("DURATION:PT24H",),
        ("DTEND;VALUE=DATE:20260303T000000",),
        (),
    ],
    ids=str,
)
def test_an_all_day_entry_takes_at_least_its_start_date(end: tuple[str, ...]) -> None:
    [entry] = read(ics("UID:a", "DTSTART;VALUE=DATE:20260302", *end))

    assert _text(entry.interval) == WHOLE_DAY
    assert entry.dates == (date(2026, 3, 2), date(2026, 3, 2))
    assert entry.all_day
    assert not entry.in_any_zone


def test_an_all_day_entry_says_when_the_zone_of_its_calendar_is_unknown() -> None:
    [entry] = read(ics("UID:a", "DTSTART;VALUE=DATE:20260302", "DURATION:P1W"), zone=None)

    assert entry.dates == (date(2026, 3, 2), date(2026, 3, 8))
    assert entry.in_any_zone
    assert _text(entry.interval) == "03-01 10:00/03-09 12:00"


SEPARATORS = {"LS": "\u2028", "NEL": "\x85", "form feed": "\x0c", "VT": "\x0b", "FS": "\x1c"}


@pytest.mark.parametrize("separator", SEPARATORS.values(), ids=SEPARATORS)
@pytest.mark.parametrize("line", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT", "END:VEVENT"])
def test_only_line_feeds_end_a_line(separator: str, line: str) -> None:
    text = ics("UID:a", *WINTER_DAY, f"DESCRIPTION:pasted{separator}{line}")

    assert [each.busy for each in read(text)] == [True]


IGNORED = {
    "a line without a colon": ("second line of a description",),
    "an empty sequence": ("SEQUENCE:",),
    "an empty exclusion": ("RRULE:FREQ=DAILY;COUNT=1", "EXDATE:"),
    "a broken attendee": ('ATTENDEE;CN="a"b;PARTSTAT=DECLINED:mailto:kim@x.example',),
    "a broken alarm": ("BEGIN:VALARM", "TRIGGER:-PT-15M", "ACTION", "END:VALARM"),
    "an unreadable creation": ("CREATED:yesterday", "DTSTAMP:?", "LAST-MODIFIED"),
}


@pytest.mark.parametrize("lines", IGNORED.values(), ids=IGNORED)
def test_lines_that_decide_nothing_are_ignored(lines: tuple[str, ...]) -> None:
    [entry] = read(
        "\ufeff" + ics("UID:a", *WINTER_DAY, *lines).replace("VERSION", "junk\r\nVERSION")
    )

    assert entry.busy
    assert _text(entry.interval) == "03-02 09:00/03-02 10:00"


DECIDING = {
    "an end with a broken parameter": ('DTEND;X-NOTE="a"b:20260302T100000Z',),
    "an end without a colon": ("DTEND 20260302T100000Z",),
    "an end with a blank in its name": ("DTEND X:20260302T100000Z",),
    "a status with a broken parameter": ('STATUS;X="a"b:CONFIRMED',),
    "a status without a value": ("STATUS",),
    "two different ends": ("DTEND:20260302T100000Z", "DTEND:20260302T110000Z"),
    "a rule of another calendar": ("RRULE:RSCALE=CHINESE;FREQ=YEARLY",),
    "a rule with an unknown part": ("RRULE:FREQ=YEARLY;BYEASTER=0",),
    "an unreadable travel time": ("X-APPLE-TRAVEL-DURATION:soon",),
}


@pytest.mark.parametrize("lines", DECIDING.values(), ids=DECIDING)
def test_a_line_that_decides_the_time_and_cannot_be_read_makes_the_entry_unreadable(
    lines: tuple[str, ...],
) -> None:
    good = ics("UID:b", "DTSTART:20260305T090000Z", "DURATION:PT1H")

    with pytest.raises(CalendarMalformed) as raised:
        read(ics("UID:a", "SUMMARY:Lunch", "DTSTART:20260302T090000Z", *lines), good)

    assert (raised.value.title, raised.value.day) == ("Lunch", "2026-03-02")
    assert "/1.ics" in [each.external_id for each in raised.value.entries]


@pytest.mark.parametrize("start", ["20120302T090000Z", "20260701T090000Z"], ids=["old", "later"])
def test_an_unreadable_entry_at_another_time_is_left_out(start: str) -> None:
    text = ics("UID:a", f"DTSTART:{start}", "DTEND:later")

    assert read(text) == []


@pytest.mark.parametrize("value", ["STATUS:CANCELLED", "TRANSP:TRANSPARENT"])
def test_a_status_that_is_given_twice_frees_only_if_both_do(value: str) -> None:
    other = "STATUS:CONFIRMED" if "STATUS" in value else "TRANSP:OPAQUE"

    assert [each.busy for each in read(ics("UID:a", *WINTER_DAY, value, other))] == [True]


def test_a_travel_time_is_busy_before_every_occurrence() -> None:
    travel = "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M"
    text = ics("UID:a", *WINTER_DAY, "RRULE:FREQ=WEEKLY;COUNT=2", travel)

    assert times(text) == ["03-02 08:30/03-02 10:00", "03-09 08:30/03-09 10:00"]


@pytest.mark.parametrize("address", ["kim@x.example", "ALIAS@x.example"])
def test_a_decline_under_any_address_of_the_account_frees_the_time(address: str) -> None:
    text = ics("UID:a", *WINTER_DAY, f"ATTENDEE;PARTSTAT=DECLINED:mailto:{address}")

    assert [each.busy for each in read(text)] == [False]


def two_events(first: tuple[str, ...], second: tuple[str, ...]) -> str:
    return ics("UID:a", *first, "END:VEVENT", "BEGIN:VEVENT", "UID:a", *second)


def test_two_entries_with_one_uid_both_count() -> None:
    text = two_events(WINTER_DAY, ("DTSTART:20260303T120000Z", "DURATION:PT1H"))

    assert times(text) == ["03-02 09:00/03-02 10:00", "03-03 12:00/03-03 13:00"]
    assert len({each.external_id for each in read(text)}) == 2


def test_an_exception_in_an_object_of_its_own_belongs_to_its_series() -> None:
    series = ics("UID:a", *WINTER_DAY, "RRULE:FREQ=DAILY;COUNT=2")
    moved = ics(
        "UID:a", "RECURRENCE-ID:20260303T090000Z", "DTSTART:20260303T150000Z", "DURATION:PT1H"
    )

    assert times(moved, series) == ["03-02 09:00/03-02 10:00", "03-03 15:00/03-03 16:00"]
