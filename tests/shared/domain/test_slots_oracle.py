from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from shared.domain.role import Role
from shared.domain.slots import ConsultedPerson, SlotRules, find_slots
from shared.domain.week import Window
from shared.domain.zones import zone
from tests.support.slot_oracle import OracleSlot, slots_by_definition
from tests.support.slot_scenarios import (
    Scenario,
    any_day,
    days_of_change,
    odd_days,
    scenarios,
)

# Thousands of cases that simpler tests cover already; tracing them doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

# The same cases on every run, so that a failure is reproducible on another machine.
thoroughly = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@settings(thoroughly, max_examples=600)
@given(scenarios(any_day()))
def test_slots_of_any_zone_and_day_match_the_definition(scenario: Scenario) -> None:
    assert by_definition(scenario) == actual(scenario)


@settings(thoroughly, max_examples=1000)
@given(scenarios(days_of_change()))
def test_slots_around_a_clock_change_match_the_definition(scenario: Scenario) -> None:
    assert by_definition(scenario) == actual(scenario)


@settings(thoroughly, max_examples=500)
@given(scenarios(odd_days()))
def test_slots_of_odd_days_match_the_definition(scenario: Scenario) -> None:
    assert by_definition(scenario) == actual(scenario)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("Africa/Monrovia", date(1971, 12, 31)),
        ("Africa/Monrovia", date(1972, 1, 7)),
        ("Europe/Dublin", date(1916, 5, 21)),
        ("America/New_York", date(1883, 11, 18)),
    ],
)
def test_offsets_with_seconds_are_exact(name: str, day: date) -> None:
    minutes = timedelta(minutes=1)
    rules = SlotRules(length=25 * minutes, step=10 * minutes, buffer_before=minutes)
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) // 60
    people = (
        ConsultedPerson(
            role=Role.COACH,
            zone=name,
            windows=tuple(Window(n, 22 * 60, 20 * 60, name) for n in range(7)),
            busy=((noon, noon + 10), (noon + 64, noon + 65)),
        ),
        ConsultedPerson(
            role=Role.LEARNER,
            zone="UTC",
            windows=tuple(Window(n, 7, 1433, "UTC") for n in range(7)),
        ),
    )
    now = datetime(1800, 1, 1, tzinfo=UTC)

    expected = slots_by_definition(day, zone(name), people, rules, now=now, tick=1)

    slots = find_slots(day, zone(name), people, rules, now=now)
    assert len(expected) > 50
    assert expected == [(each.interval.start, each.status, each.blocked_by) for each in slots]


def by_definition(scenario: Scenario) -> list[OracleSlot]:
    return slots_by_definition(
        scenario.day, scenario.viewer, scenario.consulted, scenario.rules, now=scenario.now
    )


def actual(scenario: Scenario) -> list[OracleSlot]:
    slots = find_slots(
        scenario.day, scenario.viewer, scenario.consulted, scenario.rules, now=scenario.now
    )
    return [(each.interval.start, each.status, each.blocked_by) for each in slots]
