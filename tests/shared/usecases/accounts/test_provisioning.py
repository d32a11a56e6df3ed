from dataclasses import replace

import pytest

from shared.domain.connection import Provider
from shared.domain.errors import (
    AccessExpired,
    InvalidRequest,
    ProviderNotConfigured,
    ProviderUnavailable,
    ProviderUnreachable,
)
from tests.support.desk import WORK, Desk


def test_tokens_handed_over_become_a_connection_to_the_primary_calendar() -> None:
    desk = Desk()

    kept = desk.provision()

    assert kept.is_new
    assert ("primary", "Mine") == (kept.connection.calendar_id, kept.connection.calendar_name)


def test_the_same_user_provider_and_address_update_the_connection() -> None:
    desk = Desk()
    first = desk.provision()

    again = desk.provision("C@Example.com", calendar=replace(WORK, calendar_id="other"))

    assert (False, first.connection.id) == (again.is_new, again.connection.id)
    assert "other" == again.connection.calendar_id


def test_an_account_handed_over_by_address_becomes_the_one_that_signs_in_later() -> None:
    desk = Desk()
    handed = desk.provision().connection

    proven = desk.sign_in().connection
    again = desk.provision()

    assert handed.id == proven.id == again.connection.id
    assert "sub-1" == again.connection.account


def test_a_token_handed_over_that_the_provider_refuses_is_the_callers_fault() -> None:
    desk = Desk()
    desk.oauth.primary = AccessExpired("401")

    with pytest.raises(InvalidRequest):
        desk.provision()

    assert () == desk.of()


def test_a_provider_that_does_not_answer_is_told_as_such() -> None:
    desk = Desk()
    desk.oauth.primary = ProviderUnavailable("503")

    with pytest.raises(ProviderUnreachable):
        desk.provision()


def test_tokens_of_a_provider_this_stack_does_not_know_are_not_kept() -> None:
    desk = Desk()

    with pytest.raises(ProviderNotConfigured):
        desk.provision(provider=Provider.OUTLOOK)

    assert () == desk.of()
