from datetime import date, timedelta

import pytest

from shared.domain.interval import Interval
from shared.domain.slots import SlotRules
from shared.domain.week import Window
from tests.support.slot_cases import (
    HOUR,
    MINUTE,
    MONDAY,
    at,
    clock,
    coach,
    every_day,
    learner,
    slots,
)


def test_slots_fill_the_window_in_order() -> None:
    result = slots(coach())

    assert clock(result) == ["09:00", "10:00", "11:00"]
    assert Interval(at(9), at(10)) == result[0].interval
    assert all(each.available and not each.blocked_by for each in result)


def test_a_slot_must_fit_into_working_time() -> None:
    rules = SlotRules(length=90 * MINUTE, step=30 * MINUTE)

    assert clock(slots(coach(), rules=rules)) == ["09:00", "09:30", "10:00", "10:30"]


def test_working_time_is_the_time_in_the_windows_of_all_people() -> None:
    result = slots(coach(), learner(windows=every_day(10, 15)))

    assert clock(result) == ["10:00", "11:00"]


def test_an_empty_list_of_people_raises_value_error() -> None:
    with pytest.raises(ValueError, match="consulted is empty"):
        slots()


def test_a_person_without_windows_has_no_slots() -> None:
    assert clock(slots(coach(), learner(windows=()))) == []


def test_a_slot_may_span_two_touching_windows() -> None:
    split = (Window(0, 540, 570, "UTC"), Window(0, 570, 600, "UTC"))

    assert clock(slots(coach(windows=split))) == ["09:00"]


def test_windows_of_one_person_may_be_in_several_zones() -> None:
    # 14:30-15:30 in Kolkata is 09:00-10:00 in UTC.
    windows = (Window(0, 870, 930, "Asia/Kolkata"), Window(0, 600, 660, "UTC"))

    assert clock(slots(coach(windows=windows))) == ["09:00", "10:00"]


def test_a_window_over_midnight_counts_for_both_days() -> None:
    night = coach(windows=(Window(0, 22 * 60, 2 * 60, "UTC"),))

    assert clock(slots(night)) == ["22:00", "23:00"]
    assert clock(slots(night, day=MONDAY + timedelta(days=1))) == ["00:00", "01:00"]


def test_a_sunday_window_over_midnight_counts_on_monday() -> None:
    night = coach(windows=(Window(6, 22 * 60, 2 * 60, "UTC"),))

    assert clock(slots(night)) == ["00:00", "01:00"]


def test_a_slot_may_end_on_the_next_day() -> None:
    night = coach(windows=(Window(0, 23 * 60, 60, "UTC"),))
    rules = SlotRules(length=2 * HOUR, step=HOUR)

    assert clock(slots(night, rules=rules)) == ["23:00"]


def test_the_grid_is_that_of_the_viewers_clock() -> None:
    result = slots(coach(), viewer="Asia/Kathmandu")

    assert clock(result) == ["15:00", "16:00"]
    assert at(9, 15) == result[0].interval.start
    assert result[0].local_start.isoformat() == "2026-03-02T15:00:00+05:45"


def test_a_step_that_does_not_divide_the_day_restarts_at_midnight() -> None:
    rules = SlotRules(length=HOUR, step=7 * HOUR)

    assert clock(slots(coach(windows=every_day(0, 24)), rules=rules)) == [
        "00:00",
        "07:00",
        "14:00",
        "21:00",
    ]


def test_a_repeated_hour_has_its_slots_twice() -> None:
    result = slots(
        coach(windows=every_day(0, 3, "America/New_York")),
        day=date(2025, 11, 2),
        viewer="America/New_York",
    )

    assert clock(result) == ["00:00", "01:00", "01:00", "02:00"]
    assert [each.local_start.fold for each in result] == [0, 0, 1, 0]
    assert len({each.interval.start for each in result}) == len(result)


def test_a_gap_has_no_slots_and_shortens_the_window() -> None:
    result = slots(
        coach(windows=every_day(1, 4, "America/New_York")),
        day=date(2025, 3, 9),
        viewer="America/New_York",
    )

    assert clock(result) == ["01:00", "03:00"]


def test_a_date_the_zone_skipped_has_no_slots() -> None:
    result = slots(coach(windows=every_day(0, 24)), day=date(2011, 12, 30), viewer="Pacific/Apia")

    assert clock(result) == []


def test_a_date_in_two_pieces_has_the_slots_of_both() -> None:
    rules = SlotRules(length=30 * MINUTE, step=30 * MINUTE)
    always = coach(windows=every_day(0, 24))

    saturday = slots(always, day=date(2000, 10, 28), viewer="America/St_Johns", rules=rules)
    sunday = slots(always, day=date(2000, 10, 29), viewer="America/St_Johns", rules=rules)

    assert clock(saturday)[-3:] == ["23:00", "23:30", "23:30"]
    assert clock(sunday)[:3] == ["00:00", "00:00", "00:30"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": timedelta(0)},
        {"step": timedelta(0)},
        {"length": -HOUR},
        {"buffer_before": -MINUTE},
        {"buffer_after": -MINUTE},
        {"minimum_notice": -MINUTE},
        {"length": timedelta(seconds=90)},
        {"buffer_after": timedelta(seconds=1)},
    ],
)
def test_invalid_rules_are_rejected(wrong: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="must be"):
        SlotRules(**{"length": HOUR, "step": HOUR, **wrong})  # type: ignore[arg-type]  # timedeltas
