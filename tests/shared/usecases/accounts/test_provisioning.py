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
from tests.support.account_harness import WORK, AccountHarness


def test_provisioned_tokens_connect_the_primary_calendar() -> None:
    harness = AccountHarness()

    stored = harness.provision()

    assert stored.is_new
    assert ("primary", "Mine") == (stored.connection.calendar_id, stored.connection.calendar_name)


def test_the_same_user_provider_and_address_update_the_connection() -> None:
    harness = AccountHarness()
    first = harness.provision()

    again = harness.provision("C@Example.com", calendar=replace(WORK, calendar_id="other"))

    assert (False, first.connection.id) == (again.is_new, again.connection.id)
    assert "other" == again.connection.calendar_id


def test_a_later_sign_in_verifies_a_provisioned_account() -> None:
    harness = AccountHarness()
    provisioned = harness.provision().connection

    verified = harness.sign_in().connection
    again = harness.provision()

    assert provisioned.id == verified.id == again.connection.id
    assert "sub-1" == again.connection.account


def test_provisioning_never_changes_whether_an_address_is_proven() -> None:
    harness = AccountHarness()
    stored = [
        harness.provision(),
        harness.sign_in(),
        harness.provision(),
        harness.sign_in(is_verified=False),
        harness.provision(),
    ]

    addresses = [each.connection.proven_email for each in stored]

    assert [None, "c@example.com", "c@example.com", None, None] == addresses


def test_a_provisioned_token_that_the_provider_rejects_is_an_invalid_request() -> None:
    harness = AccountHarness()
    harness.oauth.primary = AccessExpired("401")

    with pytest.raises(InvalidRequest):
        harness.provision()

    assert () == harness.of()


def test_an_unavailable_provider_is_reported_as_unreachable() -> None:
    harness = AccountHarness()
    harness.oauth.primary = ProviderUnavailable("503")

    with pytest.raises(ProviderUnreachable):
        harness.provision()


def test_tokens_of_an_unconfigured_provider_are_not_stored() -> None:
    harness = AccountHarness()

    with pytest.raises(ProviderNotConfigured):
        harness.provision(provider=Provider.OUTLOOK)

    assert () == harness.of()
