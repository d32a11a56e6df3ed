"""Series as other software writes them: ends, exclusions, clock changes and exceptions."""

from datetime import UTC, datetime

import pytest

from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from tests.support.provider_cases import ics

SPRING = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
DAILY = ("DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4")
BERLIN = ("DTSTART;TZID=Europe/Berlin:20260302T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=4")
DATES = ("DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY;COUNT=4")


def times(*lines: str, zone: str = "Europe/Berlin", form: str = "%d") -> list[str]:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=zone)
    found = reader.entries(ics("UID:a", *lines), "/x.ics", within=SPRING, budget=Budget())
    return sorted(f"{each.interval.start:{form}}" for each in found)


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20260304", "05"),  # 17:00 in Los Angeles is the next date in UTC
        ("20260304T170000", "05"),
        ("20260305T010000Z", "05"),
        ("20260305T005959Z", "04"),
        ("20260304T165959", "04"),
    ],
)
def test_a_series_keeps_its_last_occurrence(until: str, last: str) -> None:
    lines = ("DTSTART;TZID=America/Los_Angeles:20260302T170000", f"RRULE:FREQ=DAILY;UNTIL={until}")

    assert times(*lines)[-1] == last


@pytest.mark.parametrize("until", ["20260304", "20260303T230000Z", "20260304T000000Z"])
def test_a_series_of_dates_keeps_its_last_date(until: str) -> None:
    assert times("DTSTART;VALUE=DATE:20260302", f"RRULE:FREQ=DAILY;UNTIL={until}")[-1] == "03"


@pytest.mark.parametrize(
    ("lines", "excluded"),
    [
        (DAILY, "EXDATE:20260303T090000Z"),
        (DAILY, "EXDATE;VALUE=DATE:20260303"),
        (DAILY, "EXDATE;TZID=Europe/Berlin:20260303T100000"),
        (DAILY, "EXDATE:,20260303T090000Z,"),
        (DAILY, "EXDATE:20260303T100000"),
        (BERLIN, "EXDATE:20260303T080000Z"),
        (BERLIN, "EXDATE;VALUE=DATE;TZID=Europe/Berlin:20260303"),
        (BERLIN, "EXDATE;TZID=/mozilla.org/20070129_1/Europe/Berlin:20260303T090000"),
    ],
)
def test_an_exclusion_names_an_occurrence_in_any_form(
    lines: tuple[str, ...], excluded: str
) -> None:
    assert times(*lines, excluded) == ["02", "04", "05"]


@pytest.mark.parametrize(
    "excluded",
    [
        "EXDATE;VALUE=DATE:20260303",
        "EXDATE:20260302T230000Z",  # midnight in Berlin
        "EXDATE:20260303T000000Z",
        "EXDATE:20260303T000000",
        "EXDATE;TZID=Europe/Berlin:20260303T000000",
    ],
)
def test_an_exclusion_names_a_date_in_any_form(excluded: str) -> None:
    assert times(*DATES, excluded) == ["01", "03", "04"]


@pytest.mark.parametrize("excluded", ["EXDATE:20260303T090001Z", "EXDATE:20260303T080000Z"])
def test_an_exclusion_of_another_time_excludes_nothing(excluded: str) -> None:
    assert times(*DAILY, excluded) == ["02", "03", "04", "05"]


CLOCK_CHANGES = {
    "an hour that the clock skips": (
        "Europe/Berlin",
        ("20260328T020000", "20260328T030000"),
        ["0328 01:00/02:00", "0329 01:00/02:00", "0330 00:00/01:00"],
    ),
    "a midnight that the clock skips": (
        "Africa/Cairo",
        ("20260423T003000", "20260423T010000"),
        ["0422 22:30/23:00", "0423 22:30/23:00", "0424 21:30/22:00"],
    ),
    "over the clock change": (
        "Europe/Berlin",
        ("20260327T220000", "20260328T060000"),
        ["0327 21:00/05:00", "0328 21:00/05:00", "0329 20:00/04:00"],
    ),
}


@pytest.mark.parametrize(("zone", "first", "expected"), CLOCK_CHANGES.values(), ids=CLOCK_CHANGES)
def test_an_occurrence_at_a_clock_change_keeps_its_exact_length(
    zone: str, first: tuple[str, str], expected: list[str]
) -> None:
    start, end = (
        f"{name};TZID={zone}:{at}" for name, at in zip(("DTSTART", "DTEND"), first, strict=True)
    )
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=zone)
    text = ics("UID:a", start, end, "RRULE:FREQ=DAILY;COUNT=3")

    found = reader.read([("/x", text)], within=SPRING, budget=Budget())

    assert expected == [
        f"{each.interval.start:%m%d %H:%M}/{each.interval.end:%H:%M}" for each in found
    ]


RULES = {
    "RSCALE=GREGORIAN;FREQ=DAILY;COUNT=3;SKIP=OMIT": ["0302", "0303", "0304"],
    "freq=daily;count=2;": ["0302", "0303"],
    "FREQ=DAILY;INTERVAL=;COUNT=2": ["0302", "0303"],
    "FREQ=MONTHLY;BYDAY=MO,-1WE;UNTIL=20260401": ["0302", "0309", "0316", "0323", "0325", "0330"],
    "FREQ=YEARLY;BYMONTH=3;BYDAY=MO,-1WE": ["0302", "0309", "0316", "0323", "0325", "0330"],
    "FREQ=YEARLY;BYDAY=MO,1TU;UNTIL=20260315": ["0302", "0309"],
    "FREQ=YEARLY;BYWEEKNO=11,12": ["0302", "0309", "0316"],
    "FREQ=MONTHLY;BYDAY=2MO,2MO;COUNT=2": ["0302", "0309", "0413"],
}


@pytest.mark.parametrize(("rule", "expected"), RULES.items(), ids=RULES)
def test_a_rule_is_read_as_other_clients_read_it(rule: str, expected: list[str]) -> None:
    assert times("DTSTART:20260302T090000Z", f"RRULE:{rule}", form="%m%d") == expected


def test_a_rule_and_dates_that_name_one_time_make_one_occurrence() -> None:
    extra = ("RDATE:20260303T090000Z,20260410T090000Z", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=2")

    assert times(*DAILY, *extra, form="%m%d") == ["0302", "0303", "0304", "0305", "0410"]


def with_exception(*exception: str, lines: tuple[str, ...] = DAILY) -> list[str]:
    event = ("END:VEVENT", "BEGIN:VEVENT", "UID:a", "DURATION:PT1H", *exception)
    return times(*lines, *event, form="%d %H")


def test_an_exception_for_the_future_moves_all_that_follow() -> None:
    moved = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T090000Z", "DTSTART:20260303T113000Z")

    assert with_exception(*moved) == ["02 09", "03 11", "04 11", "05 11"]


def test_a_cancelled_exception_for_the_future_ends_the_series() -> None:
    cancelled = ("RECURRENCE-ID;RANGE=THISANDFUTURE:20260303T090000Z", "DTSTART:20260303T090000Z")

    assert with_exception(*cancelled, "STATUS:CANCELLED") == ["02 09"]


@pytest.mark.parametrize(
    "named",
    [
        "RECURRENCE-ID:20260303T090000Z",
        "RECURRENCE-ID;VALUE=DATE:20260303",
        "RECURRENCE-ID;TZID=Europe/Berlin:20260303T100000",
    ],
)
def test_an_exception_replaces_the_occurrence_that_it_names_in_any_form(named: str) -> None:
    moved = with_exception(named, "DTSTART:20260303T150000Z")

    assert moved == ["02 09", "03 15", "04 09", "05 09"]
    assert with_exception(named, "DTSTART:20260303T150000Z", "STATUS:CANCELLED") == [
        *("02 09", "04 09", "05 09")
    ]


def test_an_exclusion_in_an_exception_excludes_nothing() -> None:
    moved = (
        "RECURRENCE-ID:20260303T090000Z",
        "DTSTART:20260303T150000Z",
        "EXDATE:20260303T150000Z",
    )

    assert with_exception(*moved) == ["02 09", "03 15", "04 09", "05 09"]
