"""Declining, leaving, cancelling and what is rejected once a session is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import (
    EventCancelled,
    EventEnded,
    Forbidden,
    InvalidRequest,
    NotFound,
    NotPending,
    VersionConflict,
)
from shared.domain.event import Contact, EventStatus
from shared.domain.event_change import EventChange
from tests.support.platform import (
    ADMIN,
    COACH,
    LEARNER,
    NOW,
    SERVICE,
    STRANGER,
    Platform,
    hours,
    moved,
)

GROUP = ("learner-1", "learner-2", "learner-3")
ENDED = hours(9).end
LEARNER_2 = replace(LEARNER, user_id="learner-2")


@pytest.fixture
def group(platform: Platform) -> Platform:
    """A session of the coach with three learners."""
    contacts = tuple(Contact(each, f"{each}@example.org") for each in GROUP)
    platform.book(learner_ids=GROUP, contacts=contacts)
    return platform


@pytest.mark.parametrize("caller", [ADMIN, SERVICE])
def test_a_declined_session_frees_its_time_and_stores_the_reason(
    platform: Platform, caller: Any
) -> None:
    platform.book(auto_approval=False)

    view = platform.events.decline(caller, "s1", reason="No room.", now=NOW)

    assert (view.event.status, view.event.reason) == (EventStatus.DECLINED, "No room.")
    assert platform.agenda() == platform.agenda("learner-1") == {}
    assert platform.book("s2").created


def test_declining_again_changes_nothing(platform: Platform) -> None:
    platform.book(auto_approval=False)
    first = platform.events.decline(ADMIN, "s1", now=NOW, expected_version=1)

    again = platform.events.decline(ADMIN, "s1", now=NOW, expected_version=1, reason="Later.")

    assert (again.event, again.event.version, again.event.reason) == (first.event, 2, None)


@pytest.mark.parametrize("caller", [COACH, LEARNER, STRANGER])
def test_only_an_admin_declines(platform: Platform, caller: Any) -> None:
    platform.book(auto_approval=False)

    with pytest.raises(Forbidden):
        platform.events.decline(caller, "s1", now=NOW)


def test_an_approved_session_is_not_declined_and_a_declined_one_not_approved(
    platform: Platform,
) -> None:
    platform.book("s1")
    platform.book("s2", 12, auto_approval=False)
    platform.events.decline(ADMIN, "s2", now=NOW)

    with pytest.raises(NotPending):
        platform.events.decline(ADMIN, "s1", now=NOW)
    with pytest.raises(EventCancelled, match="declined"):
        platform.events.approve(ADMIN, "s2", allow_conflicts=False, now=NOW)
    with pytest.raises(EventCancelled, match="declined"):
        platform.events.update(COACH, moved(14, "s2"), now=NOW)
    assert platform.events.cancel(COACH, "s2", now=NOW).event.status is EventStatus.DECLINED


def test_a_cancelled_session_is_not_declined(platform: Platform) -> None:
    platform.book(auto_approval=False)
    platform.events.cancel(COACH, "s1", now=NOW)

    with pytest.raises(EventCancelled, match="cancelled"):
        platform.events.decline(ADMIN, "s1", now=NOW)


def test_a_learner_who_leaves_a_group_is_free_and_the_others_keep_the_session(
    group: Platform,
) -> None:
    view = group.events.leave(LEARNER, "s1", now=NOW)

    assert view.event.learner_ids == GROUP[1:]
    assert [each.user_id for each in view.event.contacts] == list(GROUP[1:])
    assert group.agenda("learner-1") == {}
    assert group.agenda("learner-2") == group.agenda() == {"s1": hours(9)}
    with pytest.raises(NotFound):
        group.events.read(LEARNER, "s1", now=NOW)


def test_leaving_asks_no_calendar_and_ignores_other_sessions(group: Platform) -> None:
    group.connect()
    group.book("s2", caller=ADMIN, learner_ids=("learner-9",), allow_conflicts=True)
    calls = len(group.calendar.calls)

    group.events.leave(LEARNER, "s1", now=NOW)
    after = group.events.leave(LEARNER_2, "s1", now=NOW).event

    assert (after.learner_ids, after.is_group) == (("learner-3",), False)
    assert len(group.calendar.calls) == calls


def test_the_learner_of_a_pair_and_a_coach_cannot_leave(group: Platform) -> None:
    group.book("pair", 12)

    with pytest.raises(Forbidden, match="Rule leave"):
        group.events.leave(LEARNER, "pair", now=NOW)
    with pytest.raises(Forbidden, match="Rule leave"):
        group.events.leave(COACH, "s1", now=NOW)
    with pytest.raises(NotFound):
        group.events.leave(STRANGER, "s1", now=NOW)


def test_an_admin_leaves_only_as_a_learner(group: Platform) -> None:
    group.book("s2", 12, caller=ADMIN, learner_ids=("admin-1", "learner-2"))

    assert group.events.leave(ADMIN, "s2", now=NOW).event.learner_ids == ("learner-2",)
    with pytest.raises(Forbidden, match="Rule leave"):
        group.events.leave(ADMIN, "s1", now=NOW)


def test_the_only_learner_of_several_coaches_cannot_leave(platform: Platform) -> None:
    platform.book(caller=ADMIN, coach_ids=("coach-1", "coach-2"))

    with pytest.raises(InvalidRequest, match="only learner"):
        platform.events.leave(LEARNER, "s1", now=NOW)


@pytest.mark.parametrize("operation", ["decline", "leave", "cancel"])
def test_another_version_than_expected_is_left_as_it_is(group: Platform, operation: str) -> None:
    group.book("pending", 12, learner_ids=GROUP, auto_approval=False)
    session, caller = ("pending", ADMIN) if operation == "decline" else ("s1", COACH)
    call = getattr(group.events, operation)

    with pytest.raises(VersionConflict):
        call(LEARNER if operation == "leave" else caller, session, expected_version=2, now=NOW)

    assert group.memory.events[session].version == 1


def test_cancelling_stores_the_reason(platform: Platform) -> None:
    platform.book()

    view = platform.events.cancel(COACH, "s1", reason="I am ill.", now=NOW)

    assert (view.event.reason, view.event.version) == ("I am ill.", 2)


def test_a_session_that_is_over_is_not_changed_or_left(group: Platform) -> None:
    calls: list[Any] = [
        lambda: group.events.update(COACH, moved(14), now=ENDED),
        lambda: group.events.update(
            COACH, EventChange(session_id="s1", fields={"title": "New"}), now=ENDED
        ),
        lambda: group.events.leave(LEARNER, "s1", now=ENDED),
    ]

    for call in calls:
        with pytest.raises(EventEnded):
            call()

    assert group.memory.events["s1"].version == 1


def test_a_session_can_be_changed_until_its_end(platform: Platform) -> None:
    platform.book()
    change = EventChange(session_id="s1", fields={"title": "New"})

    almost = ENDED - timedelta(microseconds=1)
    assert platform.events.update(COACH, change, now=almost).event.title == "New"


def test_cancelling_after_the_end_changes_the_record_only(platform: Platform) -> None:
    platform.book()

    view = platform.events.cancel(COACH, "s1", now=ENDED)

    assert (view.event.status, view.event.sequence) == (EventStatus.CANCELLED, 0)
    assert view.event.was_cancelled_after_end
    assert platform.agenda() == {}
