from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    InvalidRequest,
    NotFound,
    ProviderNotConfigured,
    ProviderUnavailable,
    ProviderUnreachable,
)
from shared.ports import CalendarInfo, SignIn
from shared.usecases.connections import Connected, Connections
from shared.usecases.provisioning import Provision, Provisioning
from tests.support.calendars import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.platform import COACH, LEARNER, NOW
from tests.support.token_fakes import FakeOAuth, MemoryTokens, OneOAuth, grant

WORK = CalendarInfo(calendar_id="primary", name="Work", zone="Europe/Berlin")


class Desk:
    """The use-case with what it keeps."""

    def __init__(self) -> None:
        memory = Memory()
        self.people, self.vault, self.oauth = MemoryPeople(memory), MemoryVault(), FakeOAuth()
        self.store = MemoryTokens(memory, self.people)
        self.connections = Connections(
            people=self.people,
            tokens=self.store,
            vault=self.vault,
            oauth=OneOAuth(self.oauth),
            discovery=lambda: pytest.fail("nobody connects CalDAV here"),
        )
        self.provisioning = Provisioning(
            people=self.people, oauth=OneOAuth(self.oauth), connections=self.connections
        )

    def sign_in(
        self, user: str = COACH.user_id, account: str = "sub-1", refresh: str | None = "r1"
    ) -> Connected:
        signed_in = SignIn(
            grant=grant("a1", refresh, now=NOW), account=account, email="c@example.com"
        )
        return self.connections.keep_signed_in(user, Provider.GOOGLE, signed_in, WORK, now=NOW)

    def provision(self, email: str = "c@example.com", **changes: Any) -> Connected:
        handed: dict[str, Any] = {
            "user_id": COACH.user_id,
            "provider": Provider.GOOGLE,
            "email": email,
            "grant": grant("a2", "r2", now=NOW),
            "calendar": None,
        }
        return self.provisioning.keep(Provision(**{**handed, **changes}), now=NOW)

    def tokens(self, connection: Connection) -> OAuthCredential:
        text = self.vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

    def of(self, user: str = COACH.user_id) -> tuple[Connection, ...]:
        return self.connections.of(Caller(user_id=user))


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


def test_a_connection_falls_due_when_its_tokens_expire() -> None:
    desk = Desk()
    connection = desk.sign_in().connection

    assert NOW + timedelta(hours=1) == connection.token_expires_at
    assert ((COACH.user_id, connection.id),) == desk.store.due(NOW + timedelta(hours=2))
