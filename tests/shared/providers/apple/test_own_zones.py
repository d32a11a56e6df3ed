"""The time zones that a calendar object defines itself, and those it only names."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.errors import CalendarTooLarge
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from shared.providers.apple.ics import read_calendar
from shared.providers.apple.own_zones import OwnZone
from tests.support.provider_cases import ics

SUMMER = datetime(2026, 7, 1, 7, tzinfo=UTC)
WINTER = datetime(2026, 1, 15, 8, tzinfo=UTC)
YEAR = Interval(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
PERIODS = "20260703T090000/PT2H,20260704T090000/20260704T100000"
ZONE = (
    "BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\n"
    "TZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"
    "END:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nTZOFFSETFROM:+0100\r\n"
    "TZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU{until}\r\nEND:DAYLIGHT\r\n"
    "END:VTIMEZONE\r\n"
)


def starts(text: str, within: Interval = YEAR) -> list[datetime]:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=None)
    entries = reader.entries(text, "/x.ics", within=within, budget=Budget())
    return [each.interval.start for each in entries]


def with_zone(*lines: str, name: str = "Office", until: str = "") -> str:
    zone = ZONE.format(name=name, until=until)
    return ics("UID:a", *lines).replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT", 1)


def test_calendars_that_define_one_name_differently_are_read_at_the_same_time() -> None:
    texts = [
        with_zone("DTSTART;TZID=Office:20260302T090000").replace("+0100", f"+0{each}00")
        for each in range(3, 7)
    ]

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(starts, texts * 20))

    expected = [[datetime(2026, 3, 2, 9 - each, tzinfo=UTC)] for each in range(3, 7)]
    assert found == expected * 20


@pytest.mark.parametrize(("local", "expected"), [("20260701", SUMMER), ("20260115", WINTER)])
@pytest.mark.parametrize("name", ["Office", "/example.org/1/Europe/Kyiv", "Office, north"])
def test_a_time_is_in_the_zone_that_the_object_defines(
    local: str, expected: datetime, name: str
) -> None:
    text = with_zone(f'DTSTART;TZID="{name}":{local}T090000', name=name)

    assert starts(text) == [expected]


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("20260329T013000", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("20260329T033000", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),
        ("20261025T023000", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("20261025T033000", datetime(2026, 10, 25, 2, 30, tzinfo=UTC)),
    ],
)
def test_an_own_zone_changes_its_offset_like_the_iana_zone(local: str, expected: datetime) -> None:
    own = starts(with_zone(f"DTSTART;TZID=Office:{local}"))

    assert own == [expected] == starts(ics("UID:a", f"DTSTART;TZID=Europe/Berlin:{local}"))


def test_a_rule_of_a_zone_ends_with_its_last_onset() -> None:
    text = with_zone("DTSTART;TZID=Office:20260701T090000", until=";UNTIL=20260329T010000Z")

    assert starts(text) == [SUMMER]


def test_a_series_and_its_exceptions_follow_the_own_zone() -> None:
    text = with_zone(
        "DTSTART;TZID=Office:20260701T090000",
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE;TZID=Office:20260702T090000",
        "RDATE;TZID=Office:20260710T090000",
    )

    assert sorted(each.day for each in starts(text)) == [1, 3, 10]


def test_an_unknown_zone_with_an_iana_name_at_its_end_is_that_zone() -> None:
    text = ics("UID:a", "DTSTART;TZID=/example.org/Europe/Berlin:20260701T090000")

    assert starts(text) == [SUMMER]


def hours(text: str) -> list[tuple[int, int]]:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone="UTC")
    entries = reader.entries(text, "/x.ics", within=YEAR, budget=Budget())
    return [(each.interval.start.day, each.interval.start.hour) for each in entries]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("DTSTART;TZID=Europe/Berlin:20260702",), [(1, 22)]),
        (("DTSTART;TZID=Europe/Berlin;VALUE=DATE:20260702",), [(2, 0)]),
        (
            (
                "DTSTART;TZID=Europe/Berlin:20260702T090000",
                f"RDATE;VALUE=PERIOD;TZID=Europe/Berlin:{PERIODS}",
            ),
            [(2, 7), (3, 7), (4, 7)],
        ),
    ],
)
def test_every_kind_of_date_takes_its_zone(
    lines: tuple[str, ...], expected: list[tuple[int, int]]
) -> None:
    assert hours(ics("UID:a", *lines)) == expected


@pytest.mark.parametrize(
    "change",
    [("TZID:Office", "X:a"), ("STANDARD", "X-A"), ("DAYLIGHT", "X-B")],
    ids=["without a name", "without a standard time", "without a daylight time"],
)
def test_an_incomplete_zone_is_no_reason_to_call_its_time_free(change: tuple[str, str]) -> None:
    text = with_zone("DTSTART;TZID=Office:20260701T090000").replace(*change)
    wide = Interval(datetime(2026, 6, 30, tzinfo=UTC), datetime(2026, 7, 3, tzinfo=UTC))

    [start] = starts(text, wide)

    assert start <= SUMMER


def test_a_zone_without_observances_is_unknown() -> None:
    text = ics("UID:a", "DTSTART;TZID=Office:20260701T090000").replace(
        "BEGIN:VEVENT", "BEGIN:VTIMEZONE\r\nTZID:Office\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT", 1
    )

    assert starts(text) == [datetime(2026, 6, 30, 19, tzinfo=UTC)]


def test_an_own_zone_has_an_offset_without_a_date() -> None:
    hour = timedelta(hours=1)

    assert OwnZone("Office", hour, []).utcoffset(None) == hour


BAD_ZONES = {
    "no offset": ("TZOFFSETTO:+0100", "X:a"),
    "two starts": ("TZOFFSETTO:+0100", "TZOFFSETTO:+0100\r\nTZOFFSETTO:+0200"),
    "an unreadable offset": ("TZOFFSETTO:+0100", "TZOFFSETTO:one"),
    "an offset of days": ("TZOFFSETTO:+0100", "TZOFFSETTO:+9900"),
    "an unreadable start": ("DTSTART:16011028T030000", "DTSTART:yesterday"),
    "an unusual rule": ("BYMONTH=10", "BYEASTER=10"),
}


@pytest.mark.parametrize("change", BAD_ZONES.values(), ids=BAD_ZONES)
def test_a_time_in_an_unreadable_zone_covers_every_zone(change: tuple[str, str]) -> None:
    text = with_zone("DTSTART;TZID=Office:20260701T090000").replace(*change)

    assert starts(text) == [datetime(2026, 6, 30, 19, tzinfo=UTC)]


@pytest.mark.parametrize("change", BAD_ZONES.values(), ids=BAD_ZONES)
def test_an_unreadable_definition_of_a_known_zone_changes_nothing(change: tuple[str, str]) -> None:
    text = with_zone("DTSTART;TZID=Europe/Berlin:20260701T090000", name="Europe/Berlin")

    assert starts(text.replace(*change)) == [SUMMER]


BIG_ZONES = {
    "observances": "BEGIN:STANDARD\r\nEND:STANDARD\r\n" * 200,
    "changes in rules": "RRULE:FREQ=YEARLY;BYDAY=MO\r\n",
    "changes in lists": f"RDATE:{','.join(['19710101T000000'] * 2_001)}\r\n",
}


@pytest.mark.parametrize("lines", BIG_ZONES.values(), ids=BIG_ZONES)
def test_a_zone_over_a_bound_is_too_large(lines: str) -> None:
    text = with_zone("DTSTART;TZID=Office:20260701T090000")
    place = "END:VTIMEZONE" if lines.startswith("BEGIN") else "END:DAYLIGHT"

    with pytest.raises(CalendarTooLarge):
        starts(text.replace(place, lines + place))


def test_a_copy_keeps_the_zone_that_the_object_defines() -> None:
    text = with_zone("DTSTART;TZID=Office:20260701T090000", "ATTENDEE:mailto:a@x.example")

    stored = read_calendar(text).to_ical().decode()

    assert "X-CALENDAR-SERVICE" not in stored
    assert stored.count("VTIMEZONE\r\n") == 2
    assert "DTSTART;TZID=Office:20260701T090000\r\n" in stored
    assert starts(stored) == [SUMMER]
