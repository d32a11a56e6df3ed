"""Who must be free for a session, and who only causes a warning."""

import pytest

from shared.domain.errors import CalendarUnreadable, SlotTaken
from tests.support import request_faults
from tests.support.platform import ADMIN, COACH_2, NOW, Platform, draft, hours, messages

GROUP = ("learner-1", "learner-2")


def test_a_busy_learner_of_a_group_is_a_warning_per_person() -> None:
    platform = Platform()
    platform.book("s0", learner_ids=("learner-1",), coach_ids=("coach-2",), caller=COACH_2)
    for name, user in (("l1", "learner-1"), ("l2", "learner-2")):
        platform.connect(name, user)
        platform.add_entry(name, hours(9))

    view = platform.book(learner_ids=GROUP)

    assert view.created
    assert messages(view) == (
        "Learner learner-1 has another session at that time.",
        "A calendar of learner-1 is busy at that time.",
        "A calendar of learner-2 is busy at that time.",
    )


def test_an_unreadable_calendar_of_a_group_learner_is_a_warning() -> None:
    platform = Platform()
    platform.connect("l2", "learner-2")
    platform.calendar.fail("l2", request_faults.ERROR_503)

    view = platform.book(learner_ids=GROUP)

    assert messages(view) == ("A calendar of learner-2 could not be read.",)


def test_the_admin_of_a_session_need_not_be_free_and_causes_no_warning() -> None:
    platform = Platform()
    platform.connect("a1", "admin-1")
    platform.add_entry("a1", hours(9))

    assert platform.book(admin_id="admin-1").warnings == ()


@pytest.mark.parametrize("how", ["session", "calendar"])
def test_every_coach_that_a_coach_names_must_be_free(how: str) -> None:
    platform = Platform()
    if how == "session":
        platform.book("s0", coach_ids=("coach-2",), learner_ids=("x",), caller=COACH_2)
    else:
        platform.connect("c2", "coach-2")
        platform.add_entry("c2", hours(9))

    with pytest.raises(SlotTaken, match="coach-2"):
        platform.book(coach_ids=("coach-1", "coach-2"), learner_ids=GROUP)


def test_an_unreadable_calendar_of_a_second_coach_blocks_a_booking() -> None:
    platform = Platform()
    platform.connect("c2", "coach-2")
    platform.calendar.fail("c2", request_faults.ERROR_503)

    with pytest.raises(CalendarUnreadable, match="coach-2"):
        platform.book(coach_ids=("coach-1", "coach-2"), learner_ids=GROUP)


def test_for_an_admin_several_coaches_and_learners_are_warnings() -> None:
    platform = Platform()
    platform.book("s0", coach_ids=("coach-2",), learner_ids=("learner-2",), caller=COACH_2)
    several = draft(coach_ids=("coach-1", "coach-2"), learner_ids=GROUP)

    view = platform.events.create(ADMIN, several, now=NOW)

    assert messages(view) == (
        "Coach coach-2 has another session at that time.",
        "Learner learner-2 has another session at that time.",
    )


def test_the_coaches_of_a_users_session_must_be_free_when_an_admin_approves_it() -> None:
    platform = Platform()
    platform.book(coach_ids=("coach-1", "coach-2"), learner_ids=GROUP, auto_approval=False)
    forced = draft("s2", coach_ids=("coach-2",), allow_conflicts=True)
    platform.events.create(ADMIN, forced, now=NOW)

    with pytest.raises(SlotTaken, match="coach-2"):
        platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)
