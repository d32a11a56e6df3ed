from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.interval import Interval, busy_spans, merge, span_of, to_utc, union

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

spans = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


def interval_of(minutes: float, *, start: datetime = NOON) -> Interval:
    return Interval(start, start + timedelta(minutes=minutes))


def test_an_interval_is_converted_to_utc() -> None:
    berlin = datetime(2026, 3, 2, 13, tzinfo=ZoneInfo("Europe/Berlin"))

    interval = Interval(berlin, berlin + timedelta(hours=1))

    assert interval_of(60) == interval
    assert UTC is interval.start.tzinfo


def test_the_repeated_hour_of_a_clock_set_back_has_its_length() -> None:
    # On the wall clock this ends before it starts.
    new_york = ZoneInfo("America/New_York")
    start = datetime(2025, 11, 2, 1, 50, tzinfo=new_york)
    end = datetime(2025, 11, 2, 1, 10, tzinfo=new_york, fold=1)

    assert timedelta(minutes=20) == Interval(start, end).length


def test_a_day_of_a_clock_set_forward_lasts_23_hours() -> None:
    new_york = ZoneInfo("America/New_York")
    start = datetime(2025, 3, 8, 12, tzinfo=new_york)
    end = datetime(2025, 3, 9, 12, tzinfo=new_york)

    assert timedelta(hours=23) == Interval(start, end).length


def test_an_interval_that_ends_before_it_starts_is_rejected() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        Interval(NOON, NOON - MINUTE)


@pytest.mark.parametrize("naive", [(True, False), (False, True)])
def test_a_naive_start_or_end_is_rejected(naive: tuple[bool, bool]) -> None:
    start, end = (NOON.replace(tzinfo=None) if each else NOON for each in naive)

    with pytest.raises(ValueError, match="no time zone"):
        Interval(start, end)


def test_an_instant_outside_the_years_of_utc_is_rejected() -> None:
    first = datetime.min.replace(tzinfo=ZoneInfo("Asia/Kolkata"))

    with pytest.raises(ValueError, match="years 1 to 9999"):
        to_utc(first)


def test_touching_intervals_do_not_overlap() -> None:
    morning, afternoon = interval_of(60), interval_of(60, start=NOON + timedelta(hours=1))

    assert not morning.overlaps(afternoon)
    assert not afternoon.overlaps(morning)


def test_intervals_that_share_a_minute_overlap() -> None:
    morning, afternoon = interval_of(61), interval_of(60, start=NOON + timedelta(hours=1))

    assert morning.overlaps(afternoon)
    assert afternoon.overlaps(morning)


def test_an_empty_interval_overlaps_nothing() -> None:
    assert not interval_of(0, start=NOON + MINUTE).overlaps(interval_of(60))
    assert not interval_of(60).overlaps(interval_of(0, start=NOON + MINUTE))


def test_widening_moves_both_ends_outwards() -> None:
    widened = interval_of(30).widened(5 * MINUTE, 10 * MINUTE)

    assert Interval(NOON - 5 * MINUTE, NOON + 40 * MINUTE) == widened


def test_a_span_counts_minutes_from_the_epoch() -> None:
    midnight = datetime(1970, 1, 2, tzinfo=UTC)

    assert span_of(interval_of(30, start=midnight)) == (1440, 1470)


def test_a_span_covers_partial_minutes() -> None:
    start = datetime(1970, 1, 1, 0, 1, 30, tzinfo=UTC)

    assert span_of(interval_of(1, start=start)) == (1, 3)
    assert span_of(interval_of(1, start=start - 3 * MINUTE)) == (-2, 0)


def test_spans_that_overlap_or_touch_are_merged() -> None:
    assert merge([(31, 40), (10, 30), (0, 10), (5, 12), (50, 50)]) == ((0, 30), (31, 40))


@given(spans)
def test_merging_keeps_every_minute_and_adds_none(drawn: list[tuple[int, int]]) -> None:
    minutes = {minute for start, end in drawn for minute in range(start, end)}

    merged = merge(drawn)

    assert minutes == {minute for start, end in merged for minute in range(start, end)}
    assert all(one[1] < other[0] for one, other in pairwise(merged))


def test_a_zero_length_entry_takes_no_time() -> None:
    half_past = NOON + timedelta(minutes=30, seconds=30)

    assert busy_spans([interval_of(0, start=half_past)]) == ()


def test_busy_intervals_become_merged_spans() -> None:
    start = span_of(interval_of(1))[0]

    busy = busy_spans([interval_of(30, start=NOON + 30 * MINUTE), interval_of(30), interval_of(5)])

    assert ((start, start + 60),) == busy


def test_a_union_merges_what_overlaps_or_touches_and_leaves_out_empty_intervals() -> None:
    later = NOON + timedelta(hours=1)
    given = [
        interval_of(5, start=later),
        interval_of(10),
        interval_of(0, start=NOON + timedelta(hours=2)),
        interval_of(2, start=NOON + 3 * MINUTE),
        interval_of(7, start=NOON + 10 * MINUTE),
    ]

    assert union(given) == (interval_of(17), interval_of(5, start=later))


@given(spans)
def test_a_union_covers_the_same_minutes_as_merged_spans(
    given_spans: list[tuple[int, int]],
) -> None:
    parts = [interval_of(abs(b - a), start=NOON + min(a, b) * MINUTE) for a, b in given_spans]

    assert merge(map(span_of, parts)) == tuple(map(span_of, union(parts)))


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_the_parts_outside_another_interval_are_exactly_the_rest(times: tuple[int, ...]) -> None:
    one, other = (
        Interval(*sorted(NOON + MINUTE * each for each in pair)) for pair in _pairs(times)
    )

    parts = one.minus(other)

    inside = {n for n in range(30) if one.overlaps(interval_of(1, start=NOON + n * MINUTE))}
    removed = {n for n in range(30) if other.overlaps(interval_of(1, start=NOON + n * MINUTE))}
    left = {
        n
        for n in range(30)
        if any(each.overlaps(interval_of(1, start=NOON + n * MINUTE)) for each in parts)
    }
    assert left == inside - removed
    assert parts == (one,) or all(each.length for each in parts)


def _pairs(times: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return times[:2], times[2:]
