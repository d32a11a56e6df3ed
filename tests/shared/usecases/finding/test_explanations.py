"""The explanation of a date: every time of the grid with its reasons."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.interval import EPOCH, Interval, Span, merge
from shared.domain.obstacles import PersonTime
from shared.domain.role import Role
from shared.domain.slot_rules import MINUTE, Obstacle, SlotRules
from shared.domain.slots import find_slots
from shared.usecases.finding.explanations import ExplainedTime, Explanations, explained
from tests.support import request_faults
from tests.support.platform import ADMIN, COACH, DAY, LEARNER, NOW, Platform, hours
from tests.support.slot_scenarios import Scenario, any_day, days_of_change, odd_days, scenarios

ANY = days_of_change() | odd_days() | any_day()
COACH_ROLE, LEARNER_ROLE = Role.COACH, Role.LEARNER


def reasons_at(platform: Platform, hour: float, **changes: Any) -> set[tuple[Role | None, str]]:
    """Return the reasons at an hour of the day."""
    day, times = Explanations(platform.slots).on(COACH, platform.query(**changes), now=NOW)
    assert {each.interval for each in day.slots if each.available} == {
        each.interval for each in times if not each.reasons
    }
    [at] = [each for each in times if each.interval.start == hours(hour).start]
    return {(role, obstacle.value) for role, obstacle in at.reasons}


def test_every_time_of_the_grid_is_explained_in_order() -> None:
    platform = Platform()

    _, times = Explanations(platform.slots).on(COACH, platform.query(), now=NOW)

    assert [each.interval.start for each in times] == [hours(n / 2).start for n in range(48)]
    assert [each.local_start.hour for each in times[:3]] == [0, 0, 1]


def test_a_free_time_has_no_reasons() -> None:
    assert reasons_at(Platform(), 9) == set()


def test_only_the_coach_limits_the_windows_if_the_learner_has_set_none() -> None:
    assert reasons_at(Platform(), 8) == {(COACH_ROLE, "outside_windows")}


def test_sessions_and_calendars_are_different_reasons_of_each_person() -> None:
    platform = Platform()
    platform.connect("l1", LEARNER.user_id)
    platform.add_entry("l1", hours(11))
    platform.book("s1", 10, learner_ids=("learner-2",))

    assert reasons_at(platform, 10) == {(COACH_ROLE, "session")}
    assert reasons_at(platform, 11) == {(LEARNER_ROLE, "calendar")}
    assert reasons_at(platform, 10.5) == {(COACH_ROLE, "session"), (LEARNER_ROLE, "calendar")}


def test_a_time_too_close_to_a_session_or_an_entry_is_in_a_buffer() -> None:
    platform = Platform(buffer_before=30 * MINUTE, buffer_after=15 * MINUTE)
    platform.connect("l1", LEARNER.user_id)
    platform.add_entry("l1", hours(14))
    platform.book("s1", 10, learner_ids=("learner-2",))

    assert reasons_at(platform, 11.5) == {(COACH_ROLE, "buffer")}
    assert reasons_at(platform, 12) == set()
    assert reasons_at(platform, 13) == {(LEARNER_ROLE, "buffer")}
    assert reasons_at(platform, 15) == {(LEARNER_ROLE, "buffer")}
    assert reasons_at(platform, 15.5) == set()


def test_a_holiday_and_the_notice_are_reasons() -> None:
    platform = Platform(minimum_notice=timedelta(hours=26))
    platform.holidays.add(COACH, name="Off", role=COACH_ROLE, first=DAY, last=DAY, now=NOW)

    assert reasons_at(platform, 9.5) == {
        (COACH_ROLE, "holiday"),
        (COACH_ROLE, "notice"),
        (LEARNER_ROLE, "notice"),
    }
    assert reasons_at(platform, 10) == {(COACH_ROLE, "holiday")}


@pytest.mark.parametrize("allowed", [False, True])
def test_an_unreadable_calendar_is_a_reason_unless_it_is_allowed(
    allowed: bool,  # noqa: FBT001 - the setting is the point
) -> None:
    platform = Platform(unverified_is_available=allowed)
    platform.connect("c1")
    platform.calendar.fail("c1", request_faults.ERROR_503)

    assert reasons_at(platform, 9) == (set() if allowed else {(COACH_ROLE, "unverified")})


def test_the_default_windows_have_no_role() -> None:
    platform = Platform()
    query = platform.query(coach_ids=("coach-1", "coach-2"), learner_ids=(), role=Role.ADMIN)

    _, times = Explanations(platform.slots).on(ADMIN, query, now=NOW)

    assert times[0].reasons == ((None, Obstacle.OUTSIDE_WINDOWS),)
    assert times[18].reasons == ()


def test_the_session_that_is_moved_is_no_reason() -> None:
    platform = Platform()
    platform.book("s1", 10)

    assert reasons_at(platform, 10, session_id="s1", reschedule=True) == set()


@pytest.mark.long
@pytest.mark.no_cover
@settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(scenarios(ANY), st.randoms())
def test_a_time_is_available_exactly_if_it_has_no_reasons(scenario: Scenario, random: Any) -> None:
    people = [_apart(each, scenario.rules, random) for each in scenario.consulted]

    slots = find_slots(
        scenario.day,
        scenario.viewer,
        [each.person for each in people],
        scenario.rules,
        now=scenario.now,
    )
    times = explained(scenario.day, scenario.viewer.key, people, scenario.rules, now=scenario.now)

    assert [each.interval for each in slots] == [
        each.interval for each in times if Obstacle.OUTSIDE_WINDOWS not in _obstacles(each)
    ]
    assert [each.interval for each in slots if each.available] == [
        each.interval for each in times if not each.reasons
    ]
    assert [each.local_start for each in slots if each.available] == [
        each.local_start for each in times if not each.reasons
    ]


def _apart(person: Any, rules: SlotRules, random: Any) -> PersonTime:
    """Take some of the person's busy times as sessions, the others as calendar entries."""
    sessions = [each for each in person.busy if random.random() < 0.5]
    entries = [each for each in person.busy if each not in sessions]
    before, after = rules.buffer_before // MINUTE, rules.buffer_after // MINUTE
    busy = merge([*((start - before, end + after) for start, end in sessions), *entries])
    return PersonTime(
        person=replace(person, busy=busy),
        sessions=tuple(map(_interval, sessions)),
        entries=tuple(map(_interval, entries)),
    )


def _interval(span: Span) -> Interval:
    return Interval(EPOCH + span[0] * MINUTE, EPOCH + span[1] * MINUTE)


def _obstacles(time: ExplainedTime) -> set[Obstacle]:
    return {obstacle for _, obstacle in time.reasons}
