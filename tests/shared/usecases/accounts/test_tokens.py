import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.connection import Connection, ConnectionStatus, Provider
from shared.domain.credential import OAuthCredential
from shared.domain.errors import (
    AccessExpired,
    CredentialDead,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.ports import Account
from shared.usecases.accounts.tokens import LEASE, RefreshOutcome, Tokens
from tests.support.calendars import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.platform import NOW
from tests.support.token_fakes import FakeOAuth, MemoryTokens, grant, tokens_of


class Desk:
    """A coach's Google connection and the tokens of it; `at` is the present."""

    def __init__(self, *, expires: timedelta, refresh_token: str | None = "refresh-0") -> None:
        self.at = NOW
        memory = Memory()
        self.people, self.vault, self.oauth = MemoryPeople(memory), MemoryVault(), FakeOAuth()
        self.store = MemoryTokens(memory, self.people)
        self.pauses: list[int] = []
        self.tokens = tokens_of(
            self.people,
            self.vault,
            store=self.store,
            oauth=self.oauth,
            now=lambda: self.at,
            pause=self.pauses.append,
        )
        self.keep("access-0", refresh_token, NOW + expires)

    def keep(self, access_token: str, refresh_token: str | None, expires: datetime) -> None:
        credential = OAuthCredential(
            access_token=access_token, refresh_token=refresh_token, expires_at=expires
        )
        sealed = self.vault.seal(credential.to_text(), user_id="coach-1", connection_id="g1")
        self.people.save_connection(
            Connection(
                id="g1",
                user_id="coach-1",
                provider=Provider.GOOGLE,
                account="sub-1",
                email="c@example.com",
                calendar_id="primary",
                calendar_name=None,
                zone=None,
                credential=sealed,
                token_expires_at=expires,
                created_at=NOW,
            )
        )

    @property
    def connection(self) -> Connection:
        (kept,) = self.people.person("coach-1").connections
        return kept

    @property
    def stored(self) -> OAuthCredential:
        kept = self.connection
        text = self.vault.open(kept.credential, user_id="coach-1", connection_id="g1")
        return OAuthCredential.from_text(text)


def access(account: Account) -> str:
    return OAuthCredential.from_text(account.credential).access_token


def only_fresh(account: Account) -> str:
    """Work that a provider refuses with the token it had at first."""
    if access(account) == "access-0":
        raise AccessExpired("401")
    return access(account)


def test_a_good_token_is_used_without_asking_anybody() -> None:
    desk = Desk(expires=timedelta(hours=1))

    assert "access-0" == desk.tokens.use(desk.connection, access)
    assert [] == desk.oauth.refreshed


def test_a_token_about_to_expire_is_refreshed_before_it_is_used() -> None:
    desk = Desk(expires=timedelta(seconds=30))

    assert "fresh" == desk.tokens.use(desk.connection, access)
    assert ["refresh-0"] == desk.oauth.refreshed
    assert NOW + timedelta(hours=1) == desk.connection.token_expires_at


def test_a_refused_token_is_refreshed_once_and_the_work_done_again() -> None:
    desk = Desk(expires=timedelta(hours=1))

    assert "fresh" == desk.tokens.use(desk.connection, only_fresh)
    assert "fresh" == desk.stored.access_token


def test_an_answer_without_a_refresh_token_keeps_the_one_there_was() -> None:
    desk = Desk(expires=timedelta(0))

    desk.tokens.use(desk.connection, access)

    assert "refresh-0" == desk.stored.refresh_token


def test_an_answer_with_a_refresh_token_replaces_it() -> None:
    desk = Desk(expires=timedelta(0))
    desk.oauth.answers = [grant("fresh", "refresh-1", now=NOW)]

    desk.tokens.use(desk.connection, access)

    assert "refresh-1" == desk.stored.refresh_token


def refuse(_: Account) -> str:
    raise AccessExpired("401")


def test_a_token_refused_even_when_fresh_needs_the_user() -> None:
    desk = Desk(expires=timedelta(hours=1))

    with pytest.raises(CredentialDead):
        desk.tokens.use(desk.connection, refuse)

    assert ConnectionStatus.RECONNECT_REQUIRED is desk.connection.status
    assert 1 == len(desk.oauth.refreshed)


@pytest.mark.parametrize("expires", [timedelta(0), timedelta(hours=1)])
def test_a_grant_that_has_ended_marks_the_connection_once(expires: timedelta) -> None:
    desk = Desk(expires=expires)
    desk.oauth.answers = [CredentialDead("invalid_grant")]

    with pytest.raises(CredentialDead):
        desk.tokens.use(desk.connection, only_fresh)

    assert ["g1"] == desk.people.marks
    assert "invalid_grant" == desk.connection.last_error


def test_an_expired_token_without_a_refresh_token_needs_the_user() -> None:
    desk = Desk(expires=timedelta(0), refresh_token=None)

    with pytest.raises(CredentialDead):
        desk.tokens.use(desk.connection, access)

    assert [] == desk.oauth.refreshed
    assert ConnectionStatus.RECONNECT_REQUIRED is desk.connection.status


@pytest.mark.parametrize("fault", [ProviderMisconfigured("our secret"), ProviderUnavailable("503")])
def test_our_own_fault_and_a_passing_one_disconnect_nobody(fault: Exception) -> None:
    desk = Desk(expires=timedelta(0))
    desk.oauth.answers = [fault]

    with pytest.raises(type(fault)):
        desk.tokens.use(desk.connection, access)

    assert desk.connection.is_active
    assert "fresh" == desk.tokens.use(desk.connection, access), "the lease was given back"


def test_fifty_callers_of_one_expired_connection_cause_one_refresh() -> None:
    desk = Desk(expires=timedelta(0))
    gate, connection = threading.Barrier(50), desk.connection

    def one(_: int) -> str:
        gate.wait()
        return desk.tokens.use(connection, access)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(one, range(50)))

    assert ["fresh"] * 50 == answers
    assert ["refresh-0"] == desk.oauth.refreshed


def test_who_finds_a_refresh_under_way_waits_for_its_tokens() -> None:
    desk = Desk(expires=timedelta(0))
    stale = desk.connection
    desk.store.lease(stale, until=NOW + LEASE, now=NOW)
    tokens = Tokens(
        people=desk.people,
        tokens=desk.store,
        vault=desk.vault,
        oauth=desk.tokens._oauth,
        now=lambda: NOW,
        pause=lambda _: desk.keep("theirs", "refresh-1", NOW + timedelta(hours=1)),
        meter=FakeMeter(),
    )

    assert "theirs" == tokens.use(stale, access)
    assert [] == desk.oauth.refreshed


def test_a_refresh_that_never_ends_is_waited_for_only_so_long() -> None:
    desk = Desk(expires=timedelta(0))
    desk.store.lease(desk.connection, until=NOW + LEASE, now=NOW)

    with pytest.raises(ProviderUnavailable):
        desk.tokens.use(desk.connection, access)

    assert desk.pauses == sorted(desk.pauses)
    assert desk.connection.is_active


def test_a_crashed_refresh_is_taken_over_when_its_lease_ends() -> None:
    desk = Desk(expires=timedelta(0))
    desk.store.lease(desk.connection, until=NOW + LEASE, now=NOW)
    desk.at = NOW + LEASE

    assert "fresh" == desk.tokens.use(desk.connection, access)


def test_tokens_of_a_reconnection_meanwhile_are_never_overwritten() -> None:
    desk = Desk(expires=timedelta(0))
    stale = desk.connection

    class Reconnecting(FakeOAuth):
        def refresh(self, refresh_token: str, *, now: datetime) -> object:  # type: ignore[override]  # returns what the parent does
            desk.keep("reconnected", "refresh-9", NOW + timedelta(hours=1))
            return super().refresh(refresh_token, now=now)

    tokens = tokens_of(
        desk.people, desk.vault, store=desk.store, oauth=Reconnecting(), now=lambda: NOW
    )

    assert "reconnected" == tokens.use(stale, access)
    assert "refresh-9" == desk.stored.refresh_token


def test_a_connection_removed_meanwhile_is_told_as_such() -> None:
    desk = Desk(expires=timedelta(0))
    stale = desk.connection
    desk.people.remove_connection("coach-1", "g1")

    with pytest.raises(CredentialDead):
        desk.tokens.use(stale, access)


def test_the_schedule_refreshes_what_falls_due_and_nothing_else() -> None:
    desk = Desk(expires=timedelta(minutes=14))

    assert Counter({RefreshOutcome.REFRESHED: 1}) == desk.tokens.refresh_due()
    assert Counter() == desk.tokens.refresh_due()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (CredentialDead("invalid_grant"), RefreshOutcome.RECONNECT_REQUIRED),
        (ProviderMisconfigured("our secret"), RefreshOutcome.MISCONFIGURED),
        (ProviderUnavailable("503"), RefreshOutcome.LATER),
    ],
)
def test_the_schedule_counts_how_each_connection_fared(
    fault: Exception, outcome: RefreshOutcome
) -> None:
    desk = Desk(expires=timedelta(0))
    desk.oauth.answers = [fault]

    assert Counter({outcome: 1}) == desk.tokens.refresh_due()
    assert desk.connection.is_active == (outcome is not RefreshOutcome.RECONNECT_REQUIRED)


def test_the_schedule_believes_the_connection_and_not_the_index() -> None:
    desk = Desk(expires=timedelta(0))
    fresh = replace(desk.connection, token_expires_at=NOW + timedelta(hours=1))

    class Late(MemoryTokens):
        def due(self, before: datetime) -> tuple[tuple[str, str], ...]:
            assert before > NOW
            return ("coach-1", "g1"), ("coach-1", "gone")

    desk.people.save_connection(fresh)
    store = Late(Memory(), desk.people)
    tokens = tokens_of(desk.people, desk.vault, store=store, oauth=desk.oauth, now=lambda: NOW)

    assert Counter({RefreshOutcome.NOT_NEEDED: 2}) == tokens.refresh_due()
    assert [] == desk.oauth.refreshed
