from datetime import UTC, date, datetime
from typing import Any

import pytest
from icalendar import Calendar

from infra.local.demo.script import recorded, upcoming


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 22, 12, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 12, 7)),
    ],
    ids=["a Sunday", "a Monday", "a Tuesday"],
)
def test_the_day_to_come_is_the_first_monday_after_a_week(now: datetime, day: date) -> None:
    script = upcoming(now)

    assert day == script.day
    assert script.now is None


def test_the_entry_of_a_script_takes_its_busy_time() -> None:
    script = upcoming(datetime(2027, 3, 18, tzinfo=UTC))

    events: list[Any] = Calendar.from_ical(script.existing[0].content).walk("VEVENT")
    assert [(script.busy.start, script.busy.end)] == [(each.start, each.end) for each in events]
    assert datetime(2027, 3, 29, 8, tzinfo=UTC) == script.busy.start


def test_the_recorded_script_plays_at_the_time_of_its_entries() -> None:
    script = recorded()

    assert date(2026, 3, 30) == script.day
    assert datetime(2026, 3, 26, 7, tzinfo=UTC) == script.now
    assert 4 == len(script.existing)


def test_a_later_slot_is_an_hour_of_a_later_day() -> None:
    slot = recorded().slot(days=8)

    assert datetime(2026, 4, 7, 9, tzinfo=UTC) == slot.start
    assert datetime(2026, 4, 7, 10, tzinfo=UTC) == slot.end
