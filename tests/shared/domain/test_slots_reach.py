from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from shared.domain.interval import Interval
from shared.domain.slots import SlotRules, nearest_free, reach
from shared.domain.zones import zone
from tests.support.slot_cases import HOUR, HOURLY, LONG_AGO, MINUTE, at, busy, coach


def nearest(start: datetime, until: datetime, *, limit: int = 9) -> tuple[datetime, ...]:
    """Return the starts nearest to 10:30 of a coach who is busy from 10 to 11."""
    person = coach(busy=busy((at(10), at(11))))
    result = nearest_free(
        ZoneInfo("UTC"),
        [person],
        replace(HOURLY, step=30 * MINUTE),
        wanted=at(10, 30),
        within=Interval(start, until),
        limit=limit,
        now=LONG_AGO,
    )
    assert {each.length for each in result} <= {HOUR}
    return tuple(each.start for each in result)


TOMORROW = date(2026, 3, 3)


def test_the_nearest_free_slots_are_earlier_and_later_and_do_not_overlap() -> None:
    until = at(0, day=date(2026, 3, 16))

    assert nearest(at(0), until, limit=2) == (at(9), at(11))
    assert nearest(at(0), until, limit=4) == (
        at(9),
        at(11),
        at(9, day=TOMORROW),
        at(10, day=TOMORROW),
    )


def test_the_range_of_the_nearest_free_slots_is_half_open() -> None:
    assert nearest(at(9), at(11)) == (at(9),)
    assert nearest(at(9, 0, TOMORROW), at(9, 30, TOMORROW)) == (at(9, day=TOMORROW),)
    assert nearest(at(9, 30), at(11)) == ()


def test_reach_is_the_date_plus_the_last_slot_and_buffers() -> None:
    rules = SlotRules(length=HOUR, step=HOUR, buffer_before=10 * MINUTE, buffer_after=5 * MINUTE)

    day = date(2025, 3, 9)
    result = reach((day, day), zone("America/New_York"), rules)

    day = date(2025, 3, 9)
    next_day = date(2025, 3, 10)
    assert Interval(at(4, 50, day=day), at(5, 5, day=next_day)) == result


@pytest.mark.parametrize("day", [date(2011, 12, 30), date.min, date.max])
def test_reach_is_never_empty(day: date) -> None:
    assert reach((day, day), zone("Pacific/Apia"), HOURLY).length == HOUR
