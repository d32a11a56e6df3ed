from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shared.domain.holiday import Holiday
from shared.domain.interval import Interval, busy_spans
from shared.domain.role import Role
from shared.domain.slots import (
    Consulted,
    Slot,
    SlotRules,
    SlotStatus,
    find_slots,
    next_free,
    reach,
)
from shared.domain.week import Window
from shared.domain.zones import zone

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
HOURLY = SlotRules(length=HOUR, step=HOUR)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def every_day(start: int, end: int, zone: str = "UTC") -> tuple[Window, ...]:
    return tuple(Window(day, start * 60, end * 60, zone) for day in range(7))


def coach(**changes: object) -> Consulted:
    given = {"role": Role.COACH, "zone": "UTC", "windows": every_day(9, 12), **changes}
    return Consulted(**given)  # type: ignore[arg-type]  # each test names the fields it changes


def learner(**changes: object) -> Consulted:
    return coach(**{"role": Role.LEARNER, **changes})


def busy(*intervals: tuple[datetime, datetime]) -> tuple[tuple[int, int], ...]:
    return busy_spans(Interval(start, end) for start, end in intervals)


def holiday(first: date, last: date) -> Holiday:
    return Holiday(
        id="1", name="Away", role=Role.COACH, first=first, last=last, created_at=LONG_AGO
    )


def slots(
    *people: Consulted,
    day: date = MONDAY,
    viewer: str = "UTC",
    rules: SlotRules = HOURLY,
    now: datetime = LONG_AGO,
) -> tuple[Slot, ...]:
    return find_slots(day, zone(viewer), people, rules, now=now)


def clock(found: tuple[Slot, ...]) -> list[str]:
    return [each.local_start.strftime("%H:%M") for each in found]


def statuses(found: tuple[Slot, ...]) -> list[str]:
    return [each.status.value for each in found]


def test_slots_fill_the_window_in_order() -> None:
    found = slots(coach())

    assert clock(found) == ["09:00", "10:00", "11:00"]
    assert Interval(at(9), at(10)) == found[0].interval
    assert all(each.available and not each.blocked_by for each in found)


def test_a_slot_must_fit_into_working_time() -> None:
    rules = SlotRules(length=90 * MINUTE, step=30 * MINUTE)

    assert clock(slots(coach(), rules=rules)) == ["09:00", "09:30", "10:00", "10:30"]


def test_working_time_is_what_everybody_has() -> None:
    found = slots(coach(), learner(windows=every_day(10, 15)))

    assert clock(found) == ["10:00", "11:00"]


def test_nobody_consulted_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="consulted is empty"):
        slots()


def test_somebody_without_windows_has_no_slots() -> None:
    assert clock(slots(coach(), learner(windows=()))) == []


def test_a_slot_may_lie_across_two_touching_windows() -> None:
    split = (Window(0, 540, 570, "UTC"), Window(0, 570, 600, "UTC"))

    assert clock(slots(coach(windows=split))) == ["09:00"]


def test_windows_of_one_person_may_be_in_several_zones() -> None:
    # 14:30-15:30 in Kolkata is 09:00-10:00 in UTC.
    windows = (Window(0, 870, 930, "Asia/Kolkata"), Window(0, 600, 660, "UTC"))

    assert clock(slots(coach(windows=windows))) == ["09:00", "10:00"]


def test_a_window_through_midnight_serves_both_days() -> None:
    night = coach(windows=(Window(0, 22 * 60, 2 * 60, "UTC"),))

    assert clock(slots(night)) == ["22:00", "23:00"]
    assert clock(slots(night, day=MONDAY + timedelta(days=1))) == ["00:00", "01:00"]


def test_sunday_night_runs_into_monday() -> None:
    night = coach(windows=(Window(6, 22 * 60, 2 * 60, "UTC"),))

    assert clock(slots(night)) == ["00:00", "01:00"]


def test_a_slot_may_end_after_its_day() -> None:
    night = coach(windows=(Window(0, 23 * 60, 60, "UTC"),))
    rules = SlotRules(length=2 * HOUR, step=HOUR)

    assert clock(slots(night, rules=rules)) == ["23:00"]


def test_the_grid_is_that_of_the_viewers_clock() -> None:
    found = slots(coach(), viewer="Asia/Kathmandu")

    assert clock(found) == ["15:00", "16:00"]
    assert at(9, 15) == found[0].interval.start
    assert found[0].local_start.isoformat() == "2026-03-02T15:00:00+05:45"


def test_a_step_that_does_not_divide_the_day_starts_anew_at_midnight() -> None:
    rules = SlotRules(length=HOUR, step=7 * HOUR)

    assert clock(slots(coach(windows=every_day(0, 24)), rules=rules)) == [
        "00:00",
        "07:00",
        "14:00",
        "21:00",
    ]


def test_a_slot_before_now_and_the_notice_is_past() -> None:
    rules = SlotRules(length=HOUR, step=HOUR, minimum_notice=HOUR)

    found = slots(coach(), rules=rules, now=at(9))

    assert statuses(found) == ["past", "available", "available"]
    assert statuses(slots(coach(), rules=rules, now=at(9) + timedelta(microseconds=1))) == [
        "past",
        "past",
        "available",
    ]


def test_a_holiday_is_a_date_in_the_zone_of_the_role() -> None:
    # 2 March in Auckland ends at 11:00 UTC.
    away = coach(zone="Pacific/Auckland", holidays=(holiday(MONDAY, MONDAY),))

    found = slots(away)

    assert statuses(found) == ["holiday", "holiday", "available"]
    assert found[0].blocked_by == (Role.COACH,)


def test_a_slot_that_reaches_into_a_holiday_is_holiday() -> None:
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
    found = slots(coach(busy=busy((at(8), at(9)), (at(10), at(11)), (at(12), at(13)))))

    assert statuses(found) == ["available", "busy", "available"]
    assert found[1].blocked_by == (Role.COACH,)


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

    found = slots(learner(busy=taken), coach(busy=taken))

    assert found[0].blocked_by == (Role.COACH, Role.LEARNER)


def test_windows_that_are_nobodys_block_without_a_name() -> None:
    found = slots(coach(role=None, busy=busy((at(9), at(10)))))

    assert SlotStatus.BUSY is found[0].status
    assert not found[0].blocked_by


def test_past_wins_over_holiday_over_busy_over_unverified() -> None:
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

    found = slots(coach(), learner(unread=True, busy=busy((at(9), at(10)))), rules=rules)

    assert statuses(found) == ["busy", "unverified", "unverified"]
    assert [False, allowed, allowed] == [each.available for each in found]


def test_a_repeated_hour_has_its_slots_twice() -> None:
    found = slots(
        coach(windows=every_day(0, 3, "America/New_York")),
        day=date(2025, 11, 2),
        viewer="America/New_York",
    )

    assert clock(found) == ["00:00", "01:00", "01:00", "02:00"]
    assert [each.local_start.fold for each in found] == [0, 0, 1, 0]
    assert len({each.interval.start for each in found}) == len(found)


def test_a_gap_has_no_slots_and_shortens_the_window() -> None:
    found = slots(
        coach(windows=every_day(1, 4, "America/New_York")),
        day=date(2025, 3, 9),
        viewer="America/New_York",
    )

    assert clock(found) == ["01:00", "03:00"]


def test_a_date_the_zone_left_out_has_no_slots() -> None:
    found = slots(coach(windows=every_day(0, 24)), day=date(2011, 12, 30), viewer="Pacific/Apia")

    assert clock(found) == []


def test_a_date_in_two_pieces_has_the_slots_of_both() -> None:
    rules = SlotRules(length=30 * MINUTE, step=30 * MINUTE)
    always = coach(windows=every_day(0, 24))

    saturday = slots(always, day=date(2000, 10, 28), viewer="America/St_Johns", rules=rules)
    sunday = slots(always, day=date(2000, 10, 29), viewer="America/St_Johns", rules=rules)

    assert clock(saturday)[-3:] == ["23:00", "23:30", "23:30"]
    assert clock(sunday)[:3] == ["00:00", "00:00", "00:30"]


def test_the_next_free_slots_are_found_across_days() -> None:
    person = coach(busy=busy((at(10), at(11))))

    found = next_free(
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
    ) == found


def test_the_horizon_of_the_next_free_slots_is_half_open() -> None:
    found = next_free(
        ZoneInfo("UTC"), [coach()], HOURLY, after=at(9), until=at(11), limit=9, now=LONG_AGO
    )

    assert (Interval(at(9), at(10)), Interval(at(10), at(11))) == found


def test_reach_is_the_date_and_the_last_slot_with_buffers() -> None:
    rules = SlotRules(length=HOUR, step=HOUR, buffer_before=10 * MINUTE, buffer_after=5 * MINUTE)

    day = date(2025, 3, 9)
    found = reach((day, day), zone("America/New_York"), rules)

    day = date(2025, 3, 9)
    next_day = date(2025, 3, 10)
    assert Interval(at(4, 50, day=day), at(5, 5, day=next_day)) == found


@pytest.mark.parametrize("day", [date(2011, 12, 30), date.min, date.max])
def test_reach_is_never_empty(day: date) -> None:
    assert reach((day, day), zone("Pacific/Apia"), HOURLY).length == HOUR


@pytest.mark.parametrize(
    "wrong",
    [
        {"length": timedelta(0)},
        {"step": timedelta(0)},
        {"length": -HOUR},
        {"buffer_before": -MINUTE},
        {"buffer_after": -MINUTE},
        {"minimum_notice": -MINUTE},
        {"length": timedelta(seconds=90)},
        {"buffer_after": timedelta(seconds=1)},
    ],
)
def test_rules_that_make_no_sense_are_refused(wrong: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match="must be"):
        SlotRules(**{"length": HOUR, "step": HOUR, **wrong})  # type: ignore[arg-type]  # timedeltas
