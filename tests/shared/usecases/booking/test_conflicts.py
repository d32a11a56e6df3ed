import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import CalendarUnreadable, SlotTaken
from shared.usecases.booking.alternatives import ALTERNATIVES
from tests.support import request_faults
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    SHORT_DEADLINE,
    Platform,
    draft,
    hours,
    messages,
    moved,
)


def test_an_unreadable_calendar_of_a_consulted_participant_blocks_a_booking() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    with pytest.raises(CalendarUnreadable, match="A calendar of coach-1"):
        platform.book()

    assert platform.store.find("s1") is None


def test_an_unreadable_calendar_is_a_warning_if_the_organization_allows_it() -> None:
    platform = Platform(unverified_is_available=True)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    view = platform.book()

    assert messages(view) == ("A calendar of coach-1 could not be read.",)


def test_an_admin_can_book_despite_an_unreadable_calendar_and_is_warned() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    view = platform.events.create(ADMIN, draft(allow_conflicts=True), now=NOW)

    assert messages(view) == ("A calendar of coach-1 could not be read.",)


def test_a_hanging_calendar_blocks_a_booking_after_the_deadline() -> None:
    platform, released = Platform(deadline=SHORT_DEADLINE), threading.Event()
    platform.connect()
    platform.calendar.fail("c1", request_faults.blocked_until(released))

    with pytest.raises(CalendarUnreadable):
        platform.book()
    released.set()

    assert platform.store.find("s1") is None


def test_an_invalid_credential_blocks_bookings_until_reconnected() -> None:
    platform = Platform()
    platform.connect()
    platform.calendar.dead_credentials.add("c1")

    for _ in range(2):
        with pytest.raises(CalendarUnreadable, match="reconnect the calendar"):
            platform.book()
    platform.calendar.dead_credentials.clear()
    platform.connect()

    assert platform.book().created
    assert platform.people.marks == ["c1"]


def test_a_busy_calendar_is_reported_before_an_unreadable_one() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    platform.add_entry("l1", hours(9))
    platform.calendar.fail("c1", request_faults.ERROR_503)

    with pytest.raises(SlotTaken, match="busy"):
        platform.book()


def test_no_calendar_is_read_if_a_session_already_conflicts() -> None:
    platform = Platform()
    platform.book("s1")
    platform.connect()

    with pytest.raises(SlotTaken):
        platform.events.create(COACH, draft("s2", learner_ids=("learner-2",)), now=NOW)

    # The calendar is read only for the alternatives.
    assert platform.calendar.calls == [("entries", "c1")]


@pytest.mark.parametrize(
    "free",
    [{"busy": False}, {"copy_of": "s1"}, {"interval": hours(10)}, {"interval": hours(9.5, 0)}],
    ids=["marked free", "our own copy", "touching", "without length"],
)
def test_entries_that_take_no_time_do_not_conflict(free: dict[str, Any]) -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", **{"interval": hours(9), **free})

    assert platform.book().created


def test_a_move_does_not_conflict_with_the_copy_of_the_same_session() -> None:
    platform = Platform()
    platform.book()
    platform.connect()
    platform.add_entry("c1", hours(9), copy_of="s1")

    assert platform.events.update(COACH, moved(9.5), now=NOW).event.interval == hours(9.5)


def test_a_taken_slot_returns_alternatives() -> None:
    platform = Platform()
    platform.connect("l1", LEARNER.user_id)
    platform.book("s1", 9)
    platform.add_entry("l1", hours(11))

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9)

    assert caught.value.alternatives == tuple(hours(start) for start in (10, 12, 13, 14, 15))
    assert len(caught.value.alternatives) == ALTERNATIVES


def test_every_alternative_can_be_booked() -> None:
    platform = Platform()
    platform.book("s1", 15)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 15)

    for each in caught.value.alternatives:
        again = Platform()
        again.book("s1", 15)
        start = (each.start - hours(0).start) / timedelta(hours=1)
        assert again.book("s2", start).event.interval == each


def test_alternatives_have_the_exact_length_of_the_session() -> None:
    platform = Platform()
    length = 1 + 30 / 3600
    platform.book("s1", 9, length=length)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9, length=length)

    assert caught.value.alternatives[0] == hours(10.5, length)


def test_the_time_of_the_moved_session_can_be_an_alternative() -> None:
    platform = Platform()
    platform.book("s1", 12)
    platform.book("s2", 11)

    with pytest.raises(SlotTaken) as caught:
        platform.events.update(COACH, moved(11.5, "s1"), now=NOW)

    assert hours(12) in caught.value.alternatives


def test_unverified_times_are_not_alternatives() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.connect()
    platform.calendar.fail("c1", request_faults.ERROR_503, request_faults.ERROR_503)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 9)

    assert caught.value.alternatives == ()


def test_alternatives_are_searched_for_two_weeks() -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", hours(0, 24 * 13))

    with pytest.raises(SlotTaken) as caught:
        platform.book()

    assert caught.value.alternatives[0] == hours(9, day=DAY + timedelta(days=13))


def test_alternatives_do_not_overlap_and_are_the_nearest_also_earlier_that_day() -> None:
    platform = Platform()
    platform.book("s1", 14, length=1.5)

    with pytest.raises(SlotTaken) as caught:
        platform.book("s2", 14.5)

    assert caught.value.alternatives == tuple(hours(each) for each in (10, 11, 12, 13, 15.5))


def test_alternatives_are_never_before_now() -> None:
    platform = Platform()
    platform.book("s1", 11)

    with pytest.raises(SlotTaken) as caught:
        platform.events.create(COACH, draft("s2", 11), now=hours(10.25).start)

    assert caught.value.alternatives == tuple(hours(start) for start in (12, 13, 14, 15, 16))
