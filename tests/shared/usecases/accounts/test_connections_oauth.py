from datetime import timedelta

import pytest

from shared.domain.connection import ConnectionStatus
from shared.domain.errors import (
    NotFound,
    ProviderUnavailable,
)
from tests.support.desk import Desk
from tests.support.platform import COACH, LEARNER, NOW
from tests.support.token_fakes import FakeOAuth, OneOAuth


def test_a_new_account_is_kept_with_its_calendar_and_sealed_tokens() -> None:
    desk = Desk()

    kept = desk.sign_in()

    assert kept.is_new
    connection = kept.connection
    assert ("primary", "Work", "Europe/Berlin") == (
        connection.calendar_id,
        connection.calendar_name,
        connection.zone,
    )
    assert ("a1", "r1") == (
        desk.tokens(connection).access_token,
        desk.tokens(connection).refresh_token,
    )
    assert (connection,) == desk.of()


def test_reconnecting_the_same_account_keeps_its_id_and_revives_it() -> None:
    desk = Desk()
    first = desk.sign_in().connection
    desk.people.mark_connection(first, ConnectionStatus.RECONNECT_REQUIRED, error="gone")

    again = desk.sign_in()

    assert not again.is_new
    assert first.id == again.connection.id
    assert [True] == [each.is_active for each in desk.of()]


def test_a_sign_in_without_refresh_token_keeps_the_stored_one() -> None:
    desk = Desk()
    desk.sign_in(refresh="kept")

    again = desk.sign_in(refresh=None).connection

    assert "kept" == desk.tokens(again).refresh_token


def test_the_same_address_with_another_identity_is_another_account() -> None:
    desk = Desk()

    first, second = desk.sign_in(account="sub-1"), desk.sign_in(account="sub-2")

    assert first.connection.id != second.connection.id
    assert 2 == len(desk.of())


def test_disconnecting_the_last_connection_of_an_account_revokes_it() -> None:
    desk = Desk()
    connection = desk.sign_in().connection

    assert desk.connections.disconnect(COACH, connection.id)
    assert ["r1"] == desk.oauth.revoked
    assert () == desk.of()


def test_a_grant_that_others_share_is_not_revoked() -> None:
    desk = Desk()
    mine = desk.sign_in().connection
    theirs = desk.sign_in(user=LEARNER.user_id).connection

    assert not desk.connections.disconnect(COACH, mine.id)
    assert [] == desk.oauth.revoked
    assert desk.connections.disconnect(LEARNER, theirs.id)
    assert ["r1"] == desk.oauth.revoked


def test_tokens_are_erased_even_when_the_provider_will_not_revoke() -> None:
    desk = Desk()
    connection = desk.sign_in().connection

    class Failing(FakeOAuth):
        def revoke(self, refresh_token: str) -> bool:
            raise ProviderUnavailable(f"503 for {len(refresh_token)} characters")

    desk.connections._oauth = OneOAuth(Failing())

    assert not desk.connections.disconnect(COACH, connection.id)
    assert () == desk.of()


def test_somebody_elses_connection_is_not_there() -> None:
    desk = Desk()
    connection = desk.sign_in().connection

    with pytest.raises(NotFound):
        desk.connections.disconnect(LEARNER, connection.id)

    assert (connection,) == desk.of()
    assert [] == desk.oauth.revoked


def test_a_connection_falls_due_when_its_tokens_expire() -> None:
    desk = Desk()
    connection = desk.sign_in().connection

    assert NOW + timedelta(hours=1) == connection.token_expires_at
    assert ((COACH.user_id, connection.id),) == desk.store.due(NOW + timedelta(hours=2))
