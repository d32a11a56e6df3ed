"""Why a person is not available at one time, to the microsecond."""

from datetime import date, timedelta

import pytest

from shared.domain.interval import Interval
from shared.domain.obstacles import PersonTime, covers, obstacles
from shared.domain.slot_rules import Obstacle, SlotRules
from shared.domain.week import Window
from tests.support.slot_cases import HOUR, LONG_AGO, MINUTE, at, coach, holiday

RULES = SlotRules(length=HOUR, step=HOUR, buffer_before=10 * MINUTE, buffer_after=20 * MINUTE)
TICK = timedelta(microseconds=1)
TIME = Interval(at(10), at(11))


def found(time: Interval = TIME, **of_person: tuple[Interval, ...]) -> tuple[Obstacle, ...]:
    """Return the obstacles of a coach who works from 9 to 12."""
    return obstacles(time, PersonTime(person=coach(), **of_person), RULES, now=LONG_AGO)


def test_a_free_time_inside_the_windows_has_no_obstacles() -> None:
    assert found() == ()
    assert found(Interval(at(9), at(12))) == ()


@pytest.mark.parametrize(
    "time",
    [Interval(at(9) - TICK, at(10)), Interval(at(11), at(12) + TICK), Interval(at(1), at(2))],
)
def test_a_time_that_leaves_the_windows_is_outside(time: Interval) -> None:
    assert found(time) == (Obstacle.OUTSIDE_WINDOWS,)


def test_sessions_keep_the_buffers_of_both_apart() -> None:
    assert found(sessions=(Interval(at(11, 30), at(12)), Interval(at(9), at(9, 30)))) == ()
    for session in (Interval(at(11, 30) - TICK, at(12)), Interval(at(9), at(9, 30) + TICK)):
        assert found(sessions=(session,)) == (Obstacle.BUFFER,)


def test_calendar_entries_keep_away_from_the_buffers_of_the_session() -> None:
    assert found(entries=(Interval(at(11, 20), at(12)), Interval(at(9), at(9, 50)))) == ()
    for entry in (Interval(at(11, 20) - TICK, at(12)), Interval(at(9), at(9, 50) + TICK)):
        assert found(entries=(entry,)) == (Obstacle.BUFFER,)


def test_what_overlaps_is_no_buffer() -> None:
    assert found(sessions=(Interval(at(10, 59), at(12)),)) == (Obstacle.SESSION,)
    assert found(entries=(Interval(at(8), at(10) + TICK),)) == (Obstacle.CALENDAR,)


def test_an_entry_without_length_is_no_obstacle() -> None:
    assert found(entries=(Interval(at(10, 30), at(10, 30)), Interval(at(11), at(11)))) == ()


def test_a_holiday_is_a_local_date_of_the_person() -> None:
    person = coach(zone="Asia/Tokyo", holidays=(holiday(date(2026, 3, 3), date(2026, 3, 3)),))
    own = PersonTime(person=person)

    evening = Interval(at(14, 59), at(15))

    assert Obstacle.HOLIDAY not in obstacles(evening, own, RULES, now=LONG_AGO)
    longer = Interval(evening.start, evening.end + TICK)
    assert Obstacle.HOLIDAY in obstacles(longer, own, RULES, now=LONG_AGO)


def test_a_window_over_midnight_covers_a_time_over_midnight() -> None:
    windows = (Window(0, 22 * 60, 2 * 60, "UTC"),)

    assert covers(windows, Interval(at(23), at(1, day=date(2026, 3, 3))))
    assert not covers(windows, Interval(at(23), at(2, 1, day=date(2026, 3, 3))))
