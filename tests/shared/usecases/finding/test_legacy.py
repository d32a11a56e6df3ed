from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.holiday import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.finding.legacy import InstantStatus, Legacy, Reason
from tests.support import faults
from tests.support.platform import COACH, DAY, LEARNER, NOW, Platform, hours

TUESDAY = DAY.weekday()


def legacy(platform: Platform) -> Legacy:
    return Legacy(people=platform.people, consultation=platform.consultation, rules=platform.rules)


def at(
    platform: Platform, hour: float, role: Role = Role.COACH, user: str = "coach-1"
) -> InstantStatus:
    return legacy(platform).at(user, role, hours(hour).start)


def known(**rules: Any) -> Platform:
    """A platform on which the coach was seen, and set nothing."""
    platform = Platform(**rules)
    platform.people.remember(COACH.user_id, email=None, roles=COACH.roles)
    return platform


def free(reason: str) -> InstantStatus:
    return InstantStatus(available=reason == "available", reason=Reason(reason))


@pytest.mark.parametrize("hour", [0, 9, 12, 16.99, 23])
def test_a_user_nothing_is_kept_of_never_works(hour: float) -> None:
    assert free("outside_availability") == at(Platform(), hour)


@pytest.mark.parametrize(
    ("hour", "reason"),
    [(8.99, "outside_availability"), (9, "available"), (17, "outside_availability")],
)
def test_a_role_never_set_of_a_known_user_has_the_organizations_hours(
    hour: float, reason: str
) -> None:
    assert free(reason) == at(known(), hour)
    assert free(reason) == at(known(), hour, Role.LEARNER)


def test_a_user_known_by_a_session_only_is_busy_then() -> None:
    platform = Platform()
    platform.book(start=10)

    found = [at(platform, 10, Role.LEARNER, LEARNER.user_id).reason]

    assert [Reason.BUSY] == found


def test_a_user_whose_only_session_was_cancelled_is_unknown_again() -> None:
    platform = Platform()
    platform.book(start=10)
    platform.events.cancel(COACH, "s1", now=NOW)

    found = at(platform, 10, Role.LEARNER, LEARNER.user_id)

    assert free("outside_availability") == found


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


def test_a_calendar_entry_makes_busy_and_one_that_blocks_nothing_does_not() -> None:
    platform = known()
    platform.connect()
    platform.enter("c1", hours(10))
    platform.enter("c1", hours(12), busy=False)

    assert free("busy") == at(platform, 10)
    assert free("available") == at(platform, 12)


@pytest.mark.parametrize("allowed", [False, True])
def test_a_calendar_that_cannot_be_read_is_free_only_where_the_organization_says_so(
    allowed: bool,  # noqa: FBT001 - the setting is the point
) -> None:
    platform = known(unverified_is_available=allowed)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    assert InstantStatus(available=allowed, reason=Reason.UNVERIFIED) == at(platform, 10)


def test_no_calendar_is_asked_when_the_answer_is_known_without_it() -> None:
    platform = known()
    platform.book(start=10)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    assert free("busy") == at(platform, 10)
    assert free("outside_availability") == at(platform, 20)


def test_the_answer_is_that_of_a_slot_of_any_minute() -> None:
    platform = known(
        length=timedelta(minutes=1), step=timedelta(minutes=1), buffer_after=timedelta(minutes=5)
    )
    platform.book(start=10)
    platform.connect()
    platform.enter("c1", hours(12, 0.25))
    slots = platform.slots.on(platform.query(learner_ids=()), now=NOW).slots
    expected = {each.interval.start: str(each.status) for each in slots}

    def reason(instant: datetime) -> str:
        return str(legacy(platform).at("coach-1", Role.COACH, instant).reason)

    assert expected == {start: reason(start) for start in expected}


def test_setup_of_a_user_nothing_is_kept_of_has_not_begun() -> None:
    found = legacy(Platform()).setup("nobody", Role.COACH)

    assert (False, False) == (found.has_connection, found.has_availability)
