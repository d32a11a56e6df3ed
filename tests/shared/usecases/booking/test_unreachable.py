"""Participants whom a session does not reach are named when it is booked."""

from dataclasses import replace

import pytest

from shared.domain.connection import ConnectionStatus
from shared.domain.event import Contact
from shared.domain.role import Role
from shared.domain.warning import WarningCode
from shared.usecases.booking.views import EventView
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, Platform, moved


def unreachable(view: EventView) -> dict[str, Role]:
    """Return the people of the warnings about people who are not reached, with their roles."""
    found = [each for each in view.warnings if each.code is WarningCode.UNREACHABLE]
    assert all(each.user_id in each.message for each in found)
    return {each.user_id: each.role for each in found}


def test_people_without_calendar_and_address_are_named_with_their_roles() -> None:
    platform = Platform(has_mail=True)

    view = platform.book(caller=ADMIN, admin_id="boss", admin_attends=True)

    assert unreachable(view) == {
        COACH.user_id: Role.COACH,
        LEARNER.user_id: Role.LEARNER,
        "boss": Role.ADMIN,
    }


def test_an_approver_who_takes_no_part_is_not_named() -> None:
    view = Platform(has_mail=True).book(caller=ADMIN, admin_id="boss")

    assert "boss" not in unreachable(view)


def test_an_address_of_a_contact_or_of_the_callers_token_is_enough() -> None:
    platform = Platform(has_mail=True)
    contact = Contact(LEARNER.user_id, "lea@example.org")
    caller = replace(COACH, email="coach@example.org")

    assert unreachable(platform.book(caller=caller, contacts=(contact,))) == {}


@pytest.mark.parametrize(
    ("status", "is_named"),
    [(ConnectionStatus.ACTIVE, False), (ConnectionStatus.RECONNECT_REQUIRED, True)],
)
def test_a_calendar_is_enough_while_it_works(status: ConnectionStatus, *, is_named: bool) -> None:
    platform = Platform(has_mail=True)
    connection = platform.connect(status=status)
    # The user name of a CalDAV account is no proven address.
    platform.people.save_connection(replace(connection, is_email_verified=False))

    view = platform.book(caller=ADMIN, allow_conflicts=True)

    assert (COACH.user_id in unreachable(view)) == is_named


def test_moving_and_approving_name_them_too() -> None:
    platform = Platform(has_mail=True)
    platform.book(auto_approval=False)

    approved = platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)
    later = platform.events.update(ADMIN, moved(12), now=NOW)

    # The coach's address is known from the token of the booking.
    assert unreachable(approved) == unreachable(later) == {LEARNER.user_id: Role.LEARNER}


def test_a_service_that_sends_no_mail_names_nobody() -> None:
    assert unreachable(Platform().book()) == {}
