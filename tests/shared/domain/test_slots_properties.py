from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.interval import EPOCH, Interval
from shared.domain.role import Role
from shared.domain.slot_runs import slot_runs
from shared.domain.slots import (
    ConsultedPerson,
    Slot,
    SlotRules,
    SlotStatus,
    find_slots,
    nearest_free,
)
from shared.domain.week import Window
from shared.domain.zones import zone
from tests.support.slot_scenarios import (
    Scenario,
    any_day,
    days_of_change,
    odd_days,
    scenarios,
    with_more_busy,
)

# Thousands of cases that simpler tests cover already; tracing them doubles their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

ANY = days_of_change() | odd_days() | any_day()
MINUTE = timedelta(minutes=1)
some = settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)


def slots_of(scenario: Scenario) -> tuple[Slot, ...]:
    return find_slots(
        scenario.day, scenario.viewer, scenario.consulted, scenario.rules, now=scenario.now
    )


@some
@given(with_more_busy(ANY))
def test_more_busy_time_never_frees_a_slot(scenario: tuple[Scenario, Scenario]) -> None:
    before, after = (slots_of(each) for each in scenario)

    assert [each.interval for each in before] == [each.interval for each in after]
    freed = {each.interval for each in after if each.available}
    assert freed <= {each.interval for each in before if each.available}


@some
@given(scenarios(ANY), st.integers())
def test_order_and_repetition_of_the_input_do_not_matter(scenario: Scenario, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - not for security
    people = [
        replace(
            each,
            windows=tuple(random.sample(each.windows * 2, len(each.windows) * 2)),
            holidays=tuple(random.sample(each.holidays * 2, len(each.holidays) * 2)),
        )
        for each in scenario.consulted
    ]
    shuffled = tuple(random.sample([*people, people[0]], len(people) + 1))

    assert slots_of(scenario) == slots_of(replace(scenario, consulted=shuffled))


@some
@given(scenarios(ANY))
def test_the_slots_of_several_days_are_those_of_each_day(scenario: Scenario) -> None:
    days = [scenario.day + timedelta(days=n) for n in range(4)]

    together = list(
        slot_runs(
            (days[0], days[-1]),
            scenario.viewer,
            scenario.consulted,
            scenario.rules,
            now=scenario.now,
        )
    )

    starts = [start for run in together for start in run.starts]
    assert starts == sorted(set(starts))
    for day in days:
        alone = [
            (each.interval.start, each.status, each.blocked_by)
            for each in slots_of(replace(scenario, day=day))
        ]
        assert alone == [
            (EPOCH + timedelta(seconds=start), run.status, run.blocked_by)
            for run in together
            if run.day == day
            for start in run.starts
        ]


@some
@given(scenarios(ANY))
def test_available_slots_are_ordered_have_the_length_and_avoid_busy_time(
    scenario: Scenario,
) -> None:
    slots = slots_of(scenario)
    busy = list(chain.from_iterable(each.busy for each in scenario.consulted))

    assert [each.interval.start for each in slots] == sorted(
        {each.interval.start for each in slots}
    )
    for slot in slots:
        assert scenario.rules.length == slot.interval.length
        assert scenario.day == slot.local_start.date()
        wide = slot.interval.widened(scenario.rules.buffer_before, scenario.rules.buffer_after)
        first, last = (wide.start - EPOCH) / MINUTE, (wide.end - EPOCH) / MINUTE
        if slot.available:
            assert not any(start < last and first < end for start, end in busy)


@some
@given(scenarios(ANY), st.integers(-6, 60))
def test_the_nearest_free_slots_are_available_and_none_is_nearer(
    scenario: Scenario, hour: int
) -> None:
    days = [scenario.day + timedelta(days=n) for n in range(-2, 5)]
    start = datetime(scenario.day.year, scenario.day.month, scenario.day.day, 7, tzinfo=UTC)
    within = Interval(start, start + timedelta(days=2))
    every = {
        each.interval.start
        for day in days
        for each in slots_of(replace(scenario, day=day))
        if each.available and within.start <= each.interval.start < within.end
    }
    wanted = start + timedelta(hours=hour)

    result = nearest_free(
        scenario.viewer,
        scenario.consulted,
        scenario.rules,
        wanted=wanted,
        within=within,
        limit=5,
        now=scenario.now,
    )

    chosen = [each.start for each in result]
    assert set(chosen) <= every
    assert all(earlier.end <= later.start for earlier, later in pairwise(result))
    apart = scenario.rules.length
    others = {each for each in every if all(abs(each - one) >= apart for one in chosen)}
    farthest = max((abs(each - wanted) for each in chosen), default=timedelta.max)
    assert not others if len(chosen) < 5 else all(abs(each - wanted) >= farthest for each in others)


@some
@given(
    st.integers(0, 22),
    st.integers(1, 23),
    st.integers(5, 480),
    st.sampled_from([5, 15, 30, 60]),
    st.lists(st.integers(0, 1440), max_size=3, unique=True),
)
def test_with_every_clock_on_utc_slots_follow_simple_arithmetic(
    start: int, hours: int, length: int, step: int, taken: list[int]
) -> None:
    end = min(24, start + hours)
    monday = date(2026, 3, 2)
    midnight = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) // 60
    person = ConsultedPerson(
        role=Role.COACH,
        zone="UTC",
        windows=(Window(0, start * 60, end * 60, "UTC"),),
        busy=tuple((midnight + each, midnight + each + 1) for each in sorted(taken)[::2]),
    )
    rules = SlotRules(length=length * MINUTE, step=step * MINUTE)
    now = datetime(2000, 1, 1, tzinfo=UTC)

    slots = find_slots(monday, zone("UTC"), [person], rules, now=now)

    grid = [t for t in range(0, 1440, step) if start * 60 <= t and t + length <= end * 60]
    free = [t for t in grid if not any(t <= each < t + length for each in sorted(taken)[::2])]
    minutes = [(each.interval.start - EPOCH) // MINUTE - midnight for each in slots]
    assert grid == minutes
    counted = Counter(each.status for each in slots)
    assert len(free) == counted[SlotStatus.AVAILABLE]
    assert len(grid) - len(free) == counted[SlotStatus.BUSY]
