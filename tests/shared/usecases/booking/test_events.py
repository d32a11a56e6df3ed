import threading
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import (
    EventExists,
    Forbidden,
    InvalidRequest,
    SlotTaken,
    StartInPast,
)
from shared.domain.event import EventStatus
from shared.domain.invite import Attempt, Invite, InviteKind, InviteMethod, MailContent
from shared.domain.retry import TRIES
from tests.support.platform import (
    ADMIN,
    COACH,
    LEARNER,
    NOW,
    STRANGER,
    Platform,
    draft,
    hours,
    messages,
    moved,
)


def test_a_booked_session_holds_the_time_of_all_participants(platform: Platform) -> None:
    view = platform.book(start=9)

    assert view.created
    assert view.event == platform.store.find("s1")
    assert view.event.status is EventStatus.SCHEDULED
    assert [{"s1": hours(9)}] * 2 == [platform.agenda(u) for u in ("coach-1", "learner-1")]


def test_a_session_without_auto_approval_is_pending_and_holds_its_time(platform: Platform) -> None:
    view = platform.book(auto_approval=False)

    assert view.event.status is EventStatus.PENDING_APPROVAL
    assert view.copies == ()
    with pytest.raises(SlotTaken):
        platform.book("s2")


def test_a_repeated_request_returns_the_same_booking(platform: Platform) -> None:
    platform.book(coach_ids=("coach-1", "coach-2"))

    again = platform.book(coach_ids=("coach-2", "coach-1"))

    assert not again.created
    assert again.event.version == 1
    assert platform.bookings.commits == 1


def test_a_repeated_request_succeeds_even_after_the_session(
    platform: Platform,
) -> None:
    platform.book()

    again = platform.events.create(COACH, draft(), now=NOW + timedelta(days=30))

    assert not again.created


def test_a_different_request_for_the_same_session_is_rejected(platform: Platform) -> None:
    platform.book()

    with pytest.raises(EventExists):
        platform.book(title="Another")


def test_a_session_in_the_past_is_rejected(platform: Platform) -> None:
    with pytest.raises(StartInPast) as caught:
        platform.events.create(COACH, draft(start=9), now=hours(9.01).start)

    assert [each.field for each in caught.value.problems] == ["startTime"]


def test_adjacent_sessions_do_not_conflict(platform: Platform) -> None:
    platform.book("s1", 9)

    assert platform.book("s2", 10).created


def test_only_consulted_participants_must_be_free(platform: Platform) -> None:
    platform.book("s1", 9)

    group = draft("s2", 9, coach_ids=("coach-2",), learner_ids=("learner-1", "learner-2"))
    many = platform.events.create(ADMIN, group, now=NOW)

    assert many.created
    assert set(platform.agenda("learner-1")) == {"s1", "s2"}


def test_a_caller_who_is_not_the_owner_cannot_book(platform: Platform) -> None:
    with pytest.raises(Forbidden):
        platform.events.create(STRANGER, draft(), now=NOW)


@pytest.mark.parametrize("call", ["create", "update", "approve"])
def test_only_an_admin_can_book_over_conflicts(platform: Platform, call: str) -> None:
    platform.book("s0", 12)
    calls = {
        "create": lambda: platform.book(allow_conflicts=True),
        "update": lambda: platform.events.update(
            COACH, moved(10, "s0", allow_conflicts=True), now=NOW
        ),
        "approve": lambda: platform.events.approve(COACH, "s0", allow_conflicts=True, now=NOW),
    }

    with pytest.raises(Forbidden):
        calls[call]()


def test_an_admin_who_books_over_conflicts_gets_warnings(platform: Platform) -> None:
    platform.book("s1", 9)

    view = platform.events.create(ADMIN, draft("s2", allow_conflicts=True), now=NOW)

    assert view.created
    assert messages(view) == (
        "Coach coach-1 has another session at that time.",
        "Learner learner-1 has another session at that time.",
    )


def test_an_entry_added_after_the_slots_were_listed_makes_the_slot_taken(
    platform: Platform,
) -> None:
    platform.connect()
    listed = platform.statuses()
    platform.add_entry("c1", hours(9))

    with pytest.raises(SlotTaken):
        platform.book()

    assert listed["09:00"] == "available"
    assert platform.store.find("s1") is None


def test_a_session_booked_between_check_and_commit_conflicts_on_retry(
    platform: Platform,
) -> None:
    class Overtaken:
        """Another caller books once, right before the first commit."""

        def commit(self, event: Any, **named: Any) -> None:
            if platform.store.find("s2") is None:
                platform.book("s2", 9.5)
            platform.bookings.commit(event, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(platform.bookings, name)

    with pytest.raises(SlotTaken):
        platform.events_with(bookings=Overtaken()).create(COACH, draft(), now=NOW)

    assert set(platform.agenda()) == {"s2"}


def test_lost_races_are_retried_after_a_pause(platform: Platform) -> None:
    platform.bookings.lost = 3

    view = platform.book()

    assert view.created
    assert platform.pauses == [1, 2, 3]


def test_too_many_lost_races_raise_slot_taken(platform: Platform) -> None:
    platform.bookings.lost = TRIES

    with pytest.raises(SlotTaken, match="Retry in a few seconds"):
        platform.book()

    assert platform.bookings.commits == TRIES


def test_of_many_concurrent_bookings_for_a_time_one_succeeds() -> None:
    platform, outcomes = Platform(), []

    def book(number: int) -> None:
        try:
            platform.book(f"s{number}", 9 + number % 2 / 2)
        except SlotTaken:
            outcomes.append("taken")
        else:
            outcomes.append("booked")

    threads = [threading.Thread(target=book, args=(number,)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(outcomes) == ["booked", *["taken"] * 7]
    assert len(platform.agenda()) == 1


def test_concurrent_identical_requests_make_one_booking() -> None:
    platform, created = Platform(), []
    threads = [
        threading.Thread(target=lambda: created.append(platform.book().created)) for _ in range(6)
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(created) == [*[False] * 5, True]


def test_a_draft_without_participants_is_rejected_before_any_read(platform: Platform) -> None:
    with pytest.raises(InvalidRequest):
        platform.book(learner_ids=())

    assert platform.bookings.commits == 0


def test_a_booking_stores_the_email_of_the_callers_token(
    platform: Platform,
) -> None:
    platform.book()

    assert COACH.email == platform.people.person(COACH.user_id).email


def test_a_rejected_booking_stores_nothing_about_the_caller(platform: Platform) -> None:
    platform.events.create(ADMIN, draft(), now=NOW)

    with pytest.raises(SlotTaken):
        platform.book("s2")

    assert platform.memory.persons == {}


def test_a_mailed_participant_who_connects_a_calendar_gets_no_copy() -> None:
    platform = Platform(has_mail=True)
    platform.book()
    content = MailContent(method=InviteMethod.REQUEST, sequence=0, digest="digest")
    platform.invites.save_invite(
        Invite(
            event_id="s1",
            address="c@example.com",
            kind=InviteKind.PARTICIPANT,
            user_id=COACH.user_id,
            attempts=(Attempt(number=1, content=content, updated_at=NOW),),
        )
    )
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)

    view = platform.events.read(ADMIN, "s1", now=NOW)

    assert [each.connection_id for each in view.copies] == ["l1"]
