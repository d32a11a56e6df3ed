import threading
from datetime import date, timedelta
from typing import Any

import pytest

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Provider
from shared.domain.errors import InvalidRequest
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.usecases.finding.calendars import SourceState
from tests.support import request_faults
from tests.support.day_views import day, titles
from tests.support.platform import (
    COACH,
    DAY,
    NOW,
    SHORT_DEADLINE,
    STRANGER,
    Platform,
    hours,
)


def test_sessions_and_calendar_entries_are_in_order_of_start() -> None:
    platform = Platform()
    connection = platform.connect()
    platform.add_entry("c1", hours(12), title="Lunch", location="Canteen", busy=False)
    platform.add_entry("c1", hours(8), title="Dentist")
    platform.book(start=9)

    view = day(platform)

    assert titles(view) == ["Dentist", "Coaching", "Lunch"]
    _, session, lunch = view.entries
    assert (session.provider, session.session_id, session.busy) == (None, "s1", True)
    assert (lunch.provider, lunch.connection_id) == (Provider.APPLE, connection.id)
    assert (lunch.location, lunch.busy, lunch.calendar_name) == ("Canteen", False, "Work")


def test_a_session_and_its_copy_are_one_entry() -> None:
    platform = Platform()
    platform.connect()
    platform.book()
    platform.add_entry("c1", hours(9), copy_of="s1")

    assert [each.session_id for each in day(platform).entries] == ["s1"]


def test_cancelled_sessions_and_those_of_other_users_are_not_listed() -> None:
    platform = Platform()
    platform.book("s1", 9)
    platform.book("s2", 11)
    platform.events.cancel(COACH, "s1", now=NOW)

    assert [each.session_id for each in day(platform).entries] == ["s2"]
    assert day(platform, STRANGER).entries == ()


def test_a_session_the_user_has_left_is_not_listed() -> None:
    platform = Platform()
    platform.book()
    left = AgendaDay(user_id=STRANGER.user_id, day=DAY, version=1, sessions={"s1": hours(9)})
    platform.memory.agendas[STRANGER.user_id, DAY] = left

    assert day(platform, STRANGER).entries == ()


@pytest.mark.parametrize(
    ("interval", "listed"),
    [
        (hours(-1, 1), False),
        (hours(-1, 1.5), True),
        (hours(23.5, 1), True),
        (hours(24, 1), False),
        (hours(0, 0), True),
        (hours(24, 0), False),
        (hours(-48, 96), True),
    ],
)
def test_an_entry_is_listed_on_every_day_it_overlaps(interval: Interval, *, listed: bool) -> None:
    platform = Platform()
    platform.connect()

    class Wide:
        """A calendar that ignores the requested interval."""

        def entries(self, *_: Any, **__: Any) -> Any:
            return tuple(platform.calendar.foreign["c1"])

    platform.add_entry("c1", interval)
    platform.calendars._providers = _Only(Wide())

    assert bool(day(platform).entries) is listed


class _Only:
    def __init__(self, client: Any) -> None:
        self._client = client

    def get(self, _: Provider) -> Any:
        return self._client


def test_the_day_is_in_the_requested_zone_or_that_of_the_user() -> None:
    platform = Platform()
    platform.book("late", 22)
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)

    own, requested = day(platform), day(platform, zone="UTC")

    assert (own.zone, titles(own)) == ("Asia/Tokyo", [])
    assert (requested.zone, titles(requested)) == ("UTC", ["Coaching"])
    assert titles(day(platform, on=DAY + timedelta(days=1))) == ["Coaching"]


def test_a_date_that_the_zone_skipped_is_empty() -> None:
    platform = Platform()
    platform.connect()

    view = day(platform, zone="Pacific/Apia", on=date(2011, 12, 30))

    assert (view.entries, view.sources) == ((), ())
    assert platform.calendar.calls == []


def test_an_unreadable_calendar_is_reported_and_the_rest_is_listed() -> None:
    platform = Platform()
    platform.connect()
    platform.book()
    platform.calendar.fail("c1", request_faults.ERROR_503)

    view = day(platform)

    assert titles(view) == ["Coaching"]
    assert [each.state for each in view.sources] == [SourceState.UNAVAILABLE]


def test_a_hanging_calendar_is_reported_and_the_rest_is_listed() -> None:
    platform, released = Platform(deadline=SHORT_DEADLINE), threading.Event()
    platform.connect("c1")
    platform.connect("c2")
    platform.add_entry("c2", hours(9))
    platform.calendar.fail("c1", request_faults.blocked_until(released))

    view = day(platform)
    released.set()

    assert titles(view) == ["Dentist"]
    assert [each.state for each in view.sources] == [SourceState.UNAVAILABLE, SourceState.OK]


def test_a_query_without_user_and_token_is_rejected() -> None:
    with pytest.raises(InvalidRequest) as caught:
        day(Platform(), None)

    assert [each.field for each in caught.value.problems] == ["userId"]
