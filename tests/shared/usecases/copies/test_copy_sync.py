import logging
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.sync_world import START, SyncWorld


@pytest.fixture
def world() -> SyncWorld:
    """One session of Ann, who has one calendar."""
    world = SyncWorld()
    world.connect("ann", "a1")
    world.book()
    return world


def test_every_connected_calendar_of_every_participant_gets_one_copy(world: SyncWorld) -> None:
    world.connect("ann", "a2")
    world.connect("bob", "b1")
    world.change(learner_ids=("ann", "bob", "nobody-connected"))

    waits = world.drain()

    assert waits == []
    assert [world.held(name) for name in ("a1", "a2", "b1")] == [["Coaching"]] * 3
    assert world.calendar.mails_sent == 0


def test_a_pending_event_is_pushed_nowhere_until_it_is_approved(world: SyncWorld) -> None:
    world.book("s2", status=EventStatus.PENDING_APPROVAL)
    world.drain("s2")
    before = world.held("a1", "s2")
    world.change("s2", status=EventStatus.SCHEDULED)
    world.drain("s2")

    assert before == []
    assert world.held("a1", "s2") == ["Coaching"]


def test_an_update_that_arrives_before_the_create_is_one_create(world: SyncWorld) -> None:
    world.change(title="Review")

    world.drain()

    assert world.calendar.calls == [("create", "a1")]
    assert world.held() == ["Review"]


def test_a_message_that_comes_again_asks_the_provider_nothing(world: SyncWorld) -> None:
    world.drain()

    again = world.deliver()

    assert again is None
    assert world.calendar.calls == [("create", "a1")]


def test_a_change_that_no_calendar_shows_asks_the_provider_nothing(world: SyncWorld) -> None:
    world.drain()
    world.change(request_digest="other")

    world.drain()

    assert world.calendar.calls == [("create", "a1")]
    assert CopyState.SYNCED is world.state()


def test_a_cancelled_event_leaves_every_calendar(world: SyncWorld) -> None:
    world.drain()
    world.cancel()

    world.drain()

    assert world.held() == []
    assert CopyState.REMOVED is world.state()


def test_somebody_who_left_before_has_nothing_asked_by_later_changes(world: SyncWorld) -> None:
    world.drain()
    world.change(learner_ids=("bob",))
    world.drain()
    world.revoke("ann", "a1")
    calls = len(world.calendar.calls)
    world.change(title="Review")

    world.drain()

    assert calls == len(world.calendar.calls)
    assert CopyState.REMOVED is world.state()


def test_a_copy_whose_user_deleted_it_is_made_anew_by_the_next_change(world: SyncWorld) -> None:
    world.drain()
    world.calendar.lose_all("a1")
    world.change(title="Review")

    world.drain()

    assert world.held() == ["Review"]


def test_a_copy_that_is_gone_already_counts_as_removed(world: SyncWorld) -> None:
    world.drain()
    world.calendar.lose_all("a1")
    world.cancel()

    world.drain()

    assert CopyState.REMOVED is world.state()


def test_days_of_a_large_move_that_others_keep_writing_are_asked_for_again(
    world: SyncWorld,
) -> None:
    world.bookings.unsettled = 1

    waits = world.drain()

    assert [timedelta(seconds=1)] == waits
    assert world.held() == ["Coaching"]


def test_an_event_nobody_knows_is_logged_and_done(
    world: SyncWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        wait = world.deliver("unknown")

    assert wait is None
    assert [each.message for each in caplog.records] == ["no such event"]


def test_a_calendar_record_that_somebody_else_just_began_is_left_to_them(
    world: SyncWorld,
) -> None:
    class Raced:
        """Somebody else claims the copy between our read and our claim."""

        def with_copies(self, event_id: str) -> Any:
            read = world.events.with_copies(event_id)
            world.deliver()
            return read

        def __getattr__(self, name: str) -> Any:
            return getattr(world.events, name)

    wait = world.syncing(events=Raced()).reconcile("s1", now=world.at)

    assert timedelta(seconds=1) == wait
    assert world.calendar.calls == [("create", "a1")]


def test_what_a_copy_says_is_what_the_event_says(world: SyncWorld) -> None:
    start = START + timedelta(days=2)
    world.change(
        title="Review",
        interval=Interval(start, start + timedelta(hours=2)),
        location="Room 2",
        session_link="https://meet.example/1",
    )

    world.drain()

    (content,) = world.calendar.copies("a1", "s1")
    assert ("Review", start, "Room 2", "https://meet.example/1") == (
        content.title,
        content.interval.start,
        content.location,
        content.url,
    )
