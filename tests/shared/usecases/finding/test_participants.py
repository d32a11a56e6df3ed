import threading
from datetime import timedelta
from typing import Any

from shared.domain.interval import busy_spans
from shared.domain.role import Role
from tests.support import faults
from tests.support.platform import COACH, DAY, LEARNER, OFFICE, Platform, hours

WHO = ((COACH.user_id, Role.COACH), (LEARNER.user_id, Role.LEARNER))
WHOLE_DAY = hours(0, 24)


def gathered(platform: Platform, **named: Any) -> Any:
    """Return what is gathered of the coach and the learner for the day."""
    known = platform.consultation.known([user for user, _ in WHO], WHOLE_DAY)
    return platform.consultation.gather(WHO, known, WHOLE_DAY, **named)


def test_everybody_is_read_in_one_wave() -> None:
    platform, everybody = Platform(), threading.Barrier(4)

    class Waiting:
        """Answers only once all four reads are under way."""

        def person(self, user_id: str) -> Any:
            everybody.wait(10)
            return platform.people.person(user_id)

        def agenda(self, *args: Any) -> Any:
            everybody.wait(10)
            return platform.people.agenda(*args)

    platform.consultation._people = Waiting()  # type: ignore[assignment]  # only what is asked here
    known = platform.consultation.known([user for user, _ in WHO], WHOLE_DAY)

    assert list(known) == [COACH.user_id, LEARNER.user_id]


def test_somebody_named_twice_is_read_once() -> None:
    known = Platform().consultation.known([COACH.user_id, COACH.user_id], WHOLE_DAY)

    assert list(known) == [COACH.user_id]


def test_sessions_and_calendars_of_a_person_make_that_person_busy_and_nobody_else() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.enter("c1", hours(11))
    platform.book(start=9)

    coach, learner = gathered(platform).consulted

    assert coach.busy == busy_spans([hours(9), hours(11)])
    assert learner.busy == busy_spans([hours(9)])


def test_the_session_left_out_is_free_and_no_other() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 11)

    coach, _ = gathered(platform, leaving_out="s1").consulted

    assert coach.busy == busy_spans([hours(11)])


def test_a_session_that_began_the_day_before_still_counts() -> None:
    platform = Platform()
    platform.book("s1", -1, end=hours(1).start)

    coach, _ = gathered(platform).consulted

    assert coach.busy == busy_spans([hours(-1, 2, day=DAY)])


def test_only_the_person_whose_calendar_cannot_be_read_is_unread() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    platform.calendar.fail("l1", faults.ERROR_503)

    coach, learner = gathered(platform).consulted

    assert (coach.unread, learner.unread) == (False, True)


def test_of_two_calendars_of_a_person_one_unread_is_enough() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("c2")
    platform.enter("c1", hours(11))
    platform.calendar.fail("c2", faults.ERROR_503)

    coach, _ = gathered(platform).consulted

    assert coach.unread
    assert coach.busy == busy_spans([hours(11)])


def test_nobody_has_the_default_windows_and_is_never_busy() -> None:
    nobody = Platform().consultation.anybody("Asia/Tokyo")

    assert (nobody.role, nobody.windows) == (None, OFFICE.windows("Asia/Tokyo"))
    assert (nobody.busy, nobody.unread) == ((), False)


def test_a_calendar_is_asked_for_the_stretch_that_matters_only() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.enter("c1", hours(9, day=DAY + timedelta(days=1)))

    coach, _ = gathered(platform).consulted

    assert coach.busy == ()
