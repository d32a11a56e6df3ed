from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from infra.local.demo.scenario import recorded, upcoming


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 12, 7)),
    ],
    ids=["a Sunday", "a Monday", "a Tuesday"],
)
def test_the_upcoming_day_is_the_first_monday_after_a_week(now: datetime, day: date) -> None:
    scenario = upcoming(now)

    assert day == scenario.day
    assert scenario.now is None


def test_the_entry_of_an_upcoming_scenario_covers_its_busy_time() -> None:
    scenario = upcoming(datetime(2027, 3, 18, tzinfo=UTC))

    events: list[Any] = Calendar.from_ical(scenario.existing[0].content).walk("VEVENT")
    assert [(scenario.busy.start, scenario.busy.end)] == [(each.start, each.end) for each in events]
    assert datetime(2027, 3, 29, 8, tzinfo=UTC) == scenario.busy.start


def test_the_recorded_scenario_is_at_the_time_of_its_entries() -> None:
    scenario = recorded()

    assert date(2026, 3, 30) == scenario.day
    assert datetime(2026, 3, 26, 7, tzinfo=UTC) == scenario.now
    assert 4 == len(scenario.existing)


def test_a_later_slot_is_an_hour_on_a_later_day() -> None:
    slot = recorded().slot(days=8)

    assert datetime(2026, 4, 7, 9, tzinfo=UTC) == slot.start
    assert datetime(2026, 4, 7, 10, tzinfo=UTC) == slot.end
