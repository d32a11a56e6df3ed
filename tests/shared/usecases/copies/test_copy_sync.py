import logging
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from tests.support.sync_harness import START, SyncHarness


@pytest.fixture
def harness() -> SyncHarness:
    """One session of Ann, who has one calendar."""
    harness = SyncHarness()
    harness.connect("ann", "a1")
    harness.book()
    return harness


def test_every_connected_calendar_of_every_participant_gets_one_copy(harness: SyncHarness) -> None:
    harness.connect("ann", "a2")
    harness.connect("bob", "b1")
    harness.change(learner_ids=("ann", "bob", "not-connected"))

    waits = harness.drain()

    assert waits == []
    assert [harness.copy_titles(name) for name in ("a1", "a2", "b1")] == [["Coaching"]] * 3
    assert harness.calendar.mails_sent == 0


def test_a_pending_event_is_written_to_no_calendar_until_approved(harness: SyncHarness) -> None:
    harness.book("s2", status=EventStatus.PENDING_APPROVAL)
    harness.drain("s2")
    before = harness.copy_titles("a1", "s2")
    harness.change("s2", status=EventStatus.SCHEDULED)
    harness.drain("s2")

    assert before == []
    assert harness.copy_titles("a1", "s2") == ["Coaching"]


def test_an_update_before_the_first_delivery_makes_one_create(harness: SyncHarness) -> None:
    harness.change(title="Review")

    harness.drain()

    assert harness.calendar.calls == [("create", "a1")]
    assert harness.copy_titles() == ["Review"]


def test_a_repeated_message_makes_no_provider_call(harness: SyncHarness) -> None:
    harness.drain()

    again = harness.deliver()

    assert again is None
    assert harness.calendar.calls == [("create", "a1")]


def test_a_change_that_is_not_visible_in_calendars_makes_no_provider_call(
    harness: SyncHarness,
) -> None:
    harness.drain()
    harness.change(request_digest="other")

    harness.drain()

    assert harness.calendar.calls == [("create", "a1")]
    assert CopyState.SYNCED is harness.state()


def test_a_cancelled_event_is_removed_from_every_calendar(harness: SyncHarness) -> None:
    harness.drain()
    harness.cancel()

    harness.drain()

    assert harness.copy_titles() == []
    assert CopyState.REMOVED is harness.state()


def test_later_changes_make_no_calls_for_a_participant_who_left(harness: SyncHarness) -> None:
    harness.drain()
    harness.change(learner_ids=("bob",))
    harness.drain()
    harness.revoke("ann", "a1")
    calls = len(harness.calendar.calls)
    harness.change(title="Review")

    harness.drain()

    assert calls == len(harness.calendar.calls)
    assert CopyState.REMOVED is harness.state()


def test_a_copy_deleted_by_the_user_is_created_again_by_the_next_change(
    harness: SyncHarness,
) -> None:
    harness.drain()
    harness.calendar.delete_all("a1")
    harness.change(title="Review")

    harness.drain()

    assert harness.copy_titles() == ["Review"]


def test_a_copy_that_is_already_deleted_counts_as_removed(harness: SyncHarness) -> None:
    harness.drain()
    harness.calendar.delete_all("a1")
    harness.cancel()

    harness.drain()

    assert CopyState.REMOVED is harness.state()


def test_stale_holds_that_cannot_be_released_are_retried(
    harness: SyncHarness,
) -> None:
    harness.bookings.unsettled = 1

    waits = harness.drain()

    assert [timedelta(seconds=1)] == waits
    assert harness.copy_titles() == ["Coaching"]


def test_an_unknown_event_is_logged_and_not_retried(
    harness: SyncHarness, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        wait = harness.deliver("unknown")

    assert wait is None
    assert [each.message for each in caplog.records] == ["event not found"]


def test_a_copy_claimed_by_another_worker_is_not_written(
    harness: SyncHarness,
) -> None:
    class Raced:
        """Another worker claims the copy between our second read, for copies, and our claim."""

        reads = 0

        def find_with_copies(self, event_id: str) -> Any:
            self.reads += 1
            read = harness.events.find_with_copies(event_id)
            if self.reads == 2:
                harness.deliver()
            return read

        def __getattr__(self, name: str) -> Any:
            return getattr(harness.events, name)

    wait = harness.worker(events=Raced()).reconcile("s1", now=harness.at)

    assert timedelta(seconds=1) == wait
    assert harness.calendar.calls == [("create", "a1")]


def test_a_copy_has_the_fields_of_the_event(harness: SyncHarness) -> None:
    start = START + timedelta(days=2)
    harness.change(
        title="Review",
        interval=Interval(start, start + timedelta(hours=2)),
        location="Room 2",
        session_link="https://meet.example/1",
    )

    harness.drain()

    (content,) = harness.calendar.copies("a1", "s1")
    assert ("Review", start, "Room 2", "https://meet.example/1") == (
        content.title,
        content.interval.start,
        content.location,
        content.url,
    )
