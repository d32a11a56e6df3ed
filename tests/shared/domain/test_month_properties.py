"""Month summaries match the slots listed for each date."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from shared.domain.interval import Interval
from shared.domain.localtime import date_pieces, instant, intervals_of_dates
from shared.domain.month import local_month, summaries
from shared.domain.slots import Slot, SlotRules, find_slots
from shared.domain.zones import zone
from tests.support.slot_scenarios import (
    Scenario,
    any_day,
    days_of_change,
    odd_days,
    scenarios,
)

# Thousands of cases that simpler tests cover already; tracing them doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

ANY = days_of_change() | odd_days() | any_day()
some = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=80,
    suppress_health_check=[HealthCheck.too_slow],
)


def by_definition(slots: Sequence[Slot], rules: SlotRules, *, is_over: bool) -> str:
    """Return the status of a day, directly by the rule."""
    candidates = [each for each in slots if each.status != "past"]
    bookable = [each for each in candidates if each.available]
    if is_over or (slots and not candidates):
        return "past"
    if not candidates:
        return "unavailable"
    if all(each.status == "holiday" for each in candidates):
        return "holiday"
    if len(bookable) == len(candidates):
        return "available"
    if bookable:
        return "limited"
    assert not rules.unverified_is_available or all(e.status != "unverified" for e in candidates)
    return "unverified" if any(e.status == "unverified" for e in candidates) else "full"


@some
@given(scenarios(ANY))
def test_each_day_of_a_month_counts_exactly_the_slots_listed_for_it(scenario: Scenario) -> None:
    month = local_month(scenario.day.year, scenario.day.month, scenario.viewer)

    result = summaries(month, scenario.consulted, scenario.rules, now=scenario.now)

    today = scenario.now.astimezone(scenario.viewer).date()
    assert list(month.days) == [each.day for each in result]
    for each in result:
        slots = find_slots(
            each.day, scenario.viewer, scenario.consulted, scenario.rules, now=scenario.now
        )
        assert len(slots) == each.total_slots
        assert sum(slot.available for slot in slots) == each.available_slots
        pieces = date_pieces(scenario.viewer, each.day, each.day)
        ends = [instant(piece.end) for piece in pieces]
        is_over = max(ends) <= scenario.now if ends else each.day < today
        assert by_definition(slots, scenario.rules, is_over=is_over) == each.status


@some
@given(scenarios(ANY))
def test_holidays_and_sessions_are_on_every_date_they_touch(
    scenario: Scenario,
) -> None:
    month = local_month(scenario.day.year, scenario.day.month, scenario.viewer)
    shown = {day: intervals_of_dates(scenario.viewer, day, day) for day in month.days}

    for person in scenario.consulted:
        for holiday in person.holidays:
            times = intervals_of_dates(zone(person.zone), holiday.first, holiday.last)
            assert dates(shown, times) == set(month.dates_off(holiday, zone(person.zone)))
        for start, end in person.busy:
            busy = Interval(instant(start * 60), instant(end * 60))
            assert dates(shown, [busy]) == set(month.dates_of(busy))


def dates(shown: dict[date, tuple[Interval, ...]], times: Sequence[Interval]) -> set[date]:
    return {
        day
        for day, parts in shown.items()
        if any(part.overlaps(each) for part in parts for each in times)
    }
