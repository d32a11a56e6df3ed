from datetime import UTC, date, datetime, timedelta

from shared.domain.agenda import AgendaDay, conflicts, days_touching
from shared.domain.interval import Interval

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def day(**sessions: Interval) -> AgendaDay:
    return AgendaDay(user_id="ann", day=NOON.date(), sessions=sessions)


def test_a_session_of_the_day_before_may_still_be_running() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON + HOUR))


def test_an_interval_that_ends_at_midnight_does_not_touch_the_next_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON + 12 * HOUR))


def test_an_interval_over_midnight_touches_the_next_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3))

    assert expected == days_touching(Interval(NOON, NOON + 13 * HOUR))


def test_an_empty_interval_touches_its_own_day() -> None:
    expected = (date(2026, 3, 1), date(2026, 3, 2))

    assert expected == days_touching(Interval(NOON, NOON))


def test_sessions_that_overlap_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR), b=Interval(NOON + HOUR, NOON + 2 * HOUR))

    assert conflicts([agenda_day], Interval(NOON + HOUR / 2, NOON + HOUR)) == {"a"}
    assert conflicts([agenda_day], Interval(NOON, NOON + 2 * HOUR)) == {"a", "b"}


def test_touching_sessions_do_not_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR))

    assert not conflicts([agenda_day], Interval(NOON + HOUR, NOON + 2 * HOUR))
    assert not conflicts([agenda_day], Interval(NOON - HOUR, NOON))


def test_only_the_session_left_out_does_not_conflict() -> None:
    agenda_day = day(a=Interval(NOON, NOON + HOUR), b=Interval(NOON, NOON + HOUR))

    assert conflicts([agenda_day], Interval(NOON, NOON + HOUR), leaving_out="a") == {"b"}


def test_a_day_never_written_has_no_conflicts() -> None:
    unwritten = AgendaDay(user_id="ann", day=NOON.date())

    assert unwritten.version == 0
    assert not conflicts([unwritten], Interval(NOON, NOON + HOUR))
