from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.copy import Copy, CopyState, copy_key
from shared.domain.copy_content import copy_content, copy_views, target_calendars
from shared.domain.event import Contact, Event, EventStatus
from shared.domain.person import Person
from tests.support.platform import COACH, LEARNER, NOW, Platform, draft
from tests.support.store_samples import connection

ACTIVE = {"status": ConnectionStatus.ACTIVE, "last_error": None, "heal_from": None}


def event(**changes: Any) -> Event:
    """Return a scheduled session of the coach with the learner."""
    return draft(**changes).event(now=NOW)


def persons(platform: Platform) -> dict[str, Person]:
    """Return the stored coach and learner."""
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


def test_every_calendar_of_every_participant_is_a_target_including_broken_ones() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("c2", status=ConnectionStatus.RECONNECT_REQUIRED)
    platform.connect("l1", LEARNER.user_id)

    assert set(target_calendars(event(), persons(platform))) == {"c1", "c2", "l1"}


def shared_calendar(*, recorded: str = "", **changes_of_coach: Any) -> set[str]:
    """Return the targets of a session whose two participants have connected one calendar."""
    account: dict[str, Any] = {"provider": Provider.GOOGLE, "account": "sub-1"}
    coachs = connection("c1", user_id=COACH.user_id, **{**ACTIVE, **account, **changes_of_coach})
    learners = connection("l1", user_id=LEARNER.user_id, **{**ACTIVE, **account})
    people = {
        each.user_id: Person(user_id=each.user_id, connections=(each,))
        for each in (coachs, learners)
    }
    return set(target_calendars(event(), people, recorded={recorded}))


def test_a_calendar_that_two_participants_have_connected_gets_one_copy() -> None:
    assert {"c1"} == shared_calendar()


def test_the_one_copy_stays_where_it_is_recorded() -> None:
    assert {"l1"} == shared_calendar(recorded="l1")


def test_the_one_copy_is_written_through_the_connection_that_works() -> None:
    assert {"l1"} == shared_calendar(recorded="c1", status=ConnectionStatus.RECONNECT_REQUIRED)


@pytest.mark.parametrize(
    "other",
    [
        {"calendar_id": "team@group.calendar.google.com"},
        {"account": "sub-2", "email": "other@example.org"},
        {"provider": Provider.OUTLOOK},
    ],
)
def test_other_calendars_get_a_copy_each(other: dict[str, Any]) -> None:
    assert {"c1", "l1"} == shared_calendar(**other)


@pytest.mark.parametrize("status", [EventStatus.PENDING_APPROVAL, EventStatus.CANCELLED])
def test_no_calendar_is_a_target_unless_the_event_is_scheduled(status: EventStatus) -> None:
    platform = Platform()
    platform.connect("c1")
    pending = event(auto_approval=False)
    object.__setattr__(pending, "status", status)

    assert target_calendars(pending, persons(platform)) == {}


def test_a_user_who_gets_mail_gets_no_copy_and_has_no_pending_view() -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)

    views = copy_views(event(), [], persons(platform), on_mail={LEARNER.user_id})

    assert set(target_calendars(event(), persons(platform), on_mail={LEARNER.user_id})) == {"c1"}
    assert [each.connection_id for each in views] == ["c1"]


def test_views_show_recorded_and_pending_copies_in_a_stable_order() -> None:
    platform = Platform()
    platform.connect("c2")
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)

    views = copy_views(event(), [record("c2")], persons(platform))

    assert [(each.connection_id, each.state, each.attempts) for each in views] == [
        ("c1", CopyState.PENDING, 0),
        ("c2", CopyState.SYNCED, 1),
        ("l1", CopyState.PENDING, 0),
    ]


def test_a_record_of_an_older_version_is_pending() -> None:
    (view,) = copy_views(event(), [record("c1", desired_version=0)], persons(Platform()))

    assert view.state is CopyState.PENDING


def test_a_copy_of_a_removed_participant_still_has_a_view() -> None:
    removed_copy = record("x1", user_id="former-participant", state=CopyState.REMOVED)

    (view,) = copy_views(event(), [removed_copy], persons(Platform()))

    assert (view.user_id, view.state) == ("former-participant", CopyState.REMOVED)


def test_a_copy_names_the_participants_in_its_description_only() -> None:
    contacts = (Contact("coach-1", "c@example.com", "Cora"), Contact("learner-1", "l@example.com"))
    content = copy_content(
        event(
            contacts=contacts,
            admin_id="admin-1",
            admin_attends=True,
            session_link="https://meet.example/1",
        ),
        "c1",
    )

    assert content.description.splitlines() == [
        "Join: https://meet.example/1",
        "When: 2026-11-24 09:00 UTC (UTC+0000)",
        "Coach: Cora",
        "Learner: learner-1",
        "Admin: admin-1",
        "Session: s1",
    ]


@pytest.mark.parametrize("name", ["l@example.com", "Lea <l@example.com>", "Lea (l@example.com)"])
def test_a_copy_never_shows_an_address_not_even_as_a_name(name: str) -> None:
    contacts = (Contact("learner-1", "l@example.com", name), Contact("coach-1", "c@example.com"))

    description = copy_content(event(contacts=contacts), "c1").description

    assert "@" not in description
    assert "Learner: learner-1" in description.splitlines()


def test_a_view_for_another_user_shows_the_state_only() -> None:
    (view,) = copy_views(event(), [record("c1", error="403 rejected")], persons(Platform()))

    assert (view.state_only.user_id, view.state_only.state) == (COACH.user_id, CopyState.SYNCED)
    assert view.state_only.updated_at == view.updated_at
    assert {
        view.state_only.connection_id,
        view.state_only.provider,
        view.state_only.attempts,
        view.state_only.error,
    } == {None}


def test_a_copy_shows_the_time_in_the_zone_of_the_event() -> None:
    content = copy_content(event(zone="Asia/Kolkata"), "c1")

    assert "When: 2026-11-24 14:30 Asia/Kolkata (UTC+0530)" in content.description
    assert content.interval.start == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_a_copy_has_the_key_of_its_event_and_connection() -> None:
    content = copy_content(event(), "c1")

    assert (content.session_id, content.key) == ("s1", copy_key("s1", "c1"))
    assert content.key != copy_content(event(), "c2").key
