from datetime import date, timedelta

import pytest

from shared.domain.role import Role
from shared.domain.slots import SlotRules, SlotStatus
from shared.domain.week import Window
from tests.support.slot_cases import (
    HOUR,
    MINUTE,
    MONDAY,
    at,
    busy,
    coach,
    every_day,
    holiday,
    learner,
    slots,
    statuses,
)


def test_a_slot_before_now_and_the_notice_is_past() -> None:
    rules = SlotRules(length=HOUR, step=HOUR, minimum_notice=HOUR)

    result = slots(coach(), rules=rules, now=at(9))

    assert statuses(result) == ["past", "available", "available"]
    assert statuses(slots(coach(), rules=rules, now=at(9) + timedelta(microseconds=1))) == [
        "past",
        "past",
        "available",
    ]


def test_a_holiday_is_a_date_in_the_zone_of_the_role() -> None:
    # 2 March in Auckland ends at 11:00 UTC.
    away = coach(zone="Pacific/Auckland", holidays=(holiday(MONDAY, MONDAY),))

    result = slots(away)

    assert statuses(result) == ["holiday", "holiday", "available"]
    assert result[0].blocked_by == (Role.COACH,)


def test_a_slot_that_reaches_into_a_holiday_has_the_status_holiday() -> None:
    tomorrow = MONDAY + timedelta(days=1)
    night = coach(
        windows=(Window(0, 22 * 60, 2 * 60, "UTC"),), holidays=(holiday(tomorrow, tomorrow),)
    )
    rules = SlotRules(length=90 * MINUTE, step=30 * MINUTE)

    assert statuses(slots(night, rules=rules)) == ["available", "available", "holiday", "holiday"]


def test_buffers_do_not_reach_into_holidays() -> None:
    tomorrow = MONDAY + timedelta(days=1)
    away = coach(windows=every_day(23, 24), holidays=(holiday(tomorrow, tomorrow),))
    rules = SlotRules(length=HOUR, step=HOUR, buffer_after=HOUR)

    assert statuses(slots(away, rules=rules)) == ["available"]


def test_busy_time_that_only_touches_is_free() -> None:
    result = slots(coach(busy=busy((at(8), at(9)), (at(10), at(11)), (at(12), at(13)))))

    assert statuses(result) == ["available", "busy", "available"]
    assert result[1].blocked_by == (Role.COACH,)


def test_buffers_widen_the_slot_on_their_own_side() -> None:
    rules = SlotRules(length=HOUR, step=HOUR, buffer_before=10 * MINUTE, buffer_after=5 * MINUTE)

    before = slots(coach(busy=busy((at(8), at(8, 50)), (at(10), at(10, 1)))), rules=rules)
    after = slots(coach(busy=busy((at(8), at(8, 51)), (at(12, 5), at(13)))), rules=rules)

    assert statuses(before) == ["busy", "busy", "available"]
    assert statuses(after) == ["busy", "available", "available"]


def test_a_buffer_that_reaches_midnight_is_blocked_by_the_next_morning() -> None:
    late = coach(
        windows=every_day(23, 24),
        busy=busy((at(0, day=date(2026, 3, 3)), at(1, day=date(2026, 3, 3)))),
    )

    assert statuses(slots(late)) == ["available"]
    assert statuses(slots(late, rules=SlotRules(length=HOUR, step=HOUR, buffer_after=MINUTE))) == [
        "busy"
    ]


def test_blocked_by_names_coach_before_learner() -> None:
    taken = busy((at(9), at(10)))

    result = slots(learner(busy=taken), coach(busy=taken))

    assert result[0].blocked_by == (Role.COACH, Role.LEARNER)


def test_default_windows_block_without_naming_a_role() -> None:
    result = slots(coach(role=None, busy=busy((at(9), at(10)))))

    assert SlotStatus.BUSY is result[0].status
    assert not result[0].blocked_by


def test_past_takes_precedence_over_holiday_then_busy_then_unverified() -> None:
    person = coach(
        windows=every_day(22, 3),
        holidays=(holiday(MONDAY, MONDAY),),
        busy=busy((at(22), at(0, day=date(2026, 3, 3)) + HOUR)),
        unread=True,
    )
    tuesday = MONDAY + timedelta(days=1)

    assert statuses(slots(person, now=at(1, 1)))[:4] == ["past", "past", "holiday", "holiday"]
    assert statuses(slots(person, day=tuesday))[:3] == ["busy", "unverified", "unverified"]


@pytest.mark.parametrize("allowed", [True, False])
def test_an_unread_calendar_makes_free_time_unverified(allowed: bool) -> None:  # noqa: FBT001 - a table
    rules = SlotRules(length=HOUR, step=HOUR, unverified_is_available=allowed)

    result = slots(coach(), learner(unread=True, busy=busy((at(9), at(10)))), rules=rules)

    assert statuses(result) == ["busy", "unverified", "unverified"]
    assert [False, allowed, allowed] == [each.available for each in result]
