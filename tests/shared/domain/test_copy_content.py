from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import Copy, CopyState, copy_key
from shared.domain.copy_content import content_of, copies_of, wanted
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.person import Person
from tests.support.platform import COACH, LEARNER, NOW, Platform, draft


def event(**changes: Any) -> Event:
    """Return a scheduled session of the coach with the learner."""
    return draft(**changes).event(now=NOW)


def persons(platform: Platform) -> dict[str, Person]:
    """Return the coach and the learner as they are kept."""
    return {user: platform.people.person(user) for user in (COACH.user_id, LEARNER.user_id)}


def record(connection_id: str, **changes: Any) -> Copy:
    """Return the record of a copy that was written."""
    fields: dict[str, Any] = {
        "event_id": "s1",
        "connection_id": connection_id,
        "user_id": COACH.user_id,
        "provider": Provider.APPLE,
        "state": CopyState.SYNCED,
        "desired_version": 1,
        "applied_version": 1,
        "attempts": 1,
        "updated_at": NOW,
    }
    return Copy(**{**fields, **changes})


def test_every_calendar_of_every_participant_is_wanted_broken_ones_too() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("c2", status=ConnectionStatus.RECONNECT_REQUIRED)
    platform.connect("l1", LEARNER.user_id)

    assert set(wanted(event(), persons(platform))) == {"c1", "c2", "l1"}


@pytest.mark.parametrize("status", [EventStatus.PENDING_APPROVAL, EventStatus.CANCELLED])
def test_none_is_wanted_unless_the_event_is_scheduled(status: EventStatus) -> None:
    platform = Platform()
    platform.connect("c1")
    pending = event(auto_approval=False)
    object.__setattr__(pending, "status", status)

    assert wanted(pending, persons(platform)) == {}


def test_who_gets_mail_gets_no_copy_and_none_is_told_as_to_come() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)

    views = copies_of(event(), [], persons(platform), on_mail={LEARNER.user_id})

    assert set(wanted(event(), persons(platform), on_mail={LEARNER.user_id})) == {"c1"}
    assert [each.connection_id for each in views] == ["c1"]


def test_copies_are_told_as_recorded_or_as_still_to_come_in_a_stable_order() -> None:
    platform = Platform()
    platform.connect("c2")
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)

    views = copies_of(event(), [record("c2")], persons(platform))

    assert [(each.connection_id, each.state, each.attempts) for each in views] == [
        ("c1", CopyState.PENDING, 0),
        ("c2", CopyState.SYNCED, 1),
        ("l1", CopyState.PENDING, 0),
    ]


def test_a_record_of_an_older_version_is_pending() -> None:
    (view,) = copies_of(event(), [record("c1", desired_version=0)], persons(Platform()))

    assert view.state is CopyState.PENDING


def test_a_copy_of_somebody_who_left_is_still_told() -> None:
    gone = record("x1", user_id="who-left", state=CopyState.REMOVED)

    (view,) = copies_of(event(), [gone], persons(Platform()))

    assert (view.user_id, view.state) == ("who-left", CopyState.REMOVED)


def test_a_copy_names_the_participants_in_its_text_and_nowhere_else() -> None:
    contacts = (Contact("coach-1", "c@example.com", "Cora"), Contact("learner-1", "l@example.com"))
    content = content_of(
        event(contacts=contacts, admin_id="admin-1", session_link="https://meet.example/1"), "c1"
    )

    assert content.description.splitlines() == [
        "Join: https://meet.example/1",
        "When: 2026-11-24 09:00 UTC (UTC+0000)",
        "Coach: Cora",
        "Learner: l@example.com",
        "Admin: admin-1",
        "Session: s1",
    ]


def test_a_copy_tells_the_time_in_the_zone_of_the_event() -> None:
    content = content_of(event(zone="Asia/Kolkata"), "c1")

    assert "When: 2026-11-24 14:30 Asia/Kolkata (UTC+0530)" in content.description
    assert content.interval.start == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_copy_bears_the_key_of_its_event_and_connection() -> None:
    content = content_of(event(), "c1")

    assert (content.session_id, content.key) == ("s1", copy_key("s1", "c1"))
    assert content.key != content_of(event(), "c2").key
