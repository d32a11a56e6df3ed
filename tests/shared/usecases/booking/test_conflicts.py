import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.usecases.booking.conflicts import ALTERNATIVES, ConflictReport
from tests.support import faults
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    Platform,
    draft,
    hours,
    moved,
)


def test_an_unreadable_calendar_of_somebody_consulted_blocks_a_booking() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    with pytest.raises(CalendarUnreadable, match="apple calendar of coach-1"):
        platform.book()

    assert platform.store.find("s1") is None


def test_where_the_organization_allows_it_an_unreadable_calendar_is_a_warning() -> None:
    platform = Platform(unverified_is_available=True)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    view = platform.book()

    assert view.warnings == ("The apple calendar of coach-1 could not be read.",)


def test_admin_is_warned_of_an_unreadable_calendar_and_not_stopped() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503)

    view = platform.events.create(ADMIN, draft(allow_conflicts=True), now=NOW)

    assert view.warnings == ("The apple calendar of coach-1 could not be read.",)


def test_a_calendar_that_hangs_blocks_after_its_deadline() -> None:
    platform, released = Platform(), threading.Event()
    platform.connect()
    platform.calendar.fail("c1", faults.held_until(released))

    with pytest.raises(CalendarUnreadable):
        platform.book()
    released.set()

    assert platform.store.find("s1") is None


def test_a_dead_credential_blocks_until_reconnected() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.dead_credentials.add("c1")

    for _ in range(2):
        with pytest.raises(CalendarUnreadable, match="reconnected"):
            platform.book()
    platform.calendar.dead_credentials.clear()
    platform.connect()

    assert platform.book().created
    assert platform.people.marks == ["c1"]


def test_taken_outweighs_unreadable() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    platform.enter("l1", hours(9))
    platform.calendar.fail("c1", faults.ERROR_503)

    with pytest.raises(SlotTaken, match="busy"):
        platform.book()


def test_a_calendar_of_somebody_who_is_not_consulted_is_not_asked() -> None:
    platform = Platform()
    platform.connect("l2", "learner-2")
    platform.enter("l2", hours(9))

    view = platform.book(learner_ids=("learner-1", "learner-2"))

    assert view.created
    assert platform.calendar.calls == []


def test_no_calendar_is_asked_when_a_session_is_in_the_way_already() -> None:
    platform = Platform()
    platform.book("s1")
    platform.connect()

    with pytest.raises(SlotTaken):
        platform.events.create(COACH, draft("s2", learner_ids=("learner-2",)), now=NOW)

    # Only for other times that suit.
    assert platform.calendar.calls == [("entries", "c1")]


@pytest.mark.parametrize(
    "free",
    [{"busy": False}, {"copy_of": "s1"}, {"interval": hours(10)}, {"interval": hours(9.5, 0)}],
    ids=["marked free", "our own copy", "touching", "without length"],
)
def test_what_takes_no_time_then_is_not_in_the_way(free: dict[str, Any]) -> None:
    platform = Platform()
    platform.connect()
    platform.enter("c1", **{"interval": hours(9), **free})

    assert platform.book().created


def test_moving_is_not_stopped_by_the_copy_of_the_session_itself() -> None:
    platform = Platform()
    platform.book()
    platform.connect()
    platform.enter("c1", hours(9), copy_of="s1")

    assert platform.events.update(COACH, moved(9.5), now=NOW).event.interval == hours(9.5)


def test_a_taken_slot_names_the_next_times_that_suit() -> None:
    platform = Platform()
    platform.connect("l1", LEARNER.user_id)
    platform.book("s1", 9)
    platform.enter("l1", hours(11))

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9)

    assert caught.value.alternatives == tuple(hours(start) for start in (10, 12, 12.5, 13, 13.5))
    assert len(caught.value.alternatives) == ALTERNATIVES


def test_every_time_named_can_be_booked() -> None:
    platform = Platform()
    platform.book("s1", 15)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 15)

    for each in caught.value.alternatives:
        again = Platform()
        again.book("s1", 15)
        start = (each.start - hours(0).start) / timedelta(hours=1)
        assert again.book("s2", start).event.interval == each


def test_times_named_are_as_long_as_the_session_even_when_that_is_not_whole_minutes() -> None:
    platform = Platform()
    length = 1 + 30 / 3600
    platform.book("s1", 9, length=length)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9, length=length)

    assert caught.value.alternatives[0] == hours(10.5, length)


def test_the_session_that_moves_is_not_in_the_way_of_times_named() -> None:
    platform = Platform()
    platform.book("s1", 12)
    platform.book("s2", 11)

    with pytest.raises(SlotTaken) as caught:
        platform.events.update(COACH, moved(11.5, "s1"), now=NOW)

    assert caught.value.alternatives[0] == hours(12)


def test_no_time_is_named_that_nobody_can_vouch_for() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.connect()
    platform.calendar.fail("c1", faults.ERROR_503, faults.ERROR_503)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9)

    assert caught.value.alternatives == ()


def test_times_are_looked_for_over_two_weeks() -> None:
    platform = Platform()
    platform.connect()
    platform.enter("c1", hours(0, 24 * 13))

    with pytest.raises(SlotTaken) as caught:
        platform.book()

    assert caught.value.alternatives[0] == hours(9, day=DAY + timedelta(days=13))


def test_findings_add_up() -> None:
    one, other = ConflictReport(taken=("a",)), ConflictReport(taken=("b",), unreadable=("c",))

    assert one + other == ConflictReport(taken=("a", "b"), unreadable=("c",))
