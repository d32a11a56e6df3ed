from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # ships no types
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain.copy import CalendarEntry
from shared.domain.errors import CalendarTooLarge
from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.entries import CaldavEntryReader
from tests.support.provider_cases import ics

pytestmark = pytest.mark.long

MARCH = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
EVERY_SIXTIETH = ",".join(str(each) for each in range(60))

BOMBS = {
    "every second for decades": ("19700101T000000Z", "FREQ=SECONDLY"),
    "every second from now on": ("20260301T000000Z", "FREQ=SECONDLY"),
    "every minute": ("20260101T000000Z", "FREQ=MINUTELY"),
    "a billion times": ("20200101T000000Z", "FREQ=SECONDLY;COUNT=1000000000"),
    "an interval of zero": ("20260301T000000Z", "FREQ=DAILY;INTERVAL=0"),
    "a day that never comes": ("20260301T000000Z", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"),
    "an hour of no day": (
        "20260301T000000Z",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
    ),
    "a second of no day": (
        "20260301T000000Z",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    ),
    "every second of some days": (
        "20260301T000000Z",
        f"FREQ=DAILY;BYMINUTE={EVERY_SIXTIETH};BYSECOND={EVERY_SIXTIETH}",
    ),
    "a very long rule": ("20260301T000000Z", f"FREQ=DAILY;BYMONTHDAY={'1,' * 3000}1"),
    "very many positions": (
        "00010101T000000Z",
        f"FREQ=YEARLY;BYDAY=MO;BYSETPOS={','.join(['366'] * 450)}",
    ),
}


def read(*events: str, budget: Budget | None = None) -> list[CalendarEntry]:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone=None)
    budget = budget or Budget()
    return [
        each
        for text in events
        for each in reader.entries(text, "/x.ics", within=MARCH, budget=budget)
    ]


def series(start: str, rule: str, *more: str) -> str:
    return ics("UID:a", f"DTSTART:{start}", "DURATION:PT1S", f"RRULE:{rule}", *more)


@pytest.mark.parametrize(("start", "rule"), BOMBS.values(), ids=BOMBS)
def test_a_recurrence_bomb_is_too_large_after_limited_work(start: str, rule: str) -> None:
    # A tenth of the default, to be quick; any finite budget works.
    with pytest.raises(CalendarTooLarge):
        read(series(start, rule), budget=Budget(occurrences=200, cost=50_000))


def test_the_default_budget_stops_a_bomb() -> None:
    with pytest.raises(CalendarTooLarge):
        read(series("19700101T000000Z", "FREQ=SECONDLY"))


def test_many_small_bombs_share_one_budget() -> None:
    never = series("20260301T000000Z", "FREQ=WEEKLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=30")

    with pytest.raises(CalendarTooLarge):
        read(*[never] * 20, budget=Budget(cost=100_000))


def test_bombs_in_an_exception_are_limited_too() -> None:
    text = series("20260301T000000Z", "FREQ=SECONDLY")
    override = text.replace("RRULE", "RECURRENCE-ID:20260302T000000Z\r\nRRULE")

    with pytest.raises(CalendarTooLarge):
        read(
            text.replace("END:VCALENDAR\r\n", "") + override.partition("PRODID:-//Test//EN\r\n")[2],
            budget=Budget(cost=50_000),
        )


def test_a_very_long_repeated_event_is_limited() -> None:
    text = ics("UID:a", "DTSTART:19900101T000000Z", "DTEND:20300101T000000Z", "RRULE:FREQ=DAILY")

    with pytest.raises(CalendarTooLarge):
        read(text)


def test_the_maximum_number_of_occurrences_is_read() -> None:
    text = series("20260301T000000Z", "FREQ=MINUTELY;COUNT=300")

    assert len(read(text, budget=Budget(occurrences=300))) == 300


def test_one_occurrence_over_the_maximum_is_too_many() -> None:
    text = series("20260301T000000Z", "FREQ=MINUTELY;COUNT=301")

    with pytest.raises(CalendarTooLarge):
        read(text, budget=Budget(occurrences=300))


def test_an_ordinary_calendar_of_old_series_stays_within_the_budget() -> None:
    weekly = series("20160104T090000Z", "FREQ=WEEKLY;BYDAY=MO,WE,FR")
    birthday = series("19660315T090000Z", "FREQ=YEARLY")
    expected = 100 * 13 + 60

    assert expected == len(read(*[weekly] * 100, *[birthday] * 60))


def test_budgeted_rules_are_expanded_correctly() -> None:
    text = series("20260302T090000Z", "FREQ=DAILY;INTERVAL=3;COUNT=4", "EXDATE:20260305T090000Z")
    expected = [2, 8, 11]

    assert expected == [each.interval.start.day for each in read(text)]


WEEKDAYS = st.sets(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1)


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    frequency=st.sampled_from(["DAILY", "WEEKLY"]),
    interval=st.integers(1, 6),
    weekdays=st.none() | WEEKDAYS,
    wkst=st.sampled_from(["MO", "SU"]),
    start=st.datetimes(datetime(2023, 1, 1), datetime(2026, 4, 1)),  # noqa: DTZ001 - a local time
)
def test_skipping_the_past_changes_no_occurrence(
    frequency: str, interval: int, weekdays: set[str] | None, wkst: str, start: datetime
) -> None:
    days = f";BYDAY={','.join(sorted(weekdays))}" if weekdays else ""
    rule = f"FREQ={frequency};INTERVAL={interval};WKST={wkst}{days}"
    first = start.replace(microsecond=0, tzinfo=ZoneInfo("America/New_York"))
    plain = [first, *rrulestr(rule, dtstart=first).between(first, MARCH.end)]
    expected = {each.astimezone(UTC) for each in plain if MARCH.start <= each < MARCH.end}

    result = read(
        ics("UID:a", f"DTSTART;TZID=America/New_York:{first:%Y%m%dT%H%M%S}", f"RRULE:{rule}")
    )

    assert expected == {each.interval.start for each in result}


ZONE_BOMBS = ["FREQ=SECONDLY", "FREQ=YEARLY;BYHOUR=1,2,3", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"]


@pytest.mark.parametrize("rule", ZONE_BOMBS)
def test_a_zone_with_a_bomb_for_a_rule_is_not_evaluated(rule: str) -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Odd\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"
        f"TZOFFSETFROM:+0000\r\nTZOFFSETTO:+0100\r\nRRU\r\n LE:{rule}\r\n"
        "END:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"
    )
    text = ics("UID:a", "DTSTART;TZID=Odd:20260302T100000").replace("BEGIN:VEVENT", zone, 1)

    budget = Budget()
    [entry] = read(text, budget=budget)

    assert entry.interval.start == datetime(2026, 3, 1, 20, tzinfo=UTC)
    assert budget.spent < 1_000
