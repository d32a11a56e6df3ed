from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.interval import Interval, busy_spans
from shared.domain.month import DayStatus, DaySummary, local_month, month_dates, summaries
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.slots import ConsultedPerson, SlotRules
from shared.domain.week import Window
from shared.domain.zones import zone

HOUR = timedelta(hours=1)
HOURLY = SlotRules(length=HOUR, step=HOUR)
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WEDNESDAY = date(2026, 3, 4)
# Four slots on Wednesdays: at 9, 10, 11 and 12.
COACH = ConsultedPerson(role=Role.COACH, zone="UTC", windows=(Window(2, 9 * 60, 13 * 60, "UTC"),))
LEARNER = replace(COACH, role=Role.LEARNER)


def at(hour: float, day: date = WEDNESDAY) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + hour * HOUR


def busy(person: ConsultedPerson, *hours: tuple[float, float]) -> ConsultedPerson:
    return replace(person, busy=busy_spans(Interval(at(a), at(b)) for a, b in hours))


def off(first: date, last: date) -> Holiday:
    return Holiday(id="h", name="Off", role=Role.COACH, first=first, last=last, created_at=LONG_AGO)


def day_summary(
    *people: ConsultedPerson,
    day: date = WEDNESDAY,
    rules: SlotRules = HOURLY,
    now: datetime = LONG_AGO,
    viewer: str = "UTC",
) -> tuple[str, int, int]:
    """Return status, total slots and bookable slots of one day of its month."""
    month = local_month(day.year, day.month, zone(viewer))
    result = {each.day: each for each in summaries(month, people, rules, now=now)}
    return result[day].status.value, result[day].total_slots, result[day].available_slots


def test_a_month_has_one_summary_for_each_date_in_order() -> None:
    month = local_month(2024, 2, zone("Asia/Kolkata"))

    result = summaries(month, [COACH], HOURLY, now=LONG_AGO)

    expected = [date(2024, 2, 1) + timedelta(days=n) for n in range(29)]
    assert expected == [each.day for each in result] == list(month.days)


@pytest.mark.parametrize(
    ("year", "month", "last"), [(2026, 2, 28), (2024, 2, 29), (2026, 12, 31), (9999, 12, 31)]
)
def test_the_first_and_last_date_of_a_month(year: int, month: int, last: int) -> None:
    assert (date(year, month, 1), date(year, month, last)) == month_dates(year, month)


def test_a_day_is_available_when_every_slot_can_be_booked() -> None:
    assert day_summary(COACH, LEARNER) == ("available", 4, 4)


def test_a_day_is_limited_when_some_slots_can_be_booked() -> None:
    assert day_summary(busy(COACH, (9, 10)), busy(LEARNER, (9.5, 11))) == ("limited", 4, 2)


def test_a_day_is_full_when_no_slot_can_be_booked() -> None:
    assert day_summary(busy(COACH, (9, 11)), busy(LEARNER, (11, 13))) == ("full", 4, 0)


def test_a_day_is_unavailable_without_any_slot() -> None:
    assert day_summary(COACH, day=date(2026, 3, 5)) == ("unavailable", 0, 0)


def test_a_day_is_unverified_when_some_slots_depend_only_on_an_unread_calendar() -> None:
    unread = replace(busy(COACH, (9, 10)), unread=True)

    assert day_summary(unread, LEARNER) == ("unverified", 4, 0)


def test_a_day_is_full_when_its_slots_are_taken_even_with_an_unread_calendar() -> None:
    assert day_summary(replace(busy(COACH, (9, 13)), unread=True)) == ("full", 4, 0)


@pytest.mark.parametrize(
    ("taken", "expected"), [((), ("available", 4, 4)), (((9, 10),), ("limited", 4, 3))]
)
def test_unverified_slots_count_as_bookable_if_the_rules_allow_booking_them(
    taken: Sequence[tuple[float, float]], expected: tuple[str, int, int]
) -> None:
    unread = replace(busy(COACH, *taken), unread=True)

    assert expected == day_summary(unread, rules=replace(HOURLY, unverified_is_available=True))


def test_a_day_is_a_holiday_when_every_slot_is_on_a_holiday() -> None:
    holiday = replace(LEARNER, holidays=(off(WEDNESDAY, WEDNESDAY),))

    assert day_summary(COACH, holiday) == ("holiday", 4, 0)


def test_a_holiday_over_some_slots_leaves_the_day_limited_or_full() -> None:
    # Tuesday in Honolulu is Tuesday 10:00 to Wednesday 10:00 UTC, so it covers the first slot.
    tuesday = WEDNESDAY - timedelta(days=1)
    holiday = replace(COACH, zone="Pacific/Honolulu", holidays=(off(tuesday, tuesday),))

    assert day_summary(holiday) == ("limited", 4, 3)
    assert day_summary(busy(holiday, (10, 13))) == ("full", 4, 0)


def test_past_slots_are_counted_but_do_not_affect_the_status() -> None:
    noon = at(11, WEDNESDAY)

    assert day_summary(COACH, now=noon) == ("available", 4, 2)
    assert day_summary(busy(COACH, (11, 12)), now=noon) == ("limited", 4, 1)
    assert day_summary(busy(COACH, (11, 13)), now=noon) == ("full", 4, 0)
    assert day_summary(replace(COACH, unread=True), now=noon) == ("unverified", 4, 0)


def test_a_day_is_a_holiday_when_all_its_future_slots_are() -> None:
    thursday_in_kiritimati = off(date(2026, 3, 5), date(2026, 3, 5))
    # That Thursday begins on Wednesday at 10:00 UTC.
    person = replace(COACH, zone="Pacific/Kiritimati", holidays=(thursday_in_kiritimati,))

    assert day_summary(person, now=at(8)) == ("limited", 4, 1)
    assert day_summary(person, now=at(9.5)) == ("holiday", 4, 0)


def test_a_day_is_past_when_all_its_slots_are() -> None:
    assert day_summary(COACH, now=at(12)) == ("available", 4, 1)
    assert day_summary(COACH, now=at(12) + timedelta(microseconds=1)) == ("past", 4, 0)
    assert day_summary(COACH, now=at(9.5), rules=replace(HOURLY, minimum_notice=3 * HOUR)) == (
        "past",
        4,
        0,
    )


def test_a_day_without_slots_is_past_only_when_it_is_over() -> None:
    thursday, friday = date(2026, 3, 5), date(2026, 3, 6)
    instant = timedelta(microseconds=1)

    assert day_summary(COACH, day=thursday, now=at(0, friday) - instant)[0] == "unavailable"
    assert day_summary(COACH, day=thursday, now=at(0, friday))[0] == "past"


def test_a_day_is_over_by_the_clock_of_the_viewer() -> None:
    assert day_summary(
        COACH, day=date(2026, 3, 5), now=at(15, date(2026, 3, 5)), viewer="Asia/Tokyo"
    ) == (
        "past",
        0,
        0,
    )


def test_a_skipped_date_is_unavailable_until_a_later_date_begins() -> None:
    always = replace(COACH, windows=tuple(Window(n, 0, 1440, "UTC") for n in range(7)))
    skipped, midnight = date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)

    def at_instant(now: datetime) -> str:
        return day_summary(always, day=skipped, now=now, viewer="Pacific/Apia")[0]

    assert at_instant(midnight - timedelta(seconds=1)) == "unavailable"
    assert at_instant(midnight) == "past"


def test_a_date_in_two_pieces_is_over_after_the_second() -> None:
    # On 2006-10-29 at 00:01 clocks in St. John's went back to 23:01 of the 28th.
    saturday = date(2006, 10, 28)
    no_window_that_day = replace(COACH, windows=(Window(2, 540, 780, "UTC"),))
    back = datetime(2006, 10, 29, 2, 31, tzinfo=UTC)

    def at_instant(now: datetime) -> str:
        return day_summary(no_window_that_day, day=saturday, now=now, viewer="America/St_Johns")[0]

    assert at_instant(back - timedelta(seconds=30)) == "unavailable"
    assert at_instant(back + timedelta(minutes=58)) == "unavailable"
    assert at_instant(back + timedelta(minutes=59)) == "past"


def test_an_interval_is_on_every_date_it_touches() -> None:
    month = local_month(2026, 3, zone("America/New_York"))

    assert month.dates_of(Interval(at(4), at(5))) == (date(2026, 3, 3),)
    assert month.dates_of(Interval(at(4), at(5.5))) == (date(2026, 3, 3), WEDNESDAY)
    assert month.dates_of(Interval(at(5), at(6))) == (WEDNESDAY,)


def test_an_interval_that_ends_just_after_midnight_is_on_both_dates() -> None:
    month = local_month(2026, 3, zone("UTC"))
    over = Interval(at(23), at(24) + timedelta(microseconds=1))

    assert (WEDNESDAY, date(2026, 3, 5)) == month.dates_of(over)
    assert (WEDNESDAY,) == month.dates_of(Interval(at(23), at(24) - timedelta(microseconds=1)))


def test_an_interval_outside_the_month_is_on_none_of_its_dates() -> None:
    month = local_month(2026, 2, zone("UTC"))

    assert month.dates_of(Interval(at(0, date(2026, 3, 1)), at(1, date(2026, 3, 1)))) == ()
    assert month.dates_of(Interval(at(-1, date(2026, 2, 1)), at(0, date(2026, 2, 1)))) == ()


@pytest.mark.parametrize(
    ("home", "viewer", "expected"),
    [
        ("UTC", "UTC", [10]),
        ("Pacific/Kiritimati", "UTC", [9, 10]),
        ("Asia/Kolkata", "America/New_York", [9, 10]),
        ("Etc/GMT+12", "Pacific/Kiritimati", [11, 12]),
        ("America/New_York", "America/New_York", [10]),
    ],
)
def test_a_holiday_is_on_every_date_of_the_viewer_that_it_touches(
    home: str, viewer: str, expected: list[int]
) -> None:
    holiday = off(date(2026, 3, 10), date(2026, 3, 10))

    result = local_month(2026, 3, zone(viewer)).dates_off(holiday, zone(home))

    assert expected == [each.day for each in result]


def test_a_holiday_over_several_months_is_on_every_date_of_each() -> None:
    holiday = off(date(2026, 1, 31), date(2026, 4, 1))

    def count(month: int) -> int:
        return len(local_month(2026, month, zone("UTC")).dates_off(holiday, zone("UTC")))

    assert [1, 28, 31, 1, 0] == [count(month) for month in (1, 2, 3, 4, 5)]


def test_a_holiday_of_the_next_month_may_begin_in_this_month_for_the_viewer() -> None:
    first = off(date(2026, 4, 1), date(2026, 4, 1))

    result = local_month(2026, 3, zone("UTC")).dates_off(first, zone("Asia/Tokyo"))

    assert result == (date(2026, 3, 31),)


def test_a_summary_has_day_status_and_counts() -> None:
    month = local_month(2026, 3, zone("UTC"))

    result = summaries(month, [COACH], HOURLY, now=LONG_AGO)

    assert DaySummary(WEDNESDAY, DayStatus.AVAILABLE, 4, 4) in result
