from dataclasses import replace

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden
from shared.domain.role import Role
from shared.domain.week import Window
from tests.support.platform import COACH, OFFICE, Platform

BOTH = replace(COACH, roles=frozenset({Role.LEARNER, Role.COACH}))
MONDAY = Window(0, 600, 720, "Europe/Berlin")


def test_a_role_nobody_set_has_the_default_windows() -> None:
    (answer,) = Platform().availability.of(COACH)

    assert (answer.role, answer.zone, answer.use_default) == (Role.COACH, "UTC", True)
    assert answer.windows == OFFICE.windows("UTC")


def test_each_role_of_the_caller_is_told_in_a_fixed_order() -> None:
    assert [each.role for each in Platform().availability.of(BOTH)] == [Role.COACH, Role.LEARNER]


def test_windows_are_kept_for_their_role_alone_and_its_zone_stands_in_for_the_other() -> None:
    platform = Platform()

    kept = platform.availability.replace(
        BOTH, role=Role.COACH, zone="Europe/Berlin", windows=(MONDAY,)
    )
    coach, learner = platform.availability.of(BOTH)

    assert (kept, kept.windows) == (coach, (MONDAY,))
    assert (learner.use_default, learner.zone) == (True, "Europe/Berlin")


def test_windows_that_touch_are_kept_as_one() -> None:
    kept = Platform().availability.replace(
        COACH,
        role=Role.COACH,
        zone="Europe/Berlin",
        windows=(Window(0, 720, 780, "Europe/Berlin"), MONDAY),
    )

    assert kept.windows == (Window(0, 600, 780, "Europe/Berlin"),)


def test_no_windows_at_all_is_a_choice_of_its_own() -> None:
    platform = Platform()

    kept = platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=())

    assert (kept.use_default, kept.windows) == (False, ())
    assert platform.statuses() == {}


def test_the_default_windows_can_be_chosen_again_in_ones_own_zone() -> None:
    platform = Platform()
    platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=(MONDAY,))

    kept = platform.availability.replace(COACH, role=Role.COACH, zone="Asia/Kolkata", windows=None)

    assert (kept,) == platform.availability.of(COACH)
    assert (kept.use_default, kept.windows) == (True, OFFICE.windows("Asia/Kolkata"))


def test_windows_keep_their_wall_clock_times_in_a_new_zone() -> None:
    platform = Platform()
    platform.availability.replace(COACH, role=Role.COACH, zone="Europe/Berlin", windows=(MONDAY,))

    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo")

    assert (moved.zone, moved.windows) == ("Asia/Tokyo", (Window(0, 600, 720, "Asia/Tokyo"),))
    assert (moved,) == platform.availability.of(COACH)


@pytest.mark.parametrize("chosen", [True, False])
def test_a_zone_alone_keeps_the_default_windows(chosen: bool) -> None:  # noqa: FBT001 - drawn by pytest
    platform = Platform()
    if chosen:
        platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=None)

    moved = platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo")

    assert (moved.use_default, moved.windows) == (True, OFFICE.windows("Asia/Tokyo"))


def test_a_zone_alone_is_kept_as_such_until_windows_are_chosen() -> None:
    platform = Platform()

    def kept() -> bool:
        return platform.people.person(COACH.user_id).availability[Role.COACH].zone_only

    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo")
    platform.availability.set_zone(COACH, role=Role.COACH, zone="UTC")
    assert kept()
    platform.availability.replace(COACH, role=Role.COACH, zone="UTC", windows=None)
    platform.availability.set_zone(COACH, role=Role.COACH, zone="Asia/Tokyo")
    assert not kept()


def test_a_role_the_token_does_not_carry_is_refused() -> None:
    platform = Platform()

    with pytest.raises(Forbidden):
        platform.availability.replace(COACH, role=Role.ADMIN, zone="UTC", windows=())
    with pytest.raises(Forbidden):
        platform.availability.set_zone(COACH, role=Role.LEARNER, zone="UTC")

    assert platform.memory.persons == {}


def test_who_says_something_is_remembered_with_address_and_roles() -> None:
    platform = Platform()
    platform.availability.set_zone(COACH, role=Role.COACH, zone="UTC")

    nameless = Caller(user_id=COACH.user_id, roles=frozenset({Role.LEARNER}))
    platform.availability.set_zone(nameless, role=Role.LEARNER, zone="UTC")

    person = platform.people.person(COACH.user_id)
    assert person.email == "c@example.com"
    assert person.roles_seen == {Role.COACH, Role.LEARNER}
