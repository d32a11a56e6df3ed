import threading
from datetime import timedelta
from typing import Any

from shared.domain.interval import busy_spans
from shared.domain.role import Role
from tests.support import request_faults
from tests.support.platform import COACH, DAY, LEARNER, NOW, OFFICE, Platform, hours

WHO = ((COACH.user_id, Role.COACH), (LEARNER.user_id, Role.LEARNER))
WHOLE_DAY = hours(0, 24)


def read_times(platform: Platform, **named: Any) -> Any:
    """Return the times of the coach and the learner on the day."""
    persons = platform.participants.read_persons([user for user, _ in WHO], WHOLE_DAY, now=NOW)
    return platform.participants.read_times(WHO, persons, WHOLE_DAY, platform.rules, **named)


def test_all_users_are_read_in_one_wave() -> None:
    platform, barrier = Platform(), threading.Barrier(4)

    class Waiting:
        """Returns only after all four reads have started."""

        def person(self, user_id: str) -> Any:
            barrier.wait(10)
            return platform.people.person(user_id)

        def agenda(self, *args: Any) -> Any:
            barrier.wait(10)
            return platform.people.agenda(*args)

    platform.participants._people = Waiting()  # type: ignore[assignment]  # only the methods used here
    persons = platform.participants.read_persons([user for user, _ in WHO], WHOLE_DAY, now=NOW)

    assert list(persons) == [COACH.user_id, LEARNER.user_id]


def test_a_user_named_twice_is_read_once() -> None:
    persons = Platform().participants.read_persons(
        [COACH.user_id, COACH.user_id], WHOLE_DAY, now=NOW
    )

    assert list(persons) == [COACH.user_id]


def test_sessions_and_calendars_make_only_their_owner_busy() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.add_entry("c1", hours(11))
    platform.book(start=9)

    coach, learner = read_times(platform).consulted

    assert coach.busy == busy_spans([hours(9), hours(11)])
    assert learner.busy == busy_spans([hours(9)])


def test_only_the_session_left_out_is_free() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 11)

    coach, _ = read_times(platform, leaving_out="s1").consulted

    assert coach.busy == busy_spans([hours(11)])


def test_a_session_that_started_the_day_before_counts() -> None:
    platform = Platform()
    platform.book("s1", -1, end=hours(1).start)

    coach, _ = read_times(platform).consulted

    assert coach.busy == busy_spans([hours(-1, 2, day=DAY)])


def test_only_the_owner_of_an_unreadable_calendar_is_unread() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    platform.calendar.fail("l1", request_faults.ERROR_503)

    coach, learner = read_times(platform).consulted

    assert (coach.unread, learner.unread) == (False, True)


def test_one_unreadable_calendar_of_two_makes_a_person_unread() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("c2")
    platform.add_entry("c1", hours(11))
    platform.calendar.fail("c2", request_faults.ERROR_503)

    coach, _ = read_times(platform).consulted

    assert coach.unread
    assert coach.busy == busy_spans([hours(11)])


def test_the_default_person_has_the_default_windows_and_is_never_busy() -> None:
    person = Platform().participants.default_person("Asia/Tokyo")

    assert (person.role, person.windows) == (None, OFFICE.windows("Asia/Tokyo"))
    assert (person.busy, person.unread) == ((), False)


def test_a_calendar_is_read_for_the_requested_interval_only() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.add_entry("c1", hours(9, day=DAY + timedelta(days=1)))

    coach, _ = read_times(platform).consulted

    assert coach.busy == ()
