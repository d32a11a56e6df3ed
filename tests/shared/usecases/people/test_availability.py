from dataclasses import replace

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden
from shared.domain.role import Role
from shared.domain.week import Window
from tests.support.platform import ADMIN, COACH, DAY, NOW, OFFICE, Platform, hours

BOTH = replace(COACH, roles=frozenset({Role.LEARNER, Role.COACH}))
MONDAY = Window(0, 600, 720, "Europe/Berlin")


def test_a_role_without_settings_has_the_default_windows() -> None:
    (default,) = Platform().availability.of(COACH)

    assert (default.role, default.zone, default.use_default) == (
        Role.COACH,
        "UTC",
        True,
    )
    assert default.windows == OFFICE.windows("UTC")


def test_the_roles_of_the_caller_are_listed_in_a_fixed_order() -> None:
    assert [each.role for each in Platform().availability.of(BOTH)] == [Role.COACH, Role.LEARNER]


def test_windows_belong_to_their_role_and_its_zone_is_the_default_for_the_other() -> None:
    platform = Platform()

    stored = platform.availability.replace(
        BOTH, role=Role.COACH, zone="Europe/Berlin", windows=(MONDAY,), now=NOW
    )
    coach, learner = platform.availability.of(BOTH)

    assert (stored, stored.windows) == (coach, (MONDAY,))
    assert (learner.use_default, learner.zone) == (True, "Europe/Berlin")


def test_adjacent_windows_are_merged() -> None:
    stored = Platform().availability.replace(
        COACH,
        role=Role.COACH,
        zone="Europe/Berlin",
        windows=(Window(0, 720, 780, "Europe/Berlin"), MONDAY),
        now=NOW,
    )

    assert stored.windows == (Window(0, 600, 780, "Europe/Berlin"),)


def test_an_empty_list_of_windows_is_not_the_default() -> None:
    platform = Platform()

    stored = platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=(), now=NOW)

    assert (stored.use_default, stored.windows) == (False, ())
    assert platform.statuses() == {}


def test_the_default_windows_can_be_restored_in_the_own_zone() -> None:
    platform = Platform()
    platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=(MONDAY,), now=NOW)

    stored = platform.availability.replace(
        COACH, role=Role.COACH, zone="Asia/Kolkata", windows=None, now=NOW
    )

    assert (stored,) == platform.availability.of(COACH)
    assert (stored.use_default, stored.windows) == (True, OFFICE.windows("Asia/Kolkata"))


def test_windows_keep_their_local_times_in_a_new_zone() -> None:
    platform = Platform()
    platform.availability.replace(
        COACH, role=Role.COACH, zone="Europe/Berlin", windows=(MONDAY,), now=NOW
    )

    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)

    assert (moved.zone, moved.windows) == ("Asia/Tokyo", (Window(0, 600, 720, "Asia/Tokyo"),))
    assert (moved,) == platform.availability.of(COACH)


@pytest.mark.parametrize("chosen", [True, False])
def test_a_zone_alone_keeps_the_default_windows(chosen: bool) -> None:  # noqa: FBT001 - a pytest parameter
    platform = Platform()
    if chosen:
        platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=None, now=NOW)

    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)

    assert (moved.use_default, moved.windows) == (True, OFFICE.windows("Asia/Tokyo"))


def test_a_zone_is_stored_without_windows_until_they_are_set() -> None:
    platform = Platform()

    def is_zone_only() -> bool:
        return platform.people.person(COACH.user_id).availability[Role.COACH].zone_only

    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)
    platform.availability.set_zone(COACH, role=Role.COACH, zone="UTC", now=NOW)
    assert is_zone_only()
    platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=None, now=NOW)
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)
    assert not is_zone_only()


def test_a_window_in_another_zone_keeps_it_when_the_zone_of_the_role_changes() -> None:
    platform = Platform()
    away = Window(4, 540, 720, "America/New_York")
    platform.availability.replace(
        COACH, role=Role.COACH, zone="Europe/Berlin", windows=(MONDAY, away), now=NOW
    )

    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Dubai", now=NOW)

    assert moved.windows == (Window(0, 600, 720, "Asia/Dubai"), away)


def test_coming_sessions_outside_new_windows_or_a_new_zone_are_named() -> None:
    platform = Platform()
    platform.book("inside", 10)
    platform.book("partly", 16.5)
    platform.book("outside", -1)
    tuesday = (Window(DAY.weekday(), 600, 1020, "UTC"),)

    stored = platform.availability.replace(
        COACH, role=Role.COACH, zone="UTC", windows=tuesday, now=NOW
    )
    named = platform.availability.conflicting_sessions(COACH, stored, now=NOW)
    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo", now=NOW)
    later = platform.availability.conflicting_sessions(COACH, moved, now=hours(11).start)

    assert named == ("outside", "partly")
    assert later == ("partly",)


def test_a_role_that_the_token_lacks_is_rejected() -> None:
    platform = Platform()

    with pytest.raises(Forbidden):
        platform.availability.replace(COACH, role=Role.ADMIN, zone="UTC", windows=(), now=NOW)
    with pytest.raises(Forbidden):
        platform.availability.set_zone(COACH, role=Role.LEARNER, zone="UTC", now=NOW)

    assert platform.memory.persons == {}


def test_a_change_stores_the_address_and_roles_of_the_caller() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="UTC", now=NOW)

    nameless = Caller(user_id=COACH.user_id, roles=frozenset({Role.LEARNER}))
    platform.availability.set_zone(nameless, role=Role.LEARNER, zone="UTC", now=NOW)

    person = platform.people.person(COACH.user_id)
    assert person.email == "c@example.com"
    assert person.roles_seen == {Role.COACH, Role.LEARNER}


def test_who_set_the_windows_is_stored_with_the_time() -> None:
    platform = Platform()

    platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=(MONDAY,), now=NOW)

    (own,) = platform.availability.of(COACH)
    assert (own.changed_by, own.changed_at) == (COACH.user_id, NOW)


def test_an_admin_sets_the_windows_of_another_user_and_not_their_profile() -> None:
    platform = Platform()
    acting = ADMIN.acting_for(COACH.user_id)

    platform.availability.replace(acting, role=Role.COACH, zone="UTC", windows=(MONDAY,), now=NOW)
    platform.availability.set_zone(acting, role=Role.LEARNER, zone="Asia/Tokyo", now=NOW)

    coach, learner = platform.availability.of(acting)
    assert (coach.windows, coach.changed_by) == ((MONDAY,), ADMIN.user_id)
    assert (learner.zone, learner.changed_by) == ("Asia/Tokyo", ADMIN.user_id)
    stored = platform.people.person(COACH.user_id)
    assert (stored.email, stored.roles_seen) == (None, frozenset())


def test_an_admin_acts_for_another_user_without_an_admins_rights() -> None:
    with pytest.raises(Forbidden, match="Admin"):
        Platform().availability.replace(
            ADMIN.acting_for("1"), role=Role.ADMIN, zone="UTC", windows=(), now=NOW
        )


def test_only_an_admin_may_name_another_user() -> None:
    assert COACH.acting_for(COACH.user_id) is COACH
    with pytest.raises(Forbidden, match=r"own\.others: only an Admin"):
        COACH.acting_for("another")
