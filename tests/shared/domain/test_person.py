from datetime import UTC, date, datetime

from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability


def availability(role: Role, zone: str) -> RoleAvailability:
    return RoleAvailability(role=role, zone=zone, use_default=True, windows=())


def holiday(role: Role) -> Holiday:
    return Holiday(
        id=role,
        name="Away",
        role=role,
        first=date(2026, 3, 2),
        last=date(2026, 3, 2),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_the_zone_is_that_of_the_role() -> None:
    roles = {
        Role.COACH: availability(Role.COACH, "Asia/Kolkata"),
        Role.LEARNER: availability(Role.LEARNER, "Europe/Berlin"),
    }

    assert Person(user_id="ann", availability=roles).zone(Role.LEARNER, "UTC") == "Europe/Berlin"


def test_a_role_without_settings_has_the_zone_of_another_role() -> None:
    roles = {Role.COACH: availability(Role.COACH, "Asia/Kolkata")}

    assert Person(user_id="ann", availability=roles).zone(Role.LEARNER, "UTC") == "Asia/Kolkata"


def test_an_unknown_user_has_the_default_zone() -> None:
    assert Person(user_id="ann").zone(Role.COACH, "Europe/Paris") == "Europe/Paris"


def test_holidays_belong_to_a_role() -> None:
    person = Person(user_id="ann", holidays=(holiday(Role.COACH), holiday(Role.LEARNER)))

    assert person.holidays_as(Role.COACH) == (holiday(Role.COACH),)
    assert person.holidays_as(Role.ADMIN) == ()
