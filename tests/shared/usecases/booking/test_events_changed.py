from dataclasses import replace
from typing import Any

import pytest

from shared.domain.copy import Copy, CopyState
from shared.domain.errors import (
    EventCancelled,
    Forbidden,
    NotFound,
    OwnerRequired,
    SlotTaken,
    VersionConflict,
)
from shared.domain.event import EventStatus, Owner
from shared.domain.event_change import EventChange
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


def test_a_move_frees_the_old_time(platform: Platform) -> None:
    platform.book(start=9)

    view = platform.events.update(COACH, moved(14), now=NOW)

    assert (view.event.version, view.event.sequence) == (2, 1)
    assert platform.agenda() == {"s1": hours(14)}


def test_a_session_can_move_onto_part_of_its_own_time(platform: Platform) -> None:
    platform.book(start=9)

    assert platform.events.update(COACH, moved(9.5), now=NOW).event.interval == hours(9.5)


def test_a_session_cannot_move_onto_another(platform: Platform) -> None:
    platform.book("s1", 9)
    platform.book("s2", 12)

    with pytest.raises(SlotTaken):
        platform.events.update(COACH, moved(11.5), now=NOW)

    assert platform.agenda()["s1"] == hours(9)


def test_a_change_of_text_reads_no_calendar_and_keeps_the_sequence(platform: Platform) -> None:
    platform.connect()
    platform.book()
    calls = len(platform.calendar.calls)

    change = EventChange(session_id="s1", fields={"title": "Review"})
    view = platform.events.update(COACH, change, now=NOW)

    assert (view.event.title, view.event.version, view.event.sequence) == ("Review", 2, 0)
    assert calls == len(platform.calendar.calls)


def test_an_update_without_changes_makes_no_new_version(platform: Platform) -> None:
    platform.book()

    view = platform.events.update(COACH, moved(9), now=NOW)

    assert view.event.version == 1
    assert platform.bookings.commits == 1


def test_a_change_of_time_requires_the_owner(platform: Platform) -> None:
    platform.book()

    with pytest.raises(OwnerRequired):
        platform.events.update(COACH, EventChange(session_id="s1", start=hours(10).start), now=NOW)


def test_a_participant_cannot_make_another_user_the_owner(platform: Platform) -> None:
    platform.book()
    fields = {"owner": Owner.COACHEE, "coach_ids": ("coach-1",), "learner_ids": ("learner-1",)}

    with pytest.raises(Forbidden):
        platform.events.update(COACH, EventChange(session_id="s1", fields=fields), now=NOW)


def test_a_change_with_an_outdated_expected_version_is_rejected(platform: Platform) -> None:
    platform.book()
    platform.events.update(COACH, moved(10), now=NOW)

    with pytest.raises(VersionConflict):
        platform.events.update(COACH, moved(11, expected_version=1), now=NOW)

    assert platform.events.update(COACH, moved(11, expected_version=2), now=NOW).event.version == 3


def test_a_participant_who_leaves_is_free_and_one_who_joins_is_not(platform: Platform) -> None:
    platform.book()
    change = moved(9)
    fields = {**change.fields, "learner_ids": ("learner-2",)}

    platform.events.update(COACH, replace(change, fields=fields), now=NOW)

    assert platform.agenda("learner-1") == {}
    assert platform.agenda("learner-2") == {"s1": hours(9)}


def test_a_participant_who_joins_must_be_free(platform: Platform) -> None:
    platform.book("s1", 9)
    other = draft("s2", 9, coach_ids=("coach-2",), learner_ids=("learner-2",))
    platform.events.create(ADMIN, other, now=NOW)
    fields = {"owner": Owner.COACH, "coach_ids": ("coach-1",), "learner_ids": ("learner-2",)}

    with pytest.raises(SlotTaken):
        platform.events.update(COACH, EventChange(session_id="s1", fields=fields), now=NOW)


def test_approval_checks_conflicts_again(platform: Platform) -> None:
    platform.connect()
    platform.book(auto_approval=False)
    platform.add_entry("c1", hours(9))

    with pytest.raises(SlotTaken):
        platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)

    forced = platform.events.approve(ADMIN, "s1", allow_conflicts=True, now=NOW)
    assert forced.event.status is EventStatus.SCHEDULED
    assert messages(forced) == ("A calendar of coach-1 is busy at that time.",)


def test_approving_again_changes_nothing(platform: Platform) -> None:
    platform.book(auto_approval=False)
    first = platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)

    again = platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)

    assert (first.event, 2) == (again.event, again.event.version)


def test_cancelling_frees_the_time_and_cannot_be_undone(platform: Platform) -> None:
    platform.book()

    first = platform.events.cancel(LEARNER, "s1", now=NOW)
    again = platform.events.cancel(COACH, "s1", now=NOW)

    assert (first.event.version, first.event.sequence) == (2, 1)
    assert first.event == again.event
    assert platform.agenda() == {}
    with pytest.raises(EventCancelled):
        platform.events.update(COACH, moved(10), now=NOW)
    with pytest.raises(EventCancelled):
        platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)


def test_a_cancel_that_races_with_a_move_wins(platform: Platform) -> None:
    platform.book()

    class Overtaken:
        """The session is moved right before the cancel is written."""

        def commit(self, event: Any, **named: Any) -> None:
            if platform.store.find("s1") == named["previous"] and event.version == 2:
                platform.events.update(COACH, moved(14), now=NOW)
            platform.bookings.commit(event, **named)

        def __getattr__(self, name: str) -> Any:
            return getattr(platform.bookings, name)

    view = platform.events_with(bookings=Overtaken()).cancel(COACH, "s1", now=NOW)

    assert (view.event.version, view.event.is_closed) == (3, True)
    assert platform.agenda() == {}


@pytest.mark.parametrize("call", ["read", "update", "cancel"])
def test_another_users_event_is_not_found(platform: Platform, call: str) -> None:
    platform.book()
    calls = {
        "read": lambda: platform.events.read(STRANGER, "s1", now=NOW),
        "update": lambda: platform.events.update(STRANGER, moved(10), now=NOW),
        "cancel": lambda: platform.events.cancel(STRANGER, "s1", now=NOW),
    }

    with pytest.raises(NotFound):
        calls[call]()


def test_an_unknown_event_is_not_found(platform: Platform) -> None:
    with pytest.raises(NotFound):
        platform.events.read(ADMIN, "s1", now=NOW)


def test_reading_an_event_lists_stored_and_future_copies(platform: Platform) -> None:
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    platform.book()
    done = Copy(
        event_id="s1",
        connection_id="c1",
        user_id="coach-1",
        provider=platform.people.person("coach-1").connections[0].provider,
        state=CopyState.SYNCED,
        desired_version=1,
        applied_version=1,
        updated_at=NOW,
    )
    platform.store.save_copy(done)

    view = platform.events.read(ADMIN, "s1", now=NOW)

    assert [("c1", CopyState.SYNCED), ("l1", CopyState.PENDING)] == [
        (each.connection_id, each.state) for each in view.copies
    ]
