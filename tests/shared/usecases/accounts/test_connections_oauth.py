from datetime import timedelta

import pytest

from shared.domain.connection import ConnectionStatus
from shared.domain.errors import (
    NotFound,
    ProviderUnavailable,
)
from tests.support.account_harness import AccountHarness
from tests.support.platform import COACH, LEARNER, NOW
from tests.support.store_samples import PROBLEM
from tests.support.token_fakes import FakeOAuth


def test_a_new_account_is_stored_with_its_calendar_and_encrypted_tokens() -> None:
    harness = AccountHarness()

    stored = harness.sign_in()

    assert stored.is_new
    connection = stored.connection
    assert ("primary", "Work", "Europe/Berlin") == (
        connection.calendar_id,
        connection.calendar_name,
        connection.zone,
    )
    assert ("a1", "r1") == (
        harness.tokens(connection).access_token,
        harness.tokens(connection).refresh_token,
    )
    assert (connection,) == harness.of()


def test_reconnecting_an_account_keeps_its_id_and_makes_it_active() -> None:
    harness = AccountHarness()
    first = harness.sign_in().connection
    harness.people.mark_connection(
        first, ConnectionStatus.RECONNECT_REQUIRED, error=PROBLEM, now=NOW
    )

    again = harness.sign_in()

    assert not again.is_new
    assert first.id == again.connection.id
    assert [True] == [each.is_active for each in harness.of()]


def test_an_address_is_proven_only_while_the_provider_says_that_it_is_verified() -> None:
    harness = AccountHarness()
    addresses = [
        harness.sign_in(is_verified=is_verified).connection.proven_email
        for is_verified in (False, True, False)
    ]

    assert [None, "c@example.com", None] == addresses
    assert [None] == [each.proven_email for each in harness.of()]


def test_a_sign_in_without_refresh_token_keeps_the_stored_one() -> None:
    harness = AccountHarness()
    harness.sign_in(refresh="stored")

    again = harness.sign_in(refresh=None).connection

    assert "stored" == harness.tokens(again).refresh_token


def test_the_same_address_with_another_identity_is_another_account() -> None:
    harness = AccountHarness()

    first, second = harness.sign_in(account="sub-1"), harness.sign_in(account="sub-2")

    assert first.connection.id != second.connection.id
    assert 2 == len(harness.of())


def test_disconnecting_the_last_connection_of_an_account_revokes_it() -> None:
    harness = AccountHarness()
    connection = harness.sign_in().connection

    assert harness.connections.disconnect(COACH, connection.id)
    assert ["r1"] == harness.oauth.revoked
    assert () == harness.of()


def test_a_shared_grant_is_not_revoked() -> None:
    harness = AccountHarness()
    own = harness.sign_in().connection
    other = harness.sign_in(user=LEARNER.user_id).connection

    assert not harness.connections.disconnect(COACH, own.id)
    assert [] == harness.oauth.revoked
    assert harness.connections.disconnect(LEARNER, other.id)
    assert ["r1"] == harness.oauth.revoked


def test_tokens_are_deleted_even_if_the_provider_cannot_revoke_them() -> None:
    class Failing(FakeOAuth):
        def revoke(self, refresh_token: str) -> bool:
            raise ProviderUnavailable(f"503 for {len(refresh_token)} characters")

    harness = AccountHarness(Failing())
    connection = harness.sign_in().connection

    assert not harness.connections.disconnect(COACH, connection.id)
    assert () == harness.of()


def test_another_users_connection_is_not_found() -> None:
    harness = AccountHarness()
    connection = harness.sign_in().connection

    with pytest.raises(NotFound):
        harness.connections.disconnect(LEARNER, connection.id)

    assert (connection,) == harness.of()
    assert [] == harness.oauth.revoked


def test_a_connection_is_due_when_its_tokens_expire() -> None:
    harness = AccountHarness()
    connection = harness.sign_in().connection

    assert NOW + timedelta(hours=1) == connection.token_expires_at
    assert ((COACH.user_id, connection.id),) == harness.store.find_expiring(
        NOW + timedelta(hours=2)
    )
