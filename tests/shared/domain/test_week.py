from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.week import Window, merged, moved, open_spans

MONDAY = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp())
HOUR = 3600
WEEK = 7 * 24 * HOUR

windows = st.lists(
    st.builds(
        Window,
        st.integers(0, 6),
        st.integers(0, 1439),
        st.integers(0, 1440),
        st.sampled_from(["UTC", "Asia/Kolkata"]),
    ),
    max_size=6,
).map(tuple)


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        (540, 600, 60),
        (0, 1440, 1440),
        (1320, 120, 240),
        (1380, 0, 60),
        (0, 0, 1440),
        (60, 60, 1440),
    ],
)
def test_a_window_lasts_until_its_end_comes_round(start: int, end: int, length: int) -> None:
    assert length == Window(0, start, end, "UTC").length


def test_windows_that_overlap_or_touch_become_one() -> None:
    told = (Window(0, 600, 660, "UTC"), Window(0, 540, 600, "UTC"), Window(0, 570, 580, "UTC"))

    assert merged(told) == (Window(0, 540, 660, "UTC"),)


def test_windows_of_different_days_or_zones_stay_apart() -> None:
    told = (
        Window(0, 540, 600, "Asia/Kolkata"),
        Window(0, 540, 600, "UTC"),
        Window(1, 540, 600, "UTC"),
    )

    assert merged(told) == told


def test_a_window_joined_past_midnight_runs_on() -> None:
    assert merged((Window(0, 1320, 1440, "UTC"), Window(0, 1380, 60, "UTC"))) == (
        Window(0, 1320, 60, "UTC"),
    )


def test_windows_that_one_window_cannot_say_stay_apart() -> None:
    # Together they last from 10:00 to 10:00 of the next day, which equal times would have to say.
    told = (Window(0, 600, 0, "UTC"), Window(0, 1200, 600, "UTC"))

    assert merged(told) == told


def test_moving_keeps_the_wall_clock_times() -> None:
    told = (Window(0, 540, 600, "UTC"), Window(0, 600, 660, "Asia/Kolkata"))

    assert moved(told, "Europe/Berlin") == (Window(0, 540, 660, "Europe/Berlin"),)


@given(windows)
def test_merging_changes_no_instant(told: tuple[Window, ...]) -> None:
    expected = open_spans(told, MONDAY, MONDAY + 2 * WEEK)

    assert expected == open_spans(merged(told), MONDAY, MONDAY + 2 * WEEK)


def test_open_spans_are_cut_to_the_range() -> None:
    told = (Window(0, 540, 660, "UTC"),)

    found = open_spans(told, MONDAY + 10 * HOUR, MONDAY + WEEK + 10 * HOUR)

    assert found == (
        (MONDAY + 10 * HOUR, MONDAY + 11 * HOUR),
        (MONDAY + WEEK + 9 * HOUR, MONDAY + WEEK + 10 * HOUR),
    )


def test_sunday_night_touches_monday_morning() -> None:
    told = (Window(6, 1380, 60, "UTC"), Window(0, 60, 120, "UTC"))

    found = open_spans(told, MONDAY - 12 * HOUR, MONDAY + 12 * HOUR)

    assert found == ((MONDAY - HOUR, MONDAY + 2 * HOUR),)


def test_no_windows_are_no_time() -> None:
    assert open_spans((), MONDAY, MONDAY + WEEK) == ()


def test_a_window_in_an_unknown_zone_is_an_error() -> None:
    with pytest.raises(ValueError, match="not an IANA time zone"):
        open_spans((Window(0, 0, 60, "Mars/Base"),), MONDAY, MONDAY + WEEK)
