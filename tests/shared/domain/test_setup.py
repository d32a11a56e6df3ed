from typing import Any

import pytest

from shared.domain.connection import ConnectionStatus
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.setup import Setup, setup_of
from shared.domain.week import RoleAvailability, Window
from tests.support.store_samples import connection

WINDOW = Window(0, 540, 1020, "UTC")


def stored(**changes: Any) -> Person:
    fields: dict[str, Any] = {
        "role": Role.COACH,
        "zone": "UTC",
        "use_default": False,
        "windows": (WINDOW,),
        **changes,
    }
    return Person(user_id="1", availability={fields["role"]: RoleAvailability(**fields)})


def test_an_empty_person_has_completed_no_step() -> None:
    expected = Setup(
        role=Role.COACH,
        has_connection=False,
        has_availability=False,
        has_timezone=False,
        reconnect_required=False,
    )

    assert expected == setup_of(Person(user_id="1"), Role.COACH)
    assert not expected.is_complete


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (True, True)),
        ({"use_default": True, "windows": ()}, (True, True)),
        ({"use_default": True, "windows": (), "zone_only": True}, (False, True)),
        ({"windows": ()}, (False, True)),
        ({"role": Role.LEARNER}, (False, False)),
    ],
)
def test_availability_is_set_by_windows_or_by_choosing_the_defaults(
    changes: dict[str, Any], expected: tuple[bool, bool]
) -> None:
    result = setup_of(stored(**changes), Role.COACH)

    assert expected == (result.has_availability, result.has_timezone)


def test_a_connection_counts_in_any_state_and_reports_that_it_must_be_reconnected() -> None:
    active = connection(status=ConnectionStatus.ACTIVE)
    working = setup_of(Person(user_id="1", connections=(active,)), Role.COACH)
    stopped = setup_of(Person(user_id="1", connections=(active, connection())), Role.COACH)

    assert (True, False) == (working.has_connection, working.reconnect_required)
    assert (True, True) == (stopped.has_connection, stopped.reconnect_required)


def test_a_connection_that_this_version_cannot_use_need_not_be_reconnected() -> None:
    unavailable = connection(status=ConnectionStatus.UNAVAILABLE)

    assert not setup_of(
        Person(user_id="1", connections=(unavailable,)), Role.COACH
    ).reconnect_required
