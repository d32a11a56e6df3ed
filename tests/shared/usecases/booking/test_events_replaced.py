"""An event of another user that blocks a session id of the platform."""

import logging
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import EventExists, SlotTaken
from shared.domain.event import EventStatus
from tests.support.platform import ADMIN, COACH, NOW, SERVICE, STRANGER, Platform, draft, hours


def block(platform: Platform, start: float = 9, **changes: Any) -> None:
    fields = {"coach_ids": (STRANGER.user_id,), "learner_ids": ("learner-9",), **changes}
    platform.book("s1", start, caller=STRANGER, **{"auto_approval": False, **fields})


@pytest.mark.parametrize("caller", [ADMIN, SERVICE])
def test_an_admins_session_replaces_the_pending_one_of_an_outsider(
    platform: Platform, caller: Caller
) -> None:
    block(platform)

    view = platform.events.create(caller, draft(start=14), now=NOW)

    assert view.created
    assert (view.event.version, view.event.sequence) == (2, 1)
    assert view.event.status is EventStatus.SCHEDULED
    assert platform.store.find("s1") == view.event


def test_a_replacement_releases_the_old_holds_and_takes_the_new_time(platform: Platform) -> None:
    block(platform)

    platform.events.create(ADMIN, draft(start=14), now=NOW)

    assert [platform.agenda(user) for user in (STRANGER.user_id, "learner-9")] == [{}, {}]
    assert [platform.agenda(user) for user in ("coach-1", "learner-1")] == [{"s1": hours(14)}] * 2


def test_a_replacement_is_recorded_and_logged(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    block(platform)

    with caplog.at_level(logging.INFO):
        view = platform.events.create(ADMIN, draft(), now=NOW)

    assert [(each.action, each.actor_id, each.version) for each in view.audit or ()] == [
        ("created", "admin-1", 2),
        ("replaced", "admin-1", 2),
    ]
    [record] = [each.__dict__ for each in caplog.records if each.message == "event committed"]
    assert (record["event_id"], record["action"], record["actor_id"], record["note"]) == (
        "s1",
        "replaced",
        "admin-1",
        "replaced the event created by stranger",
    )


def test_the_replacement_sent_again_returns_the_new_event(platform: Platform) -> None:
    block(platform)
    first = platform.events.create(ADMIN, draft(), now=NOW)

    again = platform.events.create(ADMIN, draft(), now=NOW)

    assert (again.created, again.event) == (False, first.event)


def test_a_replacement_that_loses_a_race_decides_again(platform: Platform) -> None:
    block(platform)
    platform.bookings.lost = 2

    assert platform.events.create(ADMIN, draft(), now=NOW).event.version == 2


def test_a_replacement_needs_free_participants_too(platform: Platform) -> None:
    block(platform)
    platform.book("s2")

    with pytest.raises(SlotTaken):
        platform.events.create(ADMIN, draft(), now=NOW)

    assert platform.agenda(STRANGER.user_id) == {"s1": hours(9)}


def test_its_own_time_does_not_stand_against_a_replacement(platform: Platform) -> None:
    block(platform, learner_ids=("learner-1",))

    assert platform.events.create(ADMIN, draft(), now=NOW).created


def test_a_user_cannot_replace_a_session(platform: Platform) -> None:
    block(platform)

    with pytest.raises(EventExists):
        platform.book()


@pytest.mark.parametrize("changes", [{"auto_approval": True}, {"learner_ids": ("learner-1",)}])
def test_a_session_that_is_scheduled_or_of_a_participant_is_not_replaced(
    platform: Platform, changes: dict[str, Any]
) -> None:
    block(platform, **changes)
    wanted = draft(coach_ids=(STRANGER.user_id,)) if "learner_ids" in changes else draft()

    with pytest.raises(EventExists):
        platform.events.create(ADMIN, wanted, now=NOW)


def test_every_commit_is_logged_with_who_did_what(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        platform.book()
        with pytest.raises(SlotTaken):
            platform.book("s2")
        platform.events.cancel(COACH, "s1", now=NOW)

    committed = [each.__dict__ for each in caplog.records if each.message == "event committed"]
    assert [(each["action"], each["actor_role"], each["version"]) for each in committed] == [
        ("created", "Coach", 1),
        ("cancelled", "Coach", 2),
    ]
