"""What a change of a session checks: only people and time that the session does not have yet."""

from typing import Any

import pytest

from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.domain.event import Owner
from shared.domain.event_change import EventChange
from shared.usecases.booking.views import EventView
from tests.support import request_faults
from tests.support.platform import ADMIN, COACH, COACH_2, NOW, Platform, draft, hours, messages

GROUP = ("learner-1", "learner-2", "learner-3")


@pytest.fixture
def overlapped() -> Platform:
    """Return a platform on which an Admin has booked over a group session of the coach."""
    platform = Platform()
    platform.book(learner_ids=GROUP)
    other = draft("s2", learner_ids=("x",), allow_conflicts=True)
    platform.events.create(ADMIN, other, now=NOW)
    return platform


@pytest.fixture
def unreadable() -> Platform:
    """Return a platform on which the coach's calendar stopped working after a group session."""
    platform = Platform()
    platform.book(learner_ids=GROUP)
    platform.connect("c1")
    platform.calendar.fail("c1", *[request_faults.ERROR_503] * 5)
    return platform


def change(platform: Platform, **given: Any) -> EventView:
    """Change the session as its coach."""
    times = {name: given.pop(name) for name in ("start", "end") if name in given}
    fields = {
        "owner": Owner.COACH,
        "coach_ids": ("coach-1",),
        "learner_ids": GROUP,
        **given,
    }
    return platform.events.update(
        COACH, EventChange(session_id="s1", fields=fields, **times), now=NOW
    )


NO_NEW_TIME: list[dict[str, Any]] = [
    {"learner_ids": GROUP[:2]},
    {"learner_ids": GROUP[:1]},
    {"learner_ids": (*GROUP, "learner-4")},
    {"learner_ids": ("learner-1", "learner-4")},
    {"admin_id": "admin-2"},
    {"end": hours(9.5).start},
    {"start": hours(9.5).start},
    {"start": hours(9.25).start, "end": hours(9.75).start, "title": "Review"},
]


@pytest.mark.parametrize("given", NO_NEW_TIME)
@pytest.mark.parametrize("state", ["overlapped", "unreadable"])
def test_a_change_that_takes_no_new_time_checks_nothing(
    state: str, given: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    platform: Platform = request.getfixturevalue(state)
    reads = len(platform.calendar.calls)

    view = change(platform, **given)

    assert (view.event.version, view.warnings) == (2, ())
    assert len(platform.calendar.calls) == reads


def test_the_last_learner_of_a_group_may_be_double_booked() -> None:
    platform = Platform()
    platform.book(learner_ids=("learner-1", "learner-2"))
    platform.book("s2", coach_ids=("coach-2",), learner_ids=("learner-2", "x"), caller=COACH_2)

    assert change(platform, learner_ids=("learner-2",)).event.learner_ids == ("learner-2",)


def test_only_the_time_that_was_not_held_is_checked(overlapped: Platform) -> None:
    overlapped.connect("c1")
    overlapped.add_entry("c1", hours(9, 0.5))

    assert change(overlapped, end=hours(10.5).start).event.interval == hours(9, 1.5)
    overlapped.add_entry("c1", hours(11, 0.5))
    with pytest.raises(SlotTaken, match="calendar of coach-1"):
        change(overlapped, end=hours(11.25).start)


def test_new_time_on_both_sides_is_checked(overlapped: Platform) -> None:
    overlapped.book("before", 7, learner_ids=("x",))
    overlapped.book("after", 11, learner_ids=("x",))

    assert change(overlapped, start=hours(8).start, end=hours(11).start).event.version == 2
    for start, end in ((7.75, 11), (8, 11.25)):
        with pytest.raises(SlotTaken, match="another session"):
            change(overlapped, start=hours(start).start, end=hours(end).start)


def test_a_coach_who_joins_is_checked_over_the_whole_time(overlapped: Platform) -> None:
    overlapped.book("s3", 9.5, coach_ids=("coach-2",), learner_ids=("y",), caller=COACH_2)

    with pytest.raises(SlotTaken, match="Coach coach-2") as caught:
        change(overlapped, coach_ids=("coach-1", "coach-2"))

    assert "coach-1" not in caught.value.message
    assert change(overlapped, coach_ids=("coach-1", "coach-3")).event.version == 2


def test_the_calendar_of_a_coach_who_stays_is_not_read_when_another_joins(
    unreadable: Platform,
) -> None:
    unreadable.connect("c2", "coach-2")
    reads = len(unreadable.calendar.calls)

    change(unreadable, coach_ids=("coach-1", "coach-2"))

    assert unreadable.calendar.calls[reads:] == [("entries", "c2")]


def test_new_time_is_checked_for_everyone(unreadable: Platform) -> None:
    with pytest.raises(CalendarUnreadable, match="coach-1"):
        change(unreadable, end=hours(10.5).start)


def test_new_time_warns_about_people_who_need_not_be_free(overlapped: Platform) -> None:
    overlapped.book("s3", 10, coach_ids=("coach-2",), learner_ids=("learner-2",), caller=COACH_2)

    view = change(overlapped, end=hours(10.5).start)

    assert messages(view) == ("Learner learner-2 has another session at that time.",)


def test_approval_checks_the_whole_time_again() -> None:
    platform = Platform()
    platform.book(auto_approval=False)
    forced = draft("s2", learner_ids=("x",), allow_conflicts=True)
    platform.events.create(ADMIN, forced, now=NOW)

    with pytest.raises(SlotTaken):
        platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)
