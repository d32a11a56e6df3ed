from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import InvalidRequest, NotFound
from shared.domain.event import EventStatus
from shared.domain.event_change import EventChange
from shared.domain.person import Holiday
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.finding.months import MonthDay, MonthQuery, Months, MonthView
from shared.usecases.finding.queries import Basis
from tests.support import request_faults
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    OFFICE,
    SERVICE,
    STRANGER,
    Platform,
    hours,
)


def query(**changes: Any) -> MonthQuery:
    fields: dict[str, Any] = {
        "year": DAY.year,
        "month": DAY.month,
        "role": Role.COACH,
        "coach_ids": (COACH.user_id,),
        "learner_ids": (LEARNER.user_id,),
    }
    return MonthQuery(**{**fields, **changes})


def month(platform: Platform, caller: Caller = COACH, **changes: Any) -> MonthView:
    months = Months(
        participants=platform.participants,
        events=platform.store,
        policy=Policy(PolicySettings()),
        organization=OFFICE,
        rules=platform.rules,
    )
    return months.of(caller, query(**changes), now=NOW)


def on(view: MonthView, day: date = DAY) -> MonthDay:
    return next(each for each in view.days if each.summary.day == day)


def titles(view: MonthView, day: date = DAY) -> list[str]:
    return [each.title for each in on(view, day).sessions]


def take_off(platform: Platform, user: str, name: str, role: Role, day: date = DAY) -> None:
    off = Holiday(id=name, name=name, role=role, first=day, last=day, created_at=NOW)
    platform.people.add_holiday(user, off)


def works_all_week(platform: Platform, user: str, role: Role, where: str) -> None:
    windows = tuple(Window(n, 0, 1440, where) for n in range(7))
    availability = RoleAvailability(role=role, zone=where, use_default=False, windows=windows)
    platform.people.save_availability(user, availability)


def busy_platform() -> Platform:
    """Return two people in distant zones with sessions, a calendar and a holiday."""
    platform = Platform()
    works_all_week(platform, COACH.user_id, Role.COACH, "Pacific/Auckland")
    works_all_week(platform, LEARNER.user_id, Role.LEARNER, "America/New_York")
    platform.connect()
    for n in range(-3, 10):
        platform.add_entry("c1", hours(5 * n, 3, day=DAY + timedelta(days=n)))
    platform.book("s1", 9)
    platform.book("s2", 23.5)
    take_off(platform, COACH.user_id, "Off", Role.COACH, DAY + timedelta(days=3))
    return platform


@pytest.mark.parametrize(
    "changes", [{}, {"role": Role.LEARNER}, {"zone": "Asia/Kolkata"}, {"learner_ids": ()}]
)
def test_each_day_counts_exactly_the_slots_of_a_slot_query(changes: dict[str, Any]) -> None:
    platform = busy_platform()

    view = month(platform, **changes)

    assert {"available", "limited", "past"} <= {each.summary.status.value for each in view.days}
    for each in view.days:
        result = platform.find_slots(day=each.summary.day, **changes)
        assert (result.zone, result.basis, result.rules) == (view.zone, view.basis, view.rules)
        assert len(result.slots) == each.summary.total_slots
        assert sum(slot.available for slot in result.slots) == each.summary.available_slots


def test_each_calendar_is_read_once_for_the_whole_month() -> None:
    platform = Platform()
    platform.connect()
    platform.connect("l1", LEARNER.user_id)

    view = month(platform, ADMIN)

    assert sorted(platform.calendar.calls) == [("entries", "c1"), ("entries", "l1")]
    assert [each.connection_id for each in view.sources] == ["c1", "l1"]


def test_an_unreadable_calendar_makes_the_days_unverified() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    summary = on(month(platform)).summary

    assert (summary.status, summary.total_slots, summary.available_slots) == ("unverified", 15, 0)


def test_the_counted_slots_have_the_requested_length() -> None:
    view = month(Platform(), length=timedelta(hours=8))

    assert view.rules.length == timedelta(hours=8)
    assert on(view).summary.total_slots == 1


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (COACH, ("Hike", "Holiday")),
        (LEARNER, ("Holiday", "Wedding")),
        (ADMIN, ("Hike", "Wedding")),
        (SERVICE, ("Holiday",)),
    ],
)
def test_only_its_owner_and_an_admin_see_the_name_of_a_holiday(
    caller: Caller, expected: tuple[str, ...]
) -> None:
    platform = Platform()
    take_off(platform, COACH.user_id, "Hike", Role.COACH)
    take_off(platform, LEARNER.user_id, "Wedding", Role.LEARNER)

    view = month(platform, caller)

    assert expected == on(view).holidays
    assert on(view).summary.status == "holiday"
    assert on(view, DAY + timedelta(days=1)).holidays == ()


def test_a_stranger_sees_a_coachs_holiday_without_its_name() -> None:
    platform = Platform()
    take_off(platform, COACH.user_id, "Hike", Role.COACH)

    view = month(platform, STRANGER, learner_ids=())

    assert on(view).holidays == ("Holiday",)


def test_a_holiday_shows_only_for_the_role_of_the_query() -> None:
    platform = Platform()
    take_off(platform, COACH.user_id, "Hike", Role.LEARNER)

    assert on(month(platform)).holidays == ()


def test_a_holiday_shows_on_the_dates_of_the_viewer_zone() -> None:
    platform = Platform()
    works_all_week(platform, COACH.user_id, Role.COACH, "Pacific/Auckland")
    take_off(platform, COACH.user_id, "Hike", Role.COACH)

    view = month(platform, zone="UTC")

    shown = [each.summary.day for each in view.days if each.holidays]
    assert [DAY - timedelta(days=1), DAY] == shown


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (COACH, ["Coaching", "With another"]),
        (LEARNER, ["Coaching"]),
        (ADMIN, ["Coaching", "With another"]),
        (SERVICE, ["Coaching", "With another"]),
        (Caller(user_id="learner-2"), ["With another"]),
        (STRANGER, []),
    ],
)
def test_sessions_are_shown_to_their_participants_and_admins(
    caller: Caller, expected: list[str]
) -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 12, learner_ids=("learner-2",), title="With another")

    view = month(platform, caller, learner_ids=())

    assert expected == titles(view)
    assert 15 == on(view).summary.total_slots
    assert [] == titles(view, DAY + timedelta(days=1))


def test_a_session_is_on_every_date_of_the_viewer_zone_that_it_overlaps() -> None:
    platform = Platform()
    last_of_november, first, second = date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 2)
    platform.book("s1", 24 * 6 + 23, title="Late")
    platform.book("s2", 24 * 7 + 23.5, title="Night")

    view = month(platform, month=12)
    ahead = month(platform, month=12, zone="Etc/GMT-1")

    assert (titles(view, first), titles(view, second)) == (["Night"], ["Night"])
    assert (titles(ahead, first), titles(ahead, second)) == (["Late"], ["Night"])
    assert titles(month(platform), last_of_november) == ["Late"]


def test_sessions_are_in_order_of_start() -> None:
    platform = Platform()
    for name, start in (("late", 15), ("early", 9), ("noon", 12)):
        platform.book(name, start, title=name)

    assert titles(month(platform)) == ["early", "noon", "late"]


def test_a_cancelled_session_is_not_shown_and_a_renamed_one_has_its_new_name() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 12)
    platform.events.cancel(COACH, "s1", now=NOW)
    platform.events.update(COACH, EventChange(session_id="s2", fields={"title": "Second"}), now=NOW)

    assert titles(month(platform)) == ["Second"]


@pytest.mark.parametrize(
    ("caller", "expected"), [(COACH, ["Coaching"]), (STRANGER, []), (ADMIN, ["Coaching"])]
)
def test_headings_missing_in_old_agendas_are_looked_up(caller: Caller, expected: list[str]) -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 12)
    for key, day in platform.memory.agendas.items():
        platform.memory.agendas[key] = replace(day, headings={})
    # The agenda still holds a cancelled session if its holds are not released yet.
    cancelled = replace(platform.memory.events["s2"], status=EventStatus.CANCELLED)
    platform.memory.events["s2"] = cancelled

    view = month(platform, caller, learner_ids=())

    assert expected == titles(view)


def test_a_session_is_shown_with_its_status() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 12, auto_approval=False)

    assert [each.status for each in on(month(platform)).sessions] == [
        EventStatus.SCHEDULED,
        EventStatus.PENDING_APPROVAL,
    ]


def test_the_time_of_a_session_to_move_counts_as_free_and_is_still_listed() -> None:
    platform = Platform()
    platform.book("s1", 9)

    before, moving = month(platform), month(platform, session_id="s1", reschedule=True)

    more = on(moving).summary.available_slots - on(before).summary.available_slots
    assert (more > 0, titles(moving)) == (True, ["Coaching"])
    assert month(platform, session_id="s1") == before


def test_a_month_for_moving_a_session_needs_one_that_the_caller_may_see() -> None:
    platform = Platform()
    platform.book("s1", 9, coach_ids=("coach-2",), learner_ids=("l2",), caller=ADMIN)

    for session_id in ("s1", "unknown"):
        with pytest.raises(NotFound, match="that you take part in"):
            month(platform, session_id=session_id, reschedule=True)
    with pytest.raises(InvalidRequest, match="Name the session"):
        month(platform, reschedule=True)


def test_of_several_coaches_and_learners_none_is_consulted_but_all_are_shown() -> None:
    platform = Platform()
    platform.book("s1", 9)
    take_off(platform, "coach-2", "Hike", Role.COACH)
    many = {"coach_ids": (COACH.user_id, "coach-2"), "learner_ids": ("l1", "l2")}

    view = month(platform, ADMIN, **many)

    assert view.basis is Basis.DEFAULT
    assert (on(view).summary.status, on(view).summary.available_slots) == ("available", 15)
    assert (titles(view), on(view).holidays) == (["Coaching"], ("Hike",))


@pytest.mark.parametrize(
    ("role", "named", "field"),
    [
        (Role.COACH, {"learner_ids": ("l",)}, "coachId"),
        (Role.LEARNER, {"coach_ids": ("c",)}, "learnerId"),
        (Role.ADMIN, {}, "coachId"),
    ],
)
def test_the_role_of_the_query_requires_an_id(
    role: Role, named: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        MonthQuery(year=2026, month=11, role=role, **named).check_role_is_named()

    assert [each.field for each in caught.value.problems] == [field]


@pytest.mark.parametrize(
    ("role", "named"),
    [
        (Role.COACH, {"coach_ids": ("c",)}),
        (Role.LEARNER, {"learner_ids": ("l",)}),
        (Role.ADMIN, {"coach_ids": ("c",)}),
        (Role.ADMIN, {"learner_ids": ("l",)}),
    ],
)
def test_one_id_is_enough_for_a_role(role: Role, named: dict[str, Any]) -> None:
    month_query = MonthQuery(year=2026, month=11, role=role, **named)

    month_query.check_role_is_named()

    assert len(month_query.consulted) == 1


def test_a_query_names_at_most_fifty_people() -> None:
    ids = tuple(f"u{n}" for n in range(49))
    query(coach_ids=ids).check()

    with pytest.raises(InvalidRequest, match="at most 50"):
        query(coach_ids=(*ids, "u49")).check()
