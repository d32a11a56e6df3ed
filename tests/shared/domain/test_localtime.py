from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from shared.domain.interval import Interval, merge
from shared.domain.localtime import (
    DAY,
    EARLIEST,
    LATEST,
    date_of,
    date_pieces,
    day_number,
    instant,
    intervals_of_dates,
    shown,
    stretches,
)
from shared.domain.zones import zone
from tests.support.slot_scenarios import any_day, days_of_change, odd_days

HOUR = timedelta(hours=1)


def utc(*fields: int) -> datetime:
    return datetime(*fields, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year to minute only


def wall(*fields: int) -> datetime:
    return utc(*fields).replace(tzinfo=None)


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def length(name: str, day: date) -> timedelta:
    return sum((each.length for each in intervals_of_dates(zone(name), day, day)), timedelta(0))


def test_a_zone_without_changes_is_one_stretch() -> None:
    start, end = seconds(utc(2020, 1, 1)), seconds(utc(2030, 1, 1))

    assert ((start, end, 19_800),) == stretches(zone("Asia/Kolkata"), start, end)


def test_a_change_starts_a_stretch_at_its_exact_second() -> None:
    start, end = seconds(utc(2025, 3, 1)), seconds(utc(2025, 4, 1))
    change = seconds(utc(2025, 3, 9, 7))

    expected = ((start, change, -18_000), (change, end, -14_400))

    assert expected == stretches(zone("America/New_York"), start, end)


def test_a_range_may_start_and_end_at_a_change() -> None:
    spring, autumn = seconds(utc(2025, 3, 9, 7)), seconds(utc(2025, 11, 2, 6))

    assert ((spring, autumn, -14_400),) == stretches(zone("America/New_York"), spring, autumn)


def test_an_empty_range_has_no_stretch() -> None:
    assert stretches(zone("UTC"), 100, 100) == ()
    assert stretches(zone("UTC"), 100, 50) == ()


def test_offsets_with_seconds_are_exact() -> None:
    start, end = seconds(utc(1972, 1, 6)), seconds(utc(1972, 1, 8))
    change = seconds(utc(1972, 1, 7)) + 44 * 60 + 30

    expected = ((start, change, -2670), (change, end, 0))

    assert expected == stretches(zone("Africa/Monrovia"), start, end)


class _Restless(ZoneInfo):
    """An hour ahead of UTC, but for 8,000 seconds two hours and for 24,000 more three."""

    def fromutc(self, dt: datetime, /) -> datetime:
        passed = seconds(dt.replace(tzinfo=UTC)) - seconds(utc(2026, 1, 31, 22))
        ahead = 2 if 0 <= passed < 8_000 else 3 if 8_000 <= passed < 32_000 else 1
        return dt + ahead * HOUR


def test_two_changes_within_a_day_are_both_found() -> None:
    restless = _Restless("UTC")
    start, end = seconds(utc(2026, 1, 20)), seconds(utc(2026, 2, 10))
    first = seconds(utc(2026, 1, 31, 22))

    result = stretches(restless, start, end)

    assert (
        (start, first, 3600),
        (first, first + 8_000, 7200),
        (first + 8_000, first + 32_000, 10_800),
        (first + 32_000, end, 3600),
    ) == result


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Etc/GMT+12", "America/New_York"])
def test_the_limits_of_datetime_raise_no_error(name: str) -> None:
    first = stretches(zone(name), EARLIEST - DAY, EARLIEST + DAY)
    last = stretches(zone(name), LATEST - DAY, LATEST + DAY)

    assert first[0].start == EARLIEST
    assert last[-1].end == LATEST
    assert intervals_of_dates(zone(name), date.min, date.min) == ()
    assert intervals_of_dates(zone(name), date.max, date.max) == ()


def intervals_showing(name: str, first: datetime, last: datetime) -> tuple[Interval, ...]:
    """Return when the zone's wall clock shows a time in [first, last)."""
    low, high = ((each - wall(1970, 1, 1)) // timedelta(seconds=1) for each in (first, last))
    result = shown(stretches(zone(name), low - DAY, high + DAY), low, high)
    return tuple(Interval(instant(start), instant(end)) for start, end in merge(result))


def test_a_repeated_time_is_two_intervals() -> None:
    result = intervals_showing(
        "America/New_York", wall(2025, 11, 2, 1, 10), wall(2025, 11, 2, 1, 20)
    )

    assert (
        Interval(utc(2025, 11, 2, 5, 10), utc(2025, 11, 2, 5, 20)),
        Interval(utc(2025, 11, 2, 6, 10), utc(2025, 11, 2, 6, 20)),
    ) == result


def test_a_range_around_a_repeated_hour_is_one_longer_interval() -> None:
    result = intervals_showing(
        "America/New_York", wall(2025, 11, 2, 0, 30), wall(2025, 11, 2, 2, 30)
    )

    assert (Interval(utc(2025, 11, 2, 4, 30), utc(2025, 11, 2, 7, 30)),) == result


def test_a_skipped_time_is_no_interval() -> None:
    result = intervals_showing("America/New_York", wall(2025, 3, 9, 2, 10), wall(2025, 3, 9, 2, 50))

    assert result == ()


def test_a_gap_shortens_a_range() -> None:
    result = intervals_showing("America/New_York", wall(2025, 3, 9, 1, 30), wall(2025, 3, 9, 3, 30))

    assert (Interval(utc(2025, 3, 9, 6, 30), utc(2025, 3, 9, 7, 30)),) == result


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("UTC", date(2025, 3, 9), 24),
        ("America/New_York", date(2025, 3, 9), 23),
        ("America/New_York", date(2025, 11, 2), 25),
        ("Australia/Lord_Howe", date(2025, 10, 5), 23.5),
        ("Australia/Lord_Howe", date(2025, 4, 6), 24.5),
        ("Antarctica/Troll", date(2025, 3, 30), 22),
        ("Africa/Casablanca", date(2025, 2, 23), 25),
        ("Africa/Casablanca", date(2025, 4, 6), 23),
        ("Pacific/Apia", date(2011, 12, 29), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Beirut", date(2025, 10, 25), 25),
    ],
)
def test_a_date_lasts_as_long_as_the_clock_shows_it(name: str, day: date, hours: float) -> None:
    assert timedelta(hours=hours) == length(name, day)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4)),
        ("Asia/Beirut", date(2025, 3, 30)),
        ("Africa/Cairo", date(2025, 4, 25)),
        ("America/Santiago", date(2025, 9, 7)),
        ("America/Havana", date(2025, 3, 9)),
    ],
)
def test_a_date_without_midnight_starts_at_one(name: str, day: date) -> None:
    (whole,) = intervals_of_dates(zone(name), day, day)

    assert whole.start.astimezone(zone(name)).hour == 1
    assert whole.length == 23 * HOUR


def test_a_clock_set_back_over_midnight_makes_a_date_two_intervals() -> None:
    # On 29 October 2000 the clock of St. John's went from 00:01 back to 23:01.
    saturday = intervals_of_dates(zone("America/St_Johns"), date(2000, 10, 28), date(2000, 10, 28))
    sunday = intervals_of_dates(zone("America/St_Johns"), date(2000, 10, 29), date(2000, 10, 29))

    assert (
        Interval(utc(2000, 10, 28, 2, 30), utc(2000, 10, 29, 2, 30)),
        Interval(utc(2000, 10, 29, 2, 31), utc(2000, 10, 29, 3, 30)),
    ) == saturday
    assert (
        Interval(utc(2000, 10, 29, 2, 30), utc(2000, 10, 29, 2, 31)),
        Interval(utc(2000, 10, 29, 3, 30), utc(2000, 10, 30, 3, 30)),
    ) == sunday


def test_several_dates_are_one_interval() -> None:
    result = intervals_of_dates(zone("Europe/Berlin"), date(2025, 3, 1), date(2025, 3, 31))

    assert (Interval(utc(2025, 2, 28, 23), utc(2025, 3, 31, 22)),) == result


def test_dates_in_reverse_order_are_empty() -> None:
    assert intervals_of_dates(zone("UTC"), date(2025, 3, 2), date(2025, 3, 1)) == ()


def test_day_numbers_count_from_the_epoch() -> None:
    assert day_number(date(1969, 12, 31)) == -1
    assert date(1969, 12, 31) == date_of(-1)
    assert utc(1970, 1, 2) == instant(DAY)


@settings(deadline=None, derandomize=True, database=None, max_examples=200)
@given(days_of_change() | odd_days() | any_day())
def test_an_instant_belongs_to_the_date_its_clock_shows(drawn: tuple[str, date]) -> None:
    name, day = drawn
    pieces = date_pieces(zone(name), day - timedelta(days=1), day + timedelta(days=1))

    assert all(one.end <= other.start for one, other in pairwise(pieces))
    for piece in pieces:
        for at in (piece.start, (piece.start + piece.end) // 2, piece.end - 1):
            clock = instant(at).astimezone(zone(name))
            assert clock.date() == date_of(piece.day)
            assert clock.hour * 3600 + clock.minute * 60 + clock.second == at - piece.midnight


def test_only_instants_inside_the_given_stretches_are_returned() -> None:
    within = stretches(zone("UTC"), 100, 200)

    assert shown(within, 150, 300) == [(150, 200)]
    assert shown(within, 200, 300) == []
    assert shown(within, 0, 100) == []
