"""Windows, holidays, notice and buffers: binding for learners, warnings for others."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.booking_rules import BookingRules
from shared.domain.caller import Caller
from shared.domain.errors import OutsideAvailability, SlotTaken
from shared.domain.event import Owner
from shared.domain.role import Role
from shared.domain.warning import WarningCode
from shared.domain.week import Window
from shared.usecases.booking.conflicts import ConflictCheck
from shared.usecases.booking.views import EventView
from tests.support.platform import (
    ADMIN,
    COACH,
    COACH_2,
    DAY,
    LEARNER,
    NOW,
    SERVICE,
    Platform,
    draft,
    hours,
    moved,
)

MINUTE = timedelta(minutes=1)
BUFFERS = {"buffer_before": 10 * MINUTE, "buffer_after": 20 * MINUTE}


def with_windows() -> tuple[Platform, float]:
    return Platform(**BUFFERS), 16.5


def with_holiday() -> tuple[Platform, float]:
    platform = Platform(**BUFFERS)
    platform.holidays.add(COACH, name="Off", role=Role.COACH, first=DAY, last=DAY, now=NOW)
    return platform, 10


def with_session() -> tuple[Platform, float]:
    platform = Platform(**BUFFERS)
    platform.book("s0", 14, learner_ids=("x",))
    return platform, 15.25


def with_calendar() -> tuple[Platform, float]:
    platform = Platform(**BUFFERS)
    platform.connect("c1")
    platform.add_entry("c1", hours(11.25))
    return platform, 10


def with_notice() -> tuple[Platform, float]:
    return Platform(minimum_notice=timedelta(hours=26)), 9.5


BROKEN = [
    (with_windows, "OUTSIDE_WINDOWS"),
    (with_holiday, "HOLIDAY"),
    (with_session, "BUFFER"),
    (with_calendar, "BUFFER"),
    (with_notice, "NOTICE"),
]
"""Each returns a platform and an hour at which a session breaks one rule."""

Breaks = Callable[[], tuple[Platform, float]]


def book(platform: Platform, start: float, caller: Caller = LEARNER, **changes: Any) -> EventView:
    """Book a session of an hour, as a learner without approval."""
    is_learner = caller is LEARNER
    fields = {
        "owner": Owner.COACHEE if is_learner else Owner.COACH,
        "auto_approval": not is_learner,
        **changes,
    }
    return platform.events.create(caller, draft("s1", start, **fields), now=NOW)


def under(platform: Platform, rules: BookingRules) -> Platform:
    """Return the platform with these booking rules."""
    check = ConflictCheck(
        calendars=platform.calendars,
        participants=platform.participants,
        rules=platform.rules,
        booking_rules=rules,
    )
    platform.events = platform.events_with(check=check)
    return platform


@pytest.mark.parametrize("breaks", [breaks for breaks, _ in BROKEN])
def test_a_learner_cannot_book_against_a_rule_and_gets_alternatives(breaks: Breaks) -> None:
    platform, start = breaks()

    with pytest.raises(OutsideAvailability) as caught:
        book(platform, start)

    assert caught.value.code == "OUTSIDE_AVAILABILITY"
    assert len(caught.value.alternatives) == 5
    for each in caught.value.alternatives:
        hour = (each.start - hours(0).start) / timedelta(hours=1)
        again, _ = breaks()
        assert book(again, hour).warnings == ()


@pytest.mark.parametrize("caller", [COACH, ADMIN, SERVICE])
@pytest.mark.parametrize(("breaks", "code"), BROKEN)
def test_a_coach_or_an_admin_may_book_against_a_rule_and_is_warned(
    breaks: Breaks, code: str, caller: Caller
) -> None:
    platform, start = breaks()

    [warning] = book(platform, start, caller).warnings

    assert (warning.code, warning.user_id, warning.role) == (
        WarningCode(code),
        "coach-1",
        Role.COACH,
    )


@pytest.mark.parametrize("breaks", [breaks for breaks, _ in BROKEN])
def test_no_one_may_book_against_a_rule_that_binds_all(breaks: Breaks) -> None:
    for caller in (LEARNER, COACH, ADMIN):
        platform, start = breaks()
        with pytest.raises(OutsideAvailability):
            book(under(platform, BookingRules.ENFORCE_ALL), start, caller)


def test_an_admin_who_allows_conflicts_overrides_rules_that_bind_all() -> None:
    platform, start = with_holiday()

    view = book(under(platform, BookingRules.ENFORCE_ALL), start, ADMIN, allow_conflicts=True)

    assert [each.code for each in view.warnings] == ["HOLIDAY"]


@pytest.mark.parametrize(("breaks", "code"), BROKEN)
def test_rules_that_only_warn_bind_no_learner(breaks: Breaks, code: str) -> None:
    platform, start = breaks()

    view = book(under(platform, BookingRules.WARN), start)

    assert [each.code for each in view.warnings] == [code]


def test_a_busy_time_is_taken_rather_than_outside_availability() -> None:
    platform = Platform()
    platform.holidays.add(COACH, name="Off", role=Role.COACH, first=DAY, last=DAY, now=NOW)
    platform.book("s0", 20, learner_ids=("x",))

    with pytest.raises(SlotTaken):
        book(platform, 20)


def test_no_calendar_is_read_if_a_rule_is_broken_already() -> None:
    platform, start = with_holiday()
    platform.connect("c1")

    with pytest.raises(OutsideAvailability):
        book(platform, start)

    # The calendar is read only for the alternatives.
    assert platform.calendar.calls == [("entries", "c1")]


@pytest.mark.parametrize(("breaks", "code"), BROKEN)
def test_a_learners_move_follows_the_rules_too(breaks: Breaks, code: str) -> None:
    platform, start = breaks()
    book(platform, 24 + 10)
    change = moved(start)
    by_learner = replace(change, fields={**change.fields, "owner": Owner.COACHEE})

    with pytest.raises(OutsideAvailability):
        platform.events.update(LEARNER, by_learner, now=NOW)
    moved_by_coach = platform.events.update(
        COACH, replace(change, fields={**change.fields, "owner": Owner.COACHEE}), now=NOW
    )

    assert [each.code for each in moved_by_coach.warnings] == [code]


def test_a_learner_may_shorten_a_session_that_breaks_a_rule() -> None:
    platform, start = with_windows()
    book(platform, start, COACH)
    change = moved(start, length=0.5)
    by_learner = replace(change, fields={**change.fields, "owner": Owner.COACHEE})

    assert platform.events.update(LEARNER, by_learner, now=NOW).event.version == 2


def test_the_minimum_notice_is_about_a_new_start_only() -> None:
    platform = Platform(minimum_notice=timedelta(hours=26))
    book(platform, 10)
    longer = moved(10, length=1.5)
    by_learner = replace(longer, fields={**longer.fields, "owner": Owner.COACHEE})

    view = platform.events.update(LEARNER, by_learner, now=hours(9).start)

    assert view.event.interval == hours(10, 1.5)


@pytest.mark.parametrize(("breaks", "code"), BROKEN[:4])
def test_approval_is_not_bound_by_the_rules_and_warns(breaks: Breaks, code: str) -> None:
    platform, start = breaks()
    book(under(platform, BookingRules.WARN), start)
    under(platform, BookingRules.ENFORCE_ALL)

    view = platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)

    assert [each.code for each in view.warnings] == [code]


def test_approval_ignores_the_notice() -> None:
    platform = Platform(minimum_notice=timedelta(hours=1))
    book(platform, 9)

    view = platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=hours(8.5).start)

    assert view.warnings == ()


def test_the_learners_own_windows_do_not_bind_but_their_holidays_do() -> None:
    platform = Platform()
    platform.availability.replace(LEARNER, role=Role.LEARNER, zone="UTC", windows=(), now=NOW)
    assert book(platform, 9).created

    platform = Platform()
    platform.holidays.add(LEARNER, name="Off", role=Role.LEARNER, first=DAY, last=DAY, now=NOW)
    with pytest.raises(OutsideAvailability, match="Learner learner-1 is on holiday"):
        book(platform, 9)


def test_a_buffer_reaches_sessions_of_the_next_utc_day() -> None:
    platform = Platform(buffer_before=60 * MINUTE, buffer_after=60 * MINUTE)
    platform.availability.replace(
        COACH,
        role=Role.COACH,
        zone="UTC",
        windows=tuple(Window(day, 0, 1440, "UTC") for day in range(7)),
        now=NOW,
    )
    platform.book("s0", 24 + 1.5, learner_ids=("x",))

    with pytest.raises(OutsideAvailability):
        book(platform, 23)
    assert book(platform, 22.5).created


def test_every_warning_names_its_person() -> None:
    platform = Platform()
    platform.book("s0", 9, coach_ids=("coach-2",), learner_ids=("learner-2",), caller=COACH_2)
    platform.holidays.add(LEARNER, name="Off", role=Role.LEARNER, first=DAY, last=DAY, now=NOW)

    view = book(platform, 9, COACH, learner_ids=("learner-1", "learner-2"))

    assert [(each.code, each.user_id, each.role) for each in view.warnings] == [
        ("HOLIDAY", "learner-1", "Learner"),
        ("SESSION", "learner-2", "Learner"),
    ]
