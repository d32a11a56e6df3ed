import threading
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.errors import InvalidRequest
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.finding.calendars import SourceState
from shared.usecases.finding.queries import Basis
from tests.support import request_faults
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    SHORT_DEADLINE,
    Platform,
    hours,
)


def test_all_slots_of_an_empty_day_are_available() -> None:
    statuses = Platform().statuses()

    assert set(statuses.values()) == {"available"}
    assert (min(statuses), max(statuses), len(statuses)) == ("09:00", "16:00", 15)


def test_slots_that_overlap_a_calendar_entry_of_either_person_are_busy() -> None:
    platform = Platform()
    platform.connect("l1", LEARNER.user_id)
    platform.add_entry("l1", hours(10))

    statuses = platform.statuses()

    assert [t for t, s in statuses.items() if s == "busy"] == ["09:30", "10:00", "10:30"]


def test_an_unreadable_calendar_makes_every_slot_unverified_and_is_reported() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    result = platform.find_slots()

    assert {("unverified", False)} == {(str(each.status), each.available) for each in result.slots}
    assert [(e.connection_id, e.state) for e in result.sources] == [("c1", SourceState.UNAVAILABLE)]


def test_taken_slots_are_busy_even_if_another_calendar_is_unreadable() -> None:
    platform = Platform()
    platform.book(start=10)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    statuses = platform.statuses()

    assert (statuses["10:00"], statuses["12:00"]) == ("busy", "unverified")


def test_unverified_slots_are_available_if_the_organization_allows_it() -> None:
    platform = Platform(unverified_is_available=True)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    result = platform.find_slots()

    assert {("unverified", True)} == {(str(each.status), each.available) for each in result.slots}


def test_a_hanging_calendar_does_not_hide_busy_times_of_other_calendars() -> None:
    platform, released = Platform(deadline=SHORT_DEADLINE), threading.Event()
    platform.connect()
    platform.connect("l1", LEARNER.user_id)
    platform.add_entry("l1", hours(10))
    platform.calendar.fail("c1", request_faults.blocked_until(released))

    statuses = platform.statuses()
    released.set()

    assert (statuses["10:00"], statuses["12:00"]) == ("busy", "unverified")


def test_a_reschedule_frees_only_the_time_of_that_session() -> None:
    platform = Platform()
    platform.book("s1", 10)
    platform.book("s2", 12)

    statuses = platform.statuses(session_id="s1", reschedule=True)

    assert (statuses["10:00"], statuses["12:00"]) == ("available", "busy")


def test_a_reschedule_frees_no_other_session_at_the_same_time() -> None:
    platform = Platform()
    platform.connect()
    platform.book("s1", 10)
    platform.add_entry("c1", hours(10))

    statuses = platform.statuses(session_id="s1", reschedule=True)

    assert statuses["10:00"] == "busy"


def test_a_session_id_without_reschedule_frees_nothing() -> None:
    platform = Platform()
    platform.book("s1", 10)

    assert platform.statuses(session_id="s1")["10:00"] == "busy"


def test_a_reschedule_without_a_session_id_is_rejected() -> None:
    platform = Platform()

    with pytest.raises(InvalidRequest) as caught:
        platform.find_slots(reschedule=True)

    assert [each.field for each in caught.value.problems] == ["sessionId"]


def test_a_copy_of_a_session_does_not_count_as_busy() -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", hours(10), copy_of="a session that has moved")

    assert platform.statuses()["10:00"] == "available"


def test_a_holiday_applies_to_its_role_only() -> None:
    platform = Platform()
    off = Holiday(id="h", name="Off", role=Role.LEARNER, first=DAY, last=DAY, created_at=NOW)
    platform.people.add_holiday(COACH.user_id, off)
    before = set(platform.statuses().values())
    platform.people.add_holiday(LEARNER.user_id, off)

    assert before == {"available"}
    assert set(platform.statuses().values()) == {"holiday"}


def test_without_consulted_participants_the_default_windows_are_free() -> None:
    platform = Platform()

    result = platform.find_slots(ADMIN, coach_ids=("c1", "c2"), learner_ids=("l1", "l2"))

    assert (result.basis, result.zone, len(result.slots)) == (Basis.DEFAULT, "UTC", 15)
    assert result.sources == ()


@pytest.mark.parametrize(
    ("coaches", "learners", "basis"),
    [
        (("coach-1",), ("learner-1",), Basis.INTERSECTION),
        (("coach-1",), (), Basis.COACH),
        (("coach-1",), ("l1", "l2"), Basis.COACH),
        ((), ("learner-1",), Basis.LEARNER),
        (("c1", "c2"), ("l1", "l2"), Basis.DEFAULT),
    ],
)
def test_the_result_has_the_basis_of_the_windows(
    coaches: tuple[str, ...], learners: tuple[str, ...], basis: Basis
) -> None:
    platform = Platform()

    result = platform.find_slots(ADMIN, coach_ids=coaches, learner_ids=learners)

    assert result.basis is basis


@pytest.mark.parametrize(
    ("role", "requested", "zone"),
    [
        (Role.COACH, None, "Asia/Kolkata"),
        (Role.LEARNER, None, "America/New_York"),
        (Role.ADMIN, None, "UTC"),
        (Role.COACH, "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_the_day_is_in_the_requested_zone_or_that_of_the_person_in_the_role(
    role: Role, requested: str | None, zone: str
) -> None:
    platform = Platform()
    for user, where, set_as in (
        (COACH.user_id, "Asia/Kolkata", Role.COACH),
        (LEARNER.user_id, "America/New_York", Role.LEARNER),
    ):
        windows = tuple(Window(n, 0, 1440, where) for n in range(7))
        set_zone = RoleAvailability(role=set_as, zone=where, use_default=False, windows=windows)
        platform.people.save_availability(user, set_zone)

    result = platform.find_slots(role=role, zone=requested)

    assert result.zone == zone
    assert {DAY} == {each.local_start.date() for each in result.slots}
    assert len(result.slots) == 48


def test_slots_have_the_requested_length() -> None:
    result = Platform().find_slots(length=timedelta(hours=2))

    assert {timedelta(hours=2)} == {each.interval.length for each in result.slots}
    assert result.rules.length == timedelta(hours=2)


def test_each_person_costs_two_reads_and_each_calendar_one_request() -> None:
    platform = Platform()
    platform.connect()
    reads: list[str] = []

    class Counted:
        def person(self, user_id: str) -> Any:
            reads.append(f"person {user_id}")
            return platform.people.person(user_id)

        def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
            reads.append(f"agenda {user_id}")
            return platform.people.agenda(user_id, first, last)

    platform.participants._people = Counted()  # type: ignore[assignment]  # only the methods used here
    platform.statuses()

    assert len(reads) == 4
    assert platform.calendar.calls == [("entries", "c1")]


def test_available_slots_are_counted() -> None:
    platform = Platform()
    platform.book(start=10)
    platform.connect()

    platform.find_slots()

    counts = platform.meter.counts
    assert (12, 1) == (counts["SlotsOffered",], counts["CalendarReads", "apple", "ok"])


def test_a_repeated_booking_is_counted_once_by_status() -> None:
    platform = Platform()
    for _ in range(2):
        platform.book(start=10)

    assert {("SessionsBooked", "SCHEDULED"): 1} == platform.meter.counts
