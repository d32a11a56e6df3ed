import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.domain.connection import (
    Connection,
    ConnectionProblem,
    ConnectionStatus,
    OAuthCredential,
    ProblemCode,
    Provider,
)
from shared.domain.errors import (
    AccessExpired,
    CredentialInvalid,
    ProviderMisconfigured,
    ProviderRejected,
    ProviderUnavailable,
)
from shared.ports import Account, Grant
from shared.usecases.accounts.tokens import LEASE, RefreshOutcome, Tokens
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.platform import NOW
from tests.support.token_fakes import FakeOAuth, MemoryTokens, grant, tokens_of


class TokensHarness:
    """A coach's Google connection and its tokens; `at` is the current time."""

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
        self.save("access-0", refresh_token, NOW + expires)

    def save(self, access_token: str, refresh_token: str | None, expires: datetime) -> None:
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
        (connection,) = self.people.person("coach-1").connections
        return connection

    @property
    def stored(self) -> OAuthCredential:
        text = self.vault.open(self.connection.credential, user_id="coach-1", connection_id="g1")
        return OAuthCredential.from_text(text)


def access(account: Account) -> str:
    return OAuthCredential.from_text(account.credential).access_token


def only_fresh(account: Account) -> str:
    """Raise for the first token, as a provider that rejects it."""
    if access(account) == "access-0":
        raise AccessExpired("401")
    return access(account)


def test_a_valid_token_is_used_without_a_refresh() -> None:
    harness = TokensHarness(expires=timedelta(hours=1))

    assert "access-0" == harness.tokens.use(harness.connection, access)
    assert [] == harness.oauth.refreshed


def test_a_token_about_to_expire_is_refreshed_before_use() -> None:
    harness = TokensHarness(expires=timedelta(seconds=30))

    assert "fresh" == harness.tokens.use(harness.connection, access)
    assert ["refresh-0"] == harness.oauth.refreshed
    assert NOW + timedelta(hours=1) == harness.connection.token_expires_at


def test_after_a_rejected_token_the_work_is_retried_with_a_refreshed_one() -> None:
    harness = TokensHarness(expires=timedelta(hours=1))

    assert "fresh" == harness.tokens.use(harness.connection, only_fresh)
    assert "fresh" == harness.stored.access_token


def test_a_response_without_a_refresh_token_keeps_the_stored_one() -> None:
    harness = TokensHarness(expires=timedelta(0))

    harness.tokens.use(harness.connection, access)

    assert "refresh-0" == harness.stored.refresh_token


def test_a_response_with_a_refresh_token_replaces_the_stored_one() -> None:
    harness = TokensHarness(expires=timedelta(0))
    harness.oauth.results = [grant("fresh", "refresh-1", now=NOW)]

    harness.tokens.use(harness.connection, access)

    assert "refresh-1" == harness.stored.refresh_token


def reject(_: Account) -> str:
    raise AccessExpired("401")


def test_a_refreshed_token_that_is_rejected_is_an_outage() -> None:
    harness = TokensHarness(expires=timedelta(hours=1))

    with pytest.raises(ProviderUnavailable):
        harness.tokens.use(harness.connection, reject)

    assert harness.connection.is_active
    assert 1 == len(harness.oauth.refreshed)


def test_a_refresh_asks_for_the_scopes_that_were_granted() -> None:
    harness = TokensHarness(expires=timedelta(0))

    harness.tokens.use(harness.connection, access)
    harness.at = NOW + timedelta(hours=2)
    harness.tokens.use(harness.connection, access)

    assert [frozenset(), frozenset({"calendar"})] == harness.oauth.granted


def test_a_calendar_that_was_deleted_is_reported_and_stays_connected() -> None:
    harness = TokensHarness(expires=timedelta(hours=1))

    def deleted(_: Account) -> str:
        raise ProviderRejected("404", problem=ProblemCode.CALENDAR_DELETED)

    for _ in range(2):
        with pytest.raises(ProviderRejected):
            harness.tokens.use(harness.connection, deleted)
        harness.at += timedelta(hours=1)

    assert harness.connection.is_active
    assert ConnectionProblem(ProblemCode.CALENDAR_DELETED, "404", NOW) == (
        harness.connection.last_error
    )
    harness.tokens.record_reading(harness.connection, None)
    assert harness.connection.last_error is None


@pytest.mark.parametrize("expires", [timedelta(0), timedelta(hours=1)])
def test_an_invalid_grant_marks_the_connection_once(expires: timedelta) -> None:
    harness = TokensHarness(expires=expires)
    harness.oauth.results = [CredentialInvalid("invalid_grant")]

    with pytest.raises(CredentialInvalid):
        harness.tokens.use(harness.connection, only_fresh)

    assert ["g1"] == harness.people.marks
    expected = ConnectionProblem(ProblemCode.RECONNECT_REQUIRED, "invalid_grant", NOW)
    assert expected == harness.connection.last_error


def test_an_expired_token_without_a_refresh_token_requires_a_reconnect() -> None:
    harness = TokensHarness(expires=timedelta(0), refresh_token=None)

    with pytest.raises(CredentialInvalid):
        harness.tokens.use(harness.connection, access)

    assert [] == harness.oauth.refreshed
    assert ConnectionStatus.RECONNECT_REQUIRED is harness.connection.status


@pytest.mark.parametrize(
    "fault", [ProviderMisconfigured("wrong secret"), ProviderUnavailable("503")]
)
def test_misconfiguration_and_outages_do_not_disconnect_users(fault: Exception) -> None:
    harness = TokensHarness(expires=timedelta(0))
    harness.oauth.results = [fault]

    with pytest.raises(type(fault)):
        harness.tokens.use(harness.connection, access)

    assert harness.connection.is_active
    assert "fresh" == harness.tokens.use(harness.connection, access), "the lease was released"


def test_fifty_callers_of_one_expired_connection_cause_one_refresh() -> None:
    harness = TokensHarness(expires=timedelta(0))
    gate, connection = threading.Barrier(50), harness.connection

    def use(_: int) -> str:
        gate.wait()
        return harness.tokens.use(connection, access)

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(use, range(50)))

    assert ["fresh"] * 50 == results
    assert ["refresh-0"] == harness.oauth.refreshed


def test_a_caller_waits_for_the_tokens_of_a_running_refresh() -> None:
    harness = TokensHarness(expires=timedelta(0))
    stale = harness.connection
    harness.store.lease(stale, until=NOW + LEASE, now=NOW)
    tokens = Tokens(
        people=harness.people,
        tokens=harness.store,
        vault=harness.vault,
        oauth=harness.tokens._oauth,
        now=lambda: NOW,
        pause=lambda _: harness.save("from another caller", "refresh-1", NOW + timedelta(hours=1)),
        meter=FakeMeter(),
    )

    assert "from another caller" == tokens.use(stale, access)
    assert [] == harness.oauth.refreshed


def test_the_wait_for_a_running_refresh_is_limited() -> None:
    harness = TokensHarness(expires=timedelta(0))
    harness.store.lease(harness.connection, until=NOW + LEASE, now=NOW)

    with pytest.raises(ProviderUnavailable):
        harness.tokens.use(harness.connection, access)

    assert harness.pauses == sorted(harness.pauses)
    assert harness.connection.is_active


def test_a_crashed_refresh_is_repeated_after_its_lease_expires() -> None:
    harness = TokensHarness(expires=timedelta(0))
    harness.store.lease(harness.connection, until=NOW + LEASE, now=NOW)
    harness.at = NOW + LEASE

    assert "fresh" == harness.tokens.use(harness.connection, access)


def test_tokens_of_a_concurrent_reconnect_are_not_overwritten() -> None:
    harness = TokensHarness(expires=timedelta(0))
    stale = harness.connection

    class Reconnecting(FakeOAuth):
        def refresh(
            self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
        ) -> Grant:
            harness.save("reconnected", "refresh-9", NOW + timedelta(hours=1))
            return super().refresh(refresh_token, now=now, granted=granted)

    tokens = tokens_of(
        harness.people, harness.vault, store=harness.store, oauth=Reconnecting(), now=lambda: NOW
    )

    assert "reconnected" == tokens.use(stale, access)
    assert "refresh-9" == harness.stored.refresh_token


def test_a_connection_removed_meanwhile_has_an_invalid_credential() -> None:
    harness = TokensHarness(expires=timedelta(0))
    stale = harness.connection
    harness.people.remove_connection("coach-1", "g1")

    with pytest.raises(CredentialInvalid):
        harness.tokens.use(stale, access)


def test_the_scheduled_refresh_refreshes_only_due_tokens() -> None:
    harness = TokensHarness(expires=timedelta(minutes=14))

    assert Counter({RefreshOutcome.REFRESHED: 1}) == harness.tokens.refresh_due()
    assert Counter() == harness.tokens.refresh_due()


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (CredentialInvalid("invalid_grant"), RefreshOutcome.RECONNECT_REQUIRED),
        (ProviderMisconfigured("wrong secret"), RefreshOutcome.MISCONFIGURED),
        (ProviderUnavailable("503"), RefreshOutcome.LATER),
    ],
)
def test_the_scheduled_refresh_counts_outcomes(fault: Exception, outcome: RefreshOutcome) -> None:
    harness = TokensHarness(expires=timedelta(0))
    harness.oauth.results = [fault]

    assert Counter({outcome: 1}) == harness.tokens.refresh_due()
    assert harness.connection.is_active == (outcome is not RefreshOutcome.RECONNECT_REQUIRED)


def test_the_scheduled_refresh_trusts_the_connection_not_the_index() -> None:
    harness = TokensHarness(expires=timedelta(0))
    fresh = replace(harness.connection, token_expires_at=NOW + timedelta(hours=1))

    class Late(MemoryTokens):
        def find_expiring(self, before: datetime) -> tuple[tuple[str, str], ...]:
            assert before > NOW
            return ("coach-1", "g1"), ("coach-1", "gone")

    harness.people.save_connection(fresh)
    store = Late(Memory(), harness.people)
    tokens = tokens_of(
        harness.people, harness.vault, store=store, oauth=harness.oauth, now=lambda: NOW
    )

    assert Counter({RefreshOutcome.NOT_NEEDED: 2}) == tokens.refresh_due()
    assert [] == harness.oauth.refreshed
