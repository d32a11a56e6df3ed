from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.week import Window, merge_windows, open_spans, windows_in_zone

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
def test_a_window_lasts_until_the_next_time_of_its_end(start: int, end: int, length: int) -> None:
    assert length == Window(0, start, end, "UTC").length


def test_windows_that_overlap_or_touch_are_merged() -> None:
    given_windows = (
        Window(0, 600, 660, "UTC"),
        Window(0, 540, 600, "UTC"),
        Window(0, 570, 580, "UTC"),
    )

    assert merge_windows(given_windows) == (Window(0, 540, 660, "UTC"),)


def test_windows_of_different_days_or_zones_are_not_merged() -> None:
    given_windows = (
        Window(0, 540, 600, "Asia/Kolkata"),
        Window(0, 540, 600, "UTC"),
        Window(1, 540, 600, "UTC"),
    )

    assert merge_windows(given_windows) == given_windows


def test_windows_are_merged_over_midnight() -> None:
    assert merge_windows((Window(0, 1320, 1440, "UTC"), Window(0, 1380, 60, "UTC"))) == (
        Window(0, 1320, 60, "UTC"),
    )


def test_windows_that_do_not_fit_in_one_window_are_not_merged() -> None:
    # Together they last from 10:00 to 10:00 of the next day; equal start and end mean 24 hours only
    # at midnight.
    given_windows = (Window(0, 600, 0, "UTC"), Window(0, 1200, 600, "UTC"))

    assert merge_windows(given_windows) == given_windows


def test_only_windows_in_the_old_zone_change_it_and_keep_their_wall_clock_times() -> None:
    given_windows = (Window(0, 540, 600, "UTC"), Window(0, 600, 660, "Asia/Kolkata"))

    assert windows_in_zone(given_windows, "UTC", "Europe/Berlin") == (
        Window(0, 540, 600, "Europe/Berlin"),
        Window(0, 600, 660, "Asia/Kolkata"),
    )
    assert windows_in_zone(given_windows, "UTC", "Asia/Kolkata") == (
        Window(0, 540, 660, "Asia/Kolkata"),
    )


@given(windows)
def test_merging_does_not_change_the_open_instants(given_windows: tuple[Window, ...]) -> None:
    expected = open_spans(given_windows, MONDAY, MONDAY + 2 * WEEK)

    assert expected == open_spans(merge_windows(given_windows), MONDAY, MONDAY + 2 * WEEK)


def test_open_spans_are_limited_to_the_range() -> None:
    given_windows = (Window(0, 540, 660, "UTC"),)

    result = open_spans(given_windows, MONDAY + 10 * HOUR, MONDAY + WEEK + 10 * HOUR)

    assert result == (
        (MONDAY + 10 * HOUR, MONDAY + 11 * HOUR),
        (MONDAY + WEEK + 9 * HOUR, MONDAY + WEEK + 10 * HOUR),
    )


def test_sunday_night_touches_monday_morning() -> None:
    given_windows = (Window(6, 1380, 60, "UTC"), Window(0, 60, 120, "UTC"))

    result = open_spans(given_windows, MONDAY - 12 * HOUR, MONDAY + 12 * HOUR)

    assert result == ((MONDAY - HOUR, MONDAY + 2 * HOUR),)


def test_no_windows_have_no_open_time() -> None:
    assert open_spans((), MONDAY, MONDAY + WEEK) == ()


def test_a_window_in_an_unknown_zone_raises() -> None:
    with pytest.raises(ValueError, match="not an IANA time zone"):
        open_spans((Window(0, 0, 60, "Mars/Base"),), MONDAY, MONDAY + WEEK)
