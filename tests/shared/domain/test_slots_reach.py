from datetime import date
from zoneinfo import ZoneInfo

import pytest

from shared.domain.interval import Interval
from shared.domain.slots import SlotRules, next_free, reach
from shared.domain.zones import zone
from tests.support.slot_cases import HOUR, HOURLY, LONG_AGO, MINUTE, at, busy, coach


def test_the_next_free_slots_are_found_across_days() -> None:
    person = coach(busy=busy((at(10), at(11))))

    result = next_free(
        ZoneInfo("UTC"),
        [person],
        HOURLY,
        after=at(9, 30),
        until=at(0, day=date(2026, 3, 16)),
        limit=3,
        now=LONG_AGO,
    )

    tomorrow = date(2026, 3, 3)
    assert (
        Interval(at(11), at(12)),
        Interval(at(9, day=tomorrow), at(10, day=tomorrow)),
        Interval(at(10, day=tomorrow), at(11, day=tomorrow)),
    ) == result


def test_the_horizon_of_the_next_free_slots_is_half_open() -> None:
    result = next_free(
        ZoneInfo("UTC"), [coach()], HOURLY, after=at(9), until=at(11), limit=9, now=LONG_AGO
    )

    assert (Interval(at(9), at(10)), Interval(at(10), at(11))) == result


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
