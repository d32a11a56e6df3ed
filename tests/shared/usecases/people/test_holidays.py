from datetime import date, timedelta

import pytest

from shared.domain.errors import Forbidden, InvalidRequest, NotFound, TooManyRequests
from shared.domain.limits import HOLIDAYS
from shared.domain.role import Role
from shared.usecases.people.holidays import HolidayAdded, Holidays
from tests.support.limit_counts import limits_of
from tests.support.platform import ADMIN, COACH, DAY, LEARNER, NOW, OFFICE, Platform, hours


def add(platform: Platform, first: date = DAY, last: date = DAY, name: str = "Off") -> HolidayAdded:
    """Add a holiday of the coach."""
    return platform.holidays.add(COACH, name=name, role=Role.COACH, first=first, last=last, now=NOW)


def test_holidays_are_listed_in_order_of_their_first_date() -> None:
    platform = Platform()
    later = add(platform, DAY + timedelta(days=7), DAY + timedelta(days=8)).holiday
    sooner = add(platform).holiday

    assert platform.holidays.of(COACH) == (sooner, later)


def test_a_holiday_lists_its_conflicting_sessions_and_does_not_change_them() -> None:
    platform = Platform()
    platform.book("after", 24 + 9)
    platform.book("second", 14)
    platform.book("first", 9)

    added = add(platform)

    assert added.conflicting_sessions == ("first", "second")
    assert platform.store.find("first")


def test_holiday_dates_are_in_the_zone_of_the_role() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Pacific/Kiritimati", now=NOW)
    platform.book("today there", 1)
    platform.book("tomorrow there", 10)

    assert add(platform).conflicting_sessions == ("today there",)


def test_an_all_day_session_before_the_first_date_counts_in_the_easternmost_zone() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Pacific/Kiritimati", now=NOW)
    platform.book("long", 47, end=hours(71).start)
    first = DAY + timedelta(days=3)

    assert add(platform, first, first).conflicting_sessions == ("long",)


def test_a_session_on_the_last_evening_counts_in_the_westernmost_zone() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Pacific/Pago_Pago", now=NOW)
    platform.book("evening", 33)

    assert add(platform).conflicting_sessions == ("evening",)


def test_a_session_that_runs_into_the_holiday_counts() -> None:
    platform = Platform()
    platform.book("overnight", -1, end=hours(0.5).start)

    assert add(platform).conflicting_sessions == ("overnight",)


def test_an_adjacent_session_does_not_conflict_with_the_holiday() -> None:
    platform = Platform()
    platform.book("before", -1)
    platform.book("after", 24)

    assert add(platform).conflicting_sessions == ()


def test_a_holiday_lasts_at_most_366_days() -> None:
    platform = Platform()

    longest = add(platform, DAY, DAY + timedelta(days=365)).holiday

    assert (longest.last - longest.first).days + 1 == 366
    with pytest.raises(InvalidRequest) as caught:
        add(platform, DAY, DAY + timedelta(days=366))
    assert [each.field for each in caught.value.problems] == ["endDate"]


def test_dates_out_of_order_are_rejected() -> None:
    with pytest.raises(InvalidRequest, match="Swap"):
        add(Platform(), DAY, DAY - timedelta(days=1))


def test_a_role_that_the_token_lacks_has_no_holidays() -> None:
    platform = Platform()

    with pytest.raises(Forbidden):
        platform.holidays.add(COACH, name="Off", role=Role.LEARNER, first=DAY, last=DAY, now=NOW)

    assert platform.holidays.of(COACH) == ()


def test_only_its_owner_can_delete_a_holiday() -> None:
    platform = Platform()
    holiday = add(platform).holiday

    with pytest.raises(NotFound):
        platform.holidays.remove(LEARNER, holiday.id)
    platform.holidays.remove(COACH, holiday.id)

    assert platform.holidays.of(COACH) == ()
    with pytest.raises(NotFound):
        platform.holidays.remove(COACH, holiday.id)


def test_two_equal_holidays_are_both_stored() -> None:
    platform = Platform()

    one, other = add(platform).holiday, add(platform).holiday

    assert one.id != other.id


def test_a_user_may_have_only_so_many_holidays() -> None:
    platform = Platform()
    limits = limits_of({HOLIDAYS: 2})
    platform.holidays = Holidays(people=platform.people, organization=OFFICE, limits=limits)
    first = add(platform).holiday
    add(platform)

    with pytest.raises(TooManyRequests, match="at most 2 holidays"):
        add(platform)

    platform.holidays.remove(COACH, first.id)
    add(platform)


def test_an_admin_adds_and_removes_a_holiday_of_another_user() -> None:
    platform = Platform()
    acting = ADMIN.acting_for(COACH.user_id)

    added = platform.holidays.add(
        acting, name="Off", role=Role.COACH, first=DAY, last=DAY, now=NOW
    ).holiday

    assert added.created_by == ADMIN.user_id
    assert platform.holidays.of(COACH) == (added,)
    platform.holidays.remove(acting, added.id)
    assert platform.holidays.of(COACH) == ()
