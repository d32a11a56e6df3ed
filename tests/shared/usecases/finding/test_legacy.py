from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.finding.legacy import InstantStatus, Legacy, Reason
from tests.support import request_faults
from tests.support.platform import COACH, DAY, NOW, Platform, hours

TUESDAY = DAY.weekday()


def legacy(platform: Platform) -> Legacy:
    return Legacy(people=platform.people, participants=platform.participants, rules=platform.rules)


def at(
    platform: Platform, hour: float, role: Role = Role.COACH, user: str = "coach-1"
) -> InstantStatus:
    return legacy(platform).at(user, role, hours(hour).start, now=NOW)


def default_windows(platform: Platform, user: str, role: Role) -> None:
    """Let the user choose the default windows for a role."""
    chosen = RoleAvailability(role=role, zone="UTC", use_default=True, windows=())
    platform.people.save_availability(user, chosen)


def working_coach(**rules: Any) -> Platform:
    """Return a platform on which the coach has chosen the default windows."""
    platform = Platform(**rules)
    default_windows(platform, COACH.user_id, Role.COACH)
    return platform


def free(reason: str) -> InstantStatus:
    return InstantStatus(available=reason == "available", reason=Reason(reason))


@pytest.mark.parametrize("hour", [0, 9, 12, 16.99, 23])
def test_an_unknown_user_is_never_available(hour: float) -> None:
    assert free("outside_availability") == at(Platform(), hour)


@pytest.mark.parametrize(
    ("hour", "reason"),
    [(8.99, "outside_availability"), (9, "available"), (17, "outside_availability")],
)
def test_a_user_who_chose_the_default_windows_is_available_in_them(
    hour: float, reason: str
) -> None:
    assert free(reason) == at(working_coach(), hour)


def test_availability_counts_for_its_role_only() -> None:
    assert free("outside_availability") == at(working_coach(), 12, Role.LEARNER)


def with_profile(platform: Platform) -> None:
    platform.people.save_profile(COACH.user_id, email="c@example.org", roles=COACH.roles)


def with_zone(platform: Platform) -> None:
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)


def with_holiday(platform: Platform) -> None:
    off = Holiday(id="h", name="Off", role=Role.COACH, first=DAY, last=DAY, created_at=NOW)
    platform.people.add_holiday(COACH.user_id, off)


def with_session(platform: Platform) -> None:
    platform.book(start=10)


def with_cancelled_session(platform: Platform) -> None:
    platform.book(start=10)
    platform.events.cancel(COACH, "s1", now=NOW)


def with_unreadable_calendar(platform: Platform) -> None:
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)


@pytest.mark.parametrize("hour", [0, 9, 10, 12, 16.99, 23])
@pytest.mark.parametrize(
    "known_by",
    [
        with_profile,
        with_zone,
        with_holiday,
        with_session,
        with_cancelled_session,
        with_unreadable_calendar,
    ],
)
def test_a_user_without_availability_looks_like_an_unknown_one(
    known_by: Callable[[Platform], None], hour: float
) -> None:
    platform = Platform()
    known_by(platform)

    assert at(Platform(), hour) == at(platform, hour)
    assert platform.calendar.calls == []


@pytest.mark.parametrize("days", [-400, -1, 4, 5, 365])
def test_a_user_without_availability_is_never_available_on_any_date(days: int) -> None:
    platform = Platform(unverified_is_available=True)
    platform.book(start=10)

    reasons = {at(platform, days * 24 + hour, role) for role in Role for hour in range(24)}

    assert reasons == {free("outside_availability")}


def test_windows_and_holidays_are_those_of_the_role_and_a_holiday_is_not_named() -> None:
    platform = Platform()
    for role, start in ((Role.COACH, 6), (Role.LEARNER, 20)):
        windows = (Window(TUESDAY, start * 60, start * 60 + 60, "UTC"),)
        platform.people.save_availability(
            "coach-1", RoleAvailability(role=role, zone="UTC", use_default=False, windows=windows)
        )
    before = at(platform, 20, Role.LEARNER)
    platform.people.add_holiday(
        "coach-1",
        Holiday(id="h", name="Off", role=Role.LEARNER, first=DAY, last=DAY, created_at=NOW),
    )

    assert free("available") == before == at(platform, 6)
    assert free("outside_availability") == at(platform, 20)
    assert free("outside_availability") == at(platform, 20, Role.LEARNER)


def test_a_busy_calendar_entry_counts_and_a_free_one_does_not() -> None:
    platform = working_coach()
    platform.connect()
    platform.add_entry("c1", hours(10))
    platform.add_entry("c1", hours(12), busy=False)

    assert free("busy") == at(platform, 10)
    assert free("available") == at(platform, 12)


@pytest.mark.parametrize("allowed", [False, True])
def test_an_unreadable_calendar_is_free_only_if_the_organization_allows_it(
    allowed: bool,  # noqa: FBT001 - the setting is the point
) -> None:
    platform = working_coach(unverified_is_available=allowed)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    assert InstantStatus(available=allowed, reason=Reason.UNVERIFIED) == at(platform, 10)


def test_no_calendar_is_read_if_the_result_is_known_without_it() -> None:
    platform = working_coach()
    platform.book(start=10)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    assert free("busy") == at(platform, 10)
    assert free("outside_availability") == at(platform, 20)


def test_the_status_equals_that_of_a_slot_at_any_minute() -> None:
    platform = working_coach(
        length=timedelta(minutes=1), step=timedelta(minutes=1), buffer_after=timedelta(minutes=5)
    )
    platform.book(start=10)
    platform.connect()
    platform.add_entry("c1", hours(12, 0.25))
    slots = platform.find_slots(learner_ids=()).slots
    expected = {each.interval.start: str(each.status) for each in slots}

    def reason(instant: datetime) -> str:
        return str(legacy(platform).at("coach-1", Role.COACH, instant, now=NOW).reason)

    assert expected == {start: reason(start) for start in expected}


def test_the_setup_of_an_unknown_user_is_not_started() -> None:
    setup = legacy(Platform()).setup("unknown", Role.COACH)

    assert (False, False) == (setup.has_connection, setup.has_availability)
