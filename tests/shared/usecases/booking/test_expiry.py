"""Pending sessions that are not approved in time."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.draft import BookingDefaults
from shared.domain.errors import EventCancelled, SlotTaken
from shared.domain.event import Event, EventStatus
from shared.usecases.booking.expiry import PendingExpiry
from tests.support.day_views import day
from tests.support.memory import MemoryBookings, MemoryEvents, MemoryPending
from tests.support.platform import ADMIN, COACH, HOUR, LEARNER, NOW, Platform, draft, hours, moved

START = hours(9).start
WEEK = 168 * HOUR
FAR_HOURS = 24 * 30 + 9
FAR = hours(FAR_HOURS)


def expiry(platform: Platform, bookings: Any = None) -> PendingExpiry:
    return PendingExpiry(
        pending=MemoryPending(platform.memory),
        events=MemoryEvents(platform.memory),
        bookings=bookings or platform.bookings,
    )


def request(platform: Platform, session: str = "s1", start: float = 9, **changes: Any) -> Event:
    return platform.book(session, start, **{"auto_approval": False, **changes}).event


def test_a_pending_session_holds_its_time_until_its_start(platform: Platform) -> None:
    request(platform)
    before = START - timedelta(microseconds=1)

    with pytest.raises(SlotTaken):
        platform.events.create(COACH, draft("s2", 9.5), now=before)

    assert platform.events.create(COACH, draft("s2", 9.5), now=START).created


@pytest.mark.parametrize(
    ("defaults", "until"),
    [
        (BookingDefaults(), WEEK),
        (BookingDefaults(pending_expires=HOUR), HOUR),
        (BookingDefaults(pending_expires=None), FAR.start - NOW),
    ],
)
def test_a_pending_session_holds_its_time_only_as_long_as_the_organization_says(
    platform: Platform, defaults: BookingDefaults, until: timedelta
) -> None:
    events = platform.events_with(defaults=defaults)
    far = draft("s1", FAR_HOURS, auto_approval=False)

    event = events.create(COACH, far, now=NOW).event

    assert event.pending_until == NOW + until
    if NOW + until < FAR.start:
        assert events.create(COACH, draft("s2", FAR_HOURS), now=NOW + until).created


def test_an_expired_session_is_expired_in_every_view_before_the_sweep(platform: Platform) -> None:
    request(platform)

    view = platform.events.read(COACH, "s1", now=START)

    assert (view.event.status, view.event.version) == (EventStatus.EXPIRED, 1)
    assert [each.session_id for each in day(platform, COACH, COACH.user_id).entries] == ["s1"]
    listed = platform.days.on(COACH, day=START.date(), user_id=None, zone_name=None, now=START)
    assert listed.entries == ()
    late = platform.slots.on(COACH, platform.query(), now=hours(9, day=START.date()).start)
    assert "10:00" in {f"{each.local_start:%H:%M}" for each in late.slots}


def test_an_expired_session_is_neither_approved_nor_changed(platform: Platform) -> None:
    request(platform)

    with pytest.raises(EventCancelled, match="not approved in time"):
        platform.events.approve(ADMIN, "s1", allow_conflicts=True, now=START)
    with pytest.raises(EventCancelled, match="not approved in time"):
        platform.events.decline(ADMIN, "s1", now=START)
    with pytest.raises(EventCancelled, match="not approved in time"):
        platform.events.update(COACH, moved(14), now=START)
    assert platform.events.cancel(COACH, "s1", now=START).event.status is EventStatus.EXPIRED


def test_the_sweep_stores_the_expiry_and_frees_the_agendas(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    request(platform)

    with caplog.at_level(logging.INFO):
        assert expiry(platform).expire(now=START - HOUR) == ()
        assert expiry(platform).expire(now=START) == ("s1",)
        assert expiry(platform).expire(now=START) == ()

    stored = platform.memory.events["s1"]
    assert (stored.status, stored.version) == (EventStatus.EXPIRED, 2)
    assert platform.agenda() == platform.agenda("learner-1") == {}
    [record] = [
        each.__dict__ for each in caplog.records if each.__dict__.get("action") == "expired"
    ]
    assert (record["actor_id"], record["actor_role"]) == ("calendar-service", "Service")


def test_approved_and_closed_sessions_do_not_expire(platform: Platform) -> None:
    request(platform, "s1", 9)
    request(platform, "s2", 12)
    platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)
    platform.events.cancel(COACH, "s2", now=NOW)

    assert expiry(platform).expire(now=NOW + WEEK) == ()
    assert platform.agenda() == {"s1": hours(9)}


def test_a_session_that_was_moved_expires_at_its_new_start(platform: Platform) -> None:
    request(platform)
    platform.events.update(COACH, moved(14), now=NOW)

    assert expiry(platform).expire(now=START) == ()
    assert expiry(platform).expire(now=hours(14).start) == ("s1",)


class Failing(MemoryBookings):
    """Bookings that fail for one event."""

    @override
    def commit(self, event: Event, **named: Any) -> None:
        if event.id == "s1":
            raise RuntimeError("The item is damaged.")
        super().commit(event, **named)


def test_an_event_that_cannot_be_stored_does_not_keep_others_from_expiring(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    request(platform, "s1", 9)
    request(platform, "s2", 12)

    assert expiry(platform, Failing(platform.memory)).expire(now=NOW + WEEK) == ("s2",)

    assert [each.__dict__["event_id"] for each in caplog.records if each.exc_info] == ["s1"]


def test_an_expiry_that_loses_a_race_waits_for_the_next_sweep(platform: Platform) -> None:
    request(platform)
    platform.bookings.lost = 1

    assert expiry(platform).expire(now=START) == ()
    assert expiry(platform).expire(now=START) == ("s1",)


def test_expired_sessions_do_not_count_for_the_limits(platform: Platform) -> None:
    fields: dict[str, Any] = {"coach_ids": ("coach-1",), "learner_ids": (LEARNER.user_id,)}
    request(platform, **fields)
    snapshot = platform.people.agenda("coach-1", NOW.date(), START.date())

    assert [len(each.at(START).sessions) for each in snapshot] == [0]
