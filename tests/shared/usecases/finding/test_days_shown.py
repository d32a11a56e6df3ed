"""How much of a day each caller sees."""

import pytest

from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus, Provider
from shared.domain.role import Role
from shared.usecases.finding.calendars import Source, SourceState
from tests.support import request_faults
from tests.support.day_views import day, titles
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    SERVICE,
    STRANGER,
    Platform,
    hours,
)


def test_without_a_caller_the_day_is_in_utc_unless_a_zone_is_given() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)

    assert day(platform, None, COACH.user_id).zone == "UTC"
    assert day(platform, None, COACH.user_id, "Asia/Kolkata").zone == "Asia/Kolkata"
    assert day(platform, LEARNER, COACH.user_id).zone == "Asia/Tokyo"


def test_without_a_caller_busy_times_are_merged_and_free_entries_left_out() -> None:
    platform = Platform()
    platform.connect()
    platform.book(start=9)
    platform.add_entry("c1", hours(9.5))
    platform.add_entry("c1", hours(10.5, 0.5), all_day=True)
    platform.add_entry("c1", hours(12), busy=False)
    platform.add_entry("c1", hours(13, 0))
    platform.add_entry("c1", hours(15))

    entries = day(platform, None, COACH.user_id).entries

    assert [each.interval for each in entries] == [hours(9, 2), hours(15)]
    assert {(None, "Busy", False, True, True)} == {
        (each.provider, each.title, each.all_day, each.busy, each.times_only) for each in entries
    }


def test_without_a_caller_sources_show_only_whether_busy_times_may_be_missing() -> None:
    platform = Platform()
    platform.connect("c1")
    complete = day(platform, None, COACH.user_id).sources
    for name in ("c2", "c3"):
        platform.connect(name)
        platform.calendar.fail(name, request_faults.ERROR_503)

    incomplete = day(platform, None, COACH.user_id).sources

    assert complete == ()
    assert incomplete == (Source(user_id=COACH.user_id, state=SourceState.UNAVAILABLE),)


@pytest.mark.parametrize("caller", [LEARNER, STRANGER, SERVICE])
def test_other_users_see_the_state_of_each_calendar_and_no_provider(caller: Caller) -> None:
    platform = Platform()
    platform.connect("c1")
    platform.connect("c2", status=ConnectionStatus.RECONNECT_REQUIRED)
    platform.add_entry("c1", hours(9))

    view = day(platform, caller, COACH.user_id)

    assert view.sources == (
        Source(user_id=COACH.user_id, state=SourceState.OK),
        Source(user_id=COACH.user_id, state=SourceState.RECONNECT_REQUIRED),
    )
    assert [each.provider for each in view.entries] == [None]


@pytest.mark.parametrize("caller", [None, LEARNER, STRANGER])
def test_other_users_see_only_times(caller: Caller | None) -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry(
        "c1", hours(9), location="Clinic", status="confirmed", url="https://x.example"
    )

    (entry,) = day(platform, caller, COACH.user_id).entries

    assert (entry.title, entry.interval, entry.busy) == ("Busy", hours(9), True)
    details = (entry.location, entry.status, entry.url, entry.external_id, entry.connection_id)
    assert details == (None,) * 5


@pytest.mark.parametrize("caller", [COACH, ADMIN])
def test_the_user_and_an_admin_see_all_fields(caller: Caller) -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", hours(9))

    assert titles(day(platform, caller, COACH.user_id)) == ["Dentist"]


def test_every_caller_sees_all_fields_if_details_are_public() -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", hours(9))

    view = platform.days_with(public_details=True).on(
        None, day=DAY, user_id=COACH.user_id, zone_name=None, now=NOW
    )

    assert titles(view) == ["Dentist"]
    assert [each.provider for each in view.sources] == [Provider.APPLE]


def test_the_order_of_reduced_entries_does_not_reveal_their_titles() -> None:
    platform = Platform()
    platform.connect()
    platform.add_entry("c1", hours(9), title="B", busy=False)
    platform.add_entry("c1", hours(9), title="A")

    shown = [each.busy for each in day(platform, STRANGER, COACH.user_id).entries]

    assert shown == [False, True]
