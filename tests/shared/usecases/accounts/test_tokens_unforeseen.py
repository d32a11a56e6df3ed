"""An error that no code expects postpones the refresh of one connection, and of no other."""

import logging
from collections import Counter

import pytest

from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.usecases.accounts.tokens import RefreshOutcome
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter
from tests.support.platform import NOW
from tests.support.token_fakes import FakeOAuth, MemoryTokens, tokens_of


class TwoConnections:
    """Google connections of two coaches whose tokens have expired."""

    def __init__(self, store: type[MemoryTokens] = MemoryTokens) -> None:
        memory = Memory()
        self.people, self.vault, self.oauth = MemoryPeople(memory), MemoryVault(), FakeOAuth()
        self.store, self.meter = store(memory, self.people), FakeMeter()
        for user in ("coach-1", "coach-2"):
            self.people.save_connection(self._expired(user))
        self.tokens = tokens_of(
            self.people,
            self.vault,
            store=self.store,
            oauth=self.oauth,
            now=lambda: NOW,
            meter=self.meter,
        )

    def _expired(self, user: str) -> Connection:
        credential = OAuthCredential(
            access_token="old", refresh_token=f"refresh-{user}", expires_at=NOW
        )
        return Connection(
            id=f"of-{user}",
            user_id=user,
            provider=Provider.GOOGLE,
            account=user,
            email=f"{user}@example.com",
            calendar_id="primary",
            calendar_name=None,
            zone=None,
            credential=self.vault.seal(
                credential.to_text(), user_id=user, connection_id=f"of-{user}"
            ),
            token_expires_at=NOW,
            created_at=NOW,
        )


@pytest.mark.parametrize(
    "error",
    [ValueError("secret"), TypeError("secret"), RecursionError("secret"), OverflowError("secret")],
    ids=lambda error: type(error).__name__,
)
def test_an_unforeseen_error_does_not_stop_other_refreshes(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    two = TwoConnections()
    two.oauth.results = [error]

    outcomes = two.tokens.refresh_due()

    assert Counter({RefreshOutcome.REFRESHED: 1, RefreshOutcome.LATER: 1}) == outcomes
    assert two.meter.counts["TokenRefreshes", "later"] == 1
    assert two.meter.counts["UnforeseenErrors", "refresh"] == 1
    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "token_fakes.py" in vars(record)["traceback"]
    assert "secret" not in str(vars(record))


def test_the_lease_is_released_so_that_the_next_run_refreshes() -> None:
    two = TwoConnections()
    two.oauth.results = [ValueError("x"), TypeError("x")]
    assert Counter({RefreshOutcome.LATER: 2}) == two.tokens.refresh_due()

    assert Counter({RefreshOutcome.REFRESHED: 2}) == two.tokens.refresh_due()


def test_a_connection_that_cannot_be_read_does_not_stop_other_refreshes() -> None:
    class OneUnreadable(MemoryTokens):
        def connection(self, user_id: str, connection_id: str) -> Connection | None:
            if user_id == "coach-1":
                raise ValueError("not a connection")
            return super().connection(user_id, connection_id)

    two = TwoConnections(OneUnreadable)

    outcomes = two.tokens.refresh_due()

    assert Counter({RefreshOutcome.REFRESHED: 1, RefreshOutcome.LATER: 1}) == outcomes
    assert ["refresh-coach-2"] == two.oauth.refreshed


def test_a_lack_of_memory_is_not_hidden() -> None:
    two = TwoConnections()
    two.oauth.results = [MemoryError()]

    with pytest.raises(MemoryError):
        two.tokens.refresh_due()
