from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.domain.holiday import Holiday
from shared.domain.interval import Interval, busy_spans
from shared.domain.month import DayStatus, DaySummary, local_month, month_dates, summaries
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


def told(
    *people: ConsultedPerson,
    day: date = WEDNESDAY,
    rules: SlotRules = HOURLY,
    now: datetime = LONG_AGO,
    viewer: str = "UTC",
) -> tuple[str, int, int]:
    """The status, all slots and those that can be booked, of one day of its month."""
    month = local_month(day.year, day.month, zone(viewer))
    found = {each.day: each for each in summaries(month, people, rules, now=now)}
    return found[day].status.value, found[day].total_slots, found[day].available_slots


def test_a_month_has_one_summary_for_each_date_in_order() -> None:
    month = local_month(2024, 2, zone("Asia/Kolkata"))

    found = summaries(month, [COACH], HOURLY, now=LONG_AGO)

    expected = [date(2024, 2, 1) + timedelta(days=n) for n in range(29)]
    assert expected == [each.day for each in found] == list(month.days)


@pytest.mark.parametrize(
    ("year", "month", "last"), [(2026, 2, 28), (2024, 2, 29), (2026, 12, 31), (9999, 12, 31)]
)
def test_the_dates_of_a_month_end_with_its_last(year: int, month: int, last: int) -> None:
    assert (date(year, month, 1), date(year, month, last)) == month_dates(year, month)


def test_a_day_is_available_when_every_slot_can_be_booked() -> None:
    assert told(COACH, LEARNER) == ("available", 4, 4)


def test_a_day_is_limited_when_some_can() -> None:
    assert told(busy(COACH, (9, 10)), busy(LEARNER, (9.5, 11))) == ("limited", 4, 2)


def test_a_day_is_full_when_none_can() -> None:
    assert told(busy(COACH, (9, 11)), busy(LEARNER, (11, 13))) == ("full", 4, 0)


def test_a_day_is_unavailable_without_any_slot() -> None:
    assert told(COACH, day=date(2026, 3, 5)) == ("unavailable", 0, 0)


def test_a_day_is_unverified_when_nothing_but_a_calendar_unread_is_in_the_way_of_some() -> None:
    unread = replace(busy(COACH, (9, 10)), unread=True)

    assert told(unread, LEARNER) == ("unverified", 4, 0)


def test_a_day_is_full_when_its_slots_are_taken_whatever_an_unread_calendar_holds() -> None:
    assert told(replace(busy(COACH, (9, 13)), unread=True)) == ("full", 4, 0)


@pytest.mark.parametrize(
    ("taken", "expected"), [((), ("available", 4, 4)), (((9, 10),), ("limited", 4, 3))]
)
def test_unverified_slots_count_as_bookable_where_the_rules_let_them_be_booked(
    taken: Sequence[tuple[float, float]], expected: tuple[str, int, int]
) -> None:
    unread = replace(busy(COACH, *taken), unread=True)

    assert expected == told(unread, rules=replace(HOURLY, unverified_is_available=True))


def test_a_day_is_a_holiday_when_every_slot_is_somebodys() -> None:
    holiday = replace(LEARNER, holidays=(off(WEDNESDAY, WEDNESDAY),))

    assert told(COACH, holiday) == ("holiday", 4, 0)


def test_a_holiday_over_some_slots_leaves_the_day_limited_or_full() -> None:
    # Tuesday in Honolulu is Tuesday 10:00 to Wednesday 10:00 UTC, so it covers the first slot.
    tuesday = WEDNESDAY - timedelta(days=1)
    holiday = replace(COACH, zone="Pacific/Honolulu", holidays=(off(tuesday, tuesday),))

    assert told(holiday) == ("limited", 4, 3)
    assert told(busy(holiday, (10, 13))) == ("full", 4, 0)


def test_slots_that_are_past_do_not_count_in_the_comparison_but_are_counted() -> None:
    noon = at(11, WEDNESDAY)

    assert told(COACH, now=noon) == ("available", 4, 2)
    assert told(busy(COACH, (11, 12)), now=noon) == ("limited", 4, 1)
    assert told(busy(COACH, (11, 13)), now=noon) == ("full", 4, 0)
    assert told(replace(COACH, unread=True), now=noon) == ("unverified", 4, 0)


def test_a_day_whose_slots_to_come_are_all_on_a_holiday_is_one() -> None:
    thursday_in_kiritimati = off(date(2026, 3, 5), date(2026, 3, 5))
    # It begins there at Wednesday 10:00 UTC.
    person = replace(COACH, zone="Pacific/Kiritimati", holidays=(thursday_in_kiritimati,))

    assert told(person, now=at(8)) == ("limited", 4, 1)
    assert told(person, now=at(9.5)) == ("holiday", 4, 0)


def test_a_day_is_past_when_all_its_slots_are() -> None:
    assert told(COACH, now=at(12)) == ("available", 4, 1)
    assert told(COACH, now=at(12) + timedelta(microseconds=1)) == ("past", 4, 0)
    assert told(COACH, now=at(9.5), rules=replace(HOURLY, minimum_notice=3 * HOUR)) == (
        "past",
        4,
        0,
    )


def test_a_day_without_slots_is_past_once_it_is_over_and_not_before() -> None:
    thursday, friday = date(2026, 3, 5), date(2026, 3, 6)
    instant = timedelta(microseconds=1)

    assert told(COACH, day=thursday, now=at(0, friday) - instant)[0] == "unavailable"
    assert told(COACH, day=thursday, now=at(0, friday))[0] == "past"


def test_the_day_is_over_when_the_viewers_clock_says_so() -> None:
    assert told(COACH, day=date(2026, 3, 5), now=at(15, date(2026, 3, 5)), viewer="Asia/Tokyo") == (
        "past",
        0,
        0,
    )


def test_a_date_a_zone_left_out_is_unavailable_until_a_later_one_is_shown() -> None:
    always = replace(COACH, windows=tuple(Window(n, 0, 1440, "UTC") for n in range(7)))
    skipped, midnight = date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)

    def at_instant(now: datetime) -> str:
        return told(always, day=skipped, now=now, viewer="Pacific/Apia")[0]

    assert at_instant(midnight - timedelta(seconds=1)) == "unavailable"
    assert at_instant(midnight) == "past"


def test_a_date_shown_in_two_pieces_is_over_after_the_second() -> None:
    # On 2006-10-29 at 00:01 clocks in St John's went back to 23:01 of the 28th.
    saturday = date(2006, 10, 28)
    nobody_works = replace(COACH, windows=(Window(2, 540, 780, "UTC"),))
    back = datetime(2006, 10, 29, 2, 31, tzinfo=UTC)

    def at_instant(now: datetime) -> str:
        return told(nobody_works, day=saturday, now=now, viewer="America/St_Johns")[0]

    assert at_instant(back - timedelta(seconds=30)) == "unavailable"
    assert at_instant(back + timedelta(minutes=58)) == "unavailable"
    assert at_instant(back + timedelta(minutes=59)) == "past"


def test_an_interval_falls_on_every_date_it_has_an_instant_of() -> None:
    month = local_month(2026, 3, zone("America/New_York"))

    assert month.dates_of(Interval(at(4), at(5))) == (date(2026, 3, 3),)
    assert month.dates_of(Interval(at(4), at(5.5))) == (date(2026, 3, 3), WEDNESDAY)
    assert month.dates_of(Interval(at(5), at(6))) == (WEDNESDAY,)


def test_an_interval_that_ends_within_a_second_of_midnight_falls_on_both_dates() -> None:
    month = local_month(2026, 3, zone("UTC"))
    over = Interval(at(23), at(24) + timedelta(microseconds=1))

    assert (WEDNESDAY, date(2026, 3, 5)) == month.dates_of(over)
    assert (WEDNESDAY,) == month.dates_of(Interval(at(23), at(24) - timedelta(microseconds=1)))


def test_an_interval_outside_the_month_falls_on_none_of_its_dates() -> None:
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
def test_a_holiday_is_on_each_date_of_the_viewer_that_any_instant_of_it_falls_on(
    home: str, viewer: str, expected: list[int]
) -> None:
    holiday = off(date(2026, 3, 10), date(2026, 3, 10))

    found = local_month(2026, 3, zone(viewer)).dates_off(holiday, zone(home))

    assert expected == [each.day for each in found]


def test_a_holiday_over_months_is_on_every_date_of_each() -> None:
    holiday = off(date(2026, 1, 31), date(2026, 4, 1))

    def count(month: int) -> int:
        return len(local_month(2026, month, zone("UTC")).dates_off(holiday, zone("UTC")))

    assert [1, 28, 31, 1, 0] == [count(month) for month in (1, 2, 3, 4, 5)]


def test_a_holiday_of_the_next_month_may_begin_in_this_one_elsewhere() -> None:
    first = off(date(2026, 4, 1), date(2026, 4, 1))

    found = local_month(2026, 3, zone("UTC")).dates_off(first, zone("Asia/Tokyo"))

    assert found == (date(2026, 3, 31),)


def test_a_summary_says_what_it_is_told() -> None:
    month = local_month(2026, 3, zone("UTC"))

    found = summaries(month, [COACH], HOURLY, now=LONG_AGO)

    assert DaySummary(WEDNESDAY, DayStatus.AVAILABLE, 4, 4) in found
