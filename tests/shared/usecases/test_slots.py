import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.agenda import AgendaDay
from shared.domain.errors import InvalidRequest, SlotTaken
from shared.domain.event import Owner
from shared.domain.holiday import Holiday
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from shared.usecases.calendars import SourceState
from shared.usecases.slots import Basis
from tests.support import faults
from tests.support.platform import ADMIN, COACH, DAY, LEARNER, NOW, Platform, draft, hours


def test_a_day_without_anything_in_it_is_all_available() -> None:
    statuses = Platform().statuses()

    assert set(statuses.values()) == {"available"}
    assert (min(statuses), max(statuses), len(statuses)) == ("09:00", "16:00", 15)


def test_a_calendar_entry_of_either_person_makes_busy_what_overlaps_it() -> None:
    platform = Platform()
    platform.connect("l1", LEARNER.user_id)
    platform.enter("l1", hours(10))

    statuses = platform.statuses()

    assert [t for t, s in statuses.items() if s == "busy"] == ["09:30", "10:00", "10:30"]


def test_a_calendar_that_cannot_be_read_leaves_every_slot_unverified_and_is_named() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    found = platform.slots.on(platform.query(), now=NOW)

    assert {("unverified", False)} == {(str(each.status), each.available) for each in found.slots}
    assert [(e.connection_id, e.state) for e in found.sources] == [("c1", SourceState.UNAVAILABLE)]


def test_what_is_known_to_be_taken_is_busy_even_when_a_calendar_cannot_be_read() -> None:
    platform = Platform()
    platform.book(start=10)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    statuses = platform.statuses()

    assert (statuses["10:00"], statuses["12:00"]) == ("busy", "unverified")


def test_unverified_slots_are_available_where_the_organization_allows_it() -> None:
    platform = Platform(unverified_is_available=True)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    found = platform.slots.on(platform.query(), now=NOW)

    assert {("unverified", True)} == {(str(each.status), each.available) for each in found.slots}


def test_a_calendar_that_hangs_leaves_the_others_busy_times_in_the_answer() -> None:
    platform, released = Platform(), threading.Event()
    platform.connect()
    platform.connect("l1", LEARNER.user_id)
    platform.enter("l1", hours(10))
    platform.calendar.fail("c1", faults.held_until(released))

    statuses = platform.statuses()
    released.set()

    assert (statuses["10:00"], statuses["12:00"]) == ("busy", "unverified")


def test_reschedule_leaves_out_exactly_that_session() -> None:
    platform = Platform()
    platform.book("s1", 10)
    platform.book("s2", 12)

    statuses = platform.statuses(session_id="s1", reschedule=True)

    assert (statuses["10:00"], statuses["12:00"]) == ("available", "busy")


def test_reschedule_frees_nothing_else_at_the_same_time() -> None:
    platform = Platform()
    platform.connect()
    platform.book("s1", 10)
    platform.enter("c1", hours(10))

    statuses = platform.statuses(session_id="s1", reschedule=True)

    assert statuses["10:00"] == "busy"


def test_a_session_named_without_reschedule_is_still_in_the_way() -> None:
    platform = Platform()
    platform.book("s1", 10)

    assert platform.statuses(session_id="s1")["10:00"] == "busy"


def test_reschedule_without_a_session_says_what_is_missing() -> None:
    platform = Platform()

    with pytest.raises(InvalidRequest) as caught:
        platform.slots.on(platform.query(reschedule=True), now=NOW)

    assert [each.field for each in caught.value.problems] == ["sessionId"]


def test_a_copy_of_a_session_is_not_busy_on_its_own() -> None:
    platform = Platform()
    platform.connect()
    platform.enter("c1", hours(10), copy_of="a session moved elsewhere since")

    assert platform.statuses()["10:00"] == "available"


def test_a_holiday_counts_in_the_role_it_was_entered_for() -> None:
    platform = Platform()
    off = Holiday(id="h", name="Off", role=Role.LEARNER, first=DAY, last=DAY, created_at=NOW)
    platform.people.add_holiday(COACH.user_id, off)
    before = set(platform.statuses().values())
    platform.people.add_holiday(LEARNER.user_id, off)

    assert before == {"available"}
    assert set(platform.statuses().values()) == {"holiday"}


def test_with_nobody_consulted_the_default_windows_are_free() -> None:
    platform = Platform()

    found = platform.slots.on(platform.query(coach_ids=(), learner_ids=()), now=NOW)

    assert (found.basis, found.zone, len(found.slots)) == (Basis.DEFAULT, "UTC", 15)
    assert found.sources == ()


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
def test_the_answer_says_whose_windows_decided(
    coaches: tuple[str, ...], learners: tuple[str, ...], basis: Basis
) -> None:
    platform = Platform()

    found = platform.slots.on(platform.query(coach_ids=coaches, learner_ids=learners), now=NOW)

    assert found.basis is basis


@pytest.mark.parametrize(
    ("role", "asked", "zone"),
    [
        (Role.COACH, None, "Asia/Kolkata"),
        (Role.LEARNER, None, "America/New_York"),
        (Role.ADMIN, None, "UTC"),
        (Role.COACH, "Europe/Berlin", "Europe/Berlin"),
    ],
)
def test_the_day_is_one_of_the_zone_asked_for_or_of_the_person_in_that_role(
    role: Role, asked: str | None, zone: str
) -> None:
    platform = Platform()
    for user, where, set_as in (
        (COACH.user_id, "Asia/Kolkata", Role.COACH),
        (LEARNER.user_id, "America/New_York", Role.LEARNER),
    ):
        windows = tuple(Window(n, 0, 1440, where) for n in range(7))
        set_zone = RoleAvailability(role=set_as, zone=where, use_default=False, windows=windows)
        platform.people.save_availability(user, set_zone)

    found = platform.slots.on(platform.query(role=role, zone=asked), now=NOW)

    assert found.zone == zone
    assert {DAY} == {each.local_start.date() for each in found.slots}
    assert len(found.slots) == 48


def test_a_length_asked_for_is_that_of_the_slots() -> None:
    found = Platform().slots.on(Platform().query(length=timedelta(hours=2)), now=NOW)

    assert {timedelta(hours=2)} == {each.interval.length for each in found.slots}
    assert found.rules.length == timedelta(hours=2)


def test_a_person_costs_two_reads_and_a_calendar_one_request() -> None:
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

    platform.consultation._people = Counted()  # type: ignore[assignment]  # only what is asked here
    platform.statuses()

    assert len(reads) == 4
    assert platform.calendar.calls == [("entries", "c1")]


_TIMES = st.lists(
    st.tuples(
        st.sampled_from(["c1", "l1", "sessions"]),
        st.integers(8 * 4, 18 * 4).map(lambda quarter: quarter / 4),
        st.sampled_from([0.25, 0.5, 1, 3]),
    ),
    max_size=6,
)


def _filled(times: list[tuple[str, float, float]]) -> Platform:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    for number, (where, start, length) in enumerate(times):
        if where == "sessions":
            busy = draft(f"busy-{number}", start, length, owner=Owner.COACH, allow_conflicts=True)
            platform.events.create(ADMIN, busy, now=datetime(2026, 11, 1, tzinfo=UTC))
        else:
            platform.enter(where, hours(start, length))
    return platform


def _asked(slot: Interval) -> Any:
    return draft("wanted", start=(slot.start - hours(0).start) / timedelta(hours=1))


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(_TIMES, st.randoms(use_true_random=False))
def test_every_slot_listed_as_available_can_be_booked(times: Any, random: Any) -> None:
    platform = _filled(times)
    found = platform.slots.on(platform.query(), now=NOW)
    available = [each for each in found.slots if each.available]
    assume(available)
    slot = random.choice(available)

    view = platform.events.create(COACH, _asked(slot.interval), now=NOW)
    after = platform.slots.on(platform.query(), now=NOW)

    assert view.created
    assert view.event.interval == slot.interval
    assert {"busy"} == {
        str(each.status) for each in after.slots if each.interval.overlaps(slot.interval)
    }


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(_TIMES, st.randoms(use_true_random=False))
def test_no_slot_listed_as_busy_can_be_booked(times: Any, random: Any) -> None:
    platform = _filled(times)
    found = platform.slots.on(platform.query(), now=NOW)
    busy = [each for each in found.slots if not each.available]
    assume(busy)
    slot = random.choice(busy)

    with pytest.raises(SlotTaken) as caught:
        platform.events.create(COACH, _asked(slot.interval), now=NOW)

    free = [each.interval for each in found.slots if each.available]
    later = [each for each in free if each.start >= slot.interval.start]
    assert caught.value.alternatives[: len(later)] == tuple(later[:5])
