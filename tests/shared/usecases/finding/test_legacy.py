from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.holiday import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.finding.legacy import InstantStatus, Legacy, Reason
from tests.support import request_faults
from tests.support.platform import COACH, DAY, LEARNER, NOW, Platform, hours

TUESDAY = DAY.weekday()


def legacy(platform: Platform) -> Legacy:
    return Legacy(people=platform.people, participants=platform.participants, rules=platform.rules)


def at(
    platform: Platform, hour: float, role: Role = Role.COACH, user: str = "coach-1"
) -> InstantStatus:
    return legacy(platform).at(user, role, hours(hour).start)


def known_coach(**rules: Any) -> Platform:
    """Return a platform that knows the coach, without any settings."""
    platform = Platform(**rules)
    platform.people.save_profile(COACH.user_id, email=None, roles=COACH.roles)
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
def test_a_role_without_settings_of_a_known_user_has_the_default_windows(
    hour: float, reason: str
) -> None:
    assert free(reason) == at(known_coach(), hour)
    assert free(reason) == at(known_coach(), hour, Role.LEARNER)


def test_a_user_known_only_by_a_session_is_busy_then() -> None:
    platform = Platform()
    platform.book(start=10)

    reasons = [at(platform, 10, Role.LEARNER, LEARNER.user_id).reason]

    assert [Reason.BUSY] == reasons


def test_a_user_with_only_a_cancelled_session_is_unknown_again() -> None:
    platform = Platform()
    platform.book(start=10)
    platform.events.cancel(COACH, "s1", now=NOW)

    status = at(platform, 10, Role.LEARNER, LEARNER.user_id)

    assert free("outside_availability") == status


def test_windows_and_holidays_are_those_of_the_role() -> None:
    platform = Platform()
    for role, start in ((Role.COACH, 6), (Role.LEARNER, 20)):
        windows = (Window(TUESDAY, start * 60, start * 60 + 60, "UTC"),)
        platform.people.save_availability(
            "coach-1", RoleAvailability(role=role, zone="UTC", use_default=False, windows=windows)
        )
    platform.people.add_holiday(
        "coach-1",
        Holiday(id="h", name="Off", role=Role.LEARNER, first=DAY, last=DAY, created_at=NOW),
    )

    assert free("available") == at(platform, 6)
    assert free("outside_availability") == at(platform, 20)
    assert free("holiday") == at(platform, 20, Role.LEARNER)


def test_a_busy_calendar_entry_counts_and_a_free_one_does_not() -> None:
    platform = known_coach()
    platform.connect()
    platform.add_entry("c1", hours(10))
    platform.add_entry("c1", hours(12), busy=False)

    assert free("busy") == at(platform, 10)
    assert free("available") == at(platform, 12)


@pytest.mark.parametrize("allowed", [False, True])
def test_an_unreadable_calendar_is_free_only_if_the_organization_allows_it(
    allowed: bool,  # noqa: FBT001 - the setting is the point
) -> None:
    platform = known_coach(unverified_is_available=allowed)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    assert InstantStatus(available=allowed, reason=Reason.UNVERIFIED) == at(platform, 10)


def test_no_calendar_is_read_if_the_result_is_known_without_it() -> None:
    platform = known_coach()
    platform.book(start=10)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    assert free("busy") == at(platform, 10)
    assert free("outside_availability") == at(platform, 20)


def test_the_status_equals_that_of_a_slot_at_any_minute() -> None:
    platform = known_coach(
        length=timedelta(minutes=1), step=timedelta(minutes=1), buffer_after=timedelta(minutes=5)
    )
    platform.book(start=10)
    platform.connect()
    platform.add_entry("c1", hours(12, 0.25))
    slots = platform.slots.on(platform.query(learner_ids=()), now=NOW).slots
    expected = {each.interval.start: str(each.status) for each in slots}

    def reason(instant: datetime) -> str:
        return str(legacy(platform).at("coach-1", Role.COACH, instant).reason)

    assert expected == {start: reason(start) for start in expected}


def test_the_setup_of_an_unknown_user_is_not_started() -> None:
    setup = legacy(Platform()).setup("unknown", Role.COACH)

    assert (False, False) == (setup.has_connection, setup.has_availability)
