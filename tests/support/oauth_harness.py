"""The authorization code flow over stores in memory, with browsers that have the secret or not."""

from datetime import datetime
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.connection import Connection, Provider
from shared.ports import OAuthState, ParkedGrant, ParkedGrantStore, SignIn, StateStore
from shared.usecases.accounts.authorization import AuthorizationStart, Callback, CallbackRedirect
from shared.usecases.accounts.connection_writer import ConnectionWriter, StoredConnection
from shared.usecases.accounts.connections import Connections
from shared.usecases.accounts.healing import Healing
from shared.usecases.accounts.oauth import STATE_LIFETIME, OAuthConnect
from shared.usecases.accounts.parked_grants import ParkedGrants
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.people.limits import NO_LIMITS
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryParked, MemoryPeople, MemoryQueue
from tests.support.meter import FakeMeter
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import FakeOAuth, GoogleOnlyOAuth, MemoryTokens, grant

PAGE = "https://app.example/calendars?tab=1"


class MemoryStates(StateStore):
    """OAuth states in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, OAuthState] = {}

    @override
    def put(self, digest: str, state: OAuthState) -> None:
        self.stored[digest] = state

    @override
    def get(self, digest: str) -> OAuthState | None:
        return self.stored.get(digest)

    @override
    def take(self, digest: str) -> OAuthState | None:
        return self.stored.pop(digest, None)


class MemoryParkedGrants(ParkedGrantStore):
    """Parked grants in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, ParkedGrant] = {}

    @override
    def put(self, digest: str, grant: ParkedGrant) -> None:
        self.stored[digest] = grant

    @override
    def take(self, digest: str) -> ParkedGrant | None:
        return self.stored.pop(digest, None)


class OAuthHarness:
    """A coach who is about to connect a Google calendar."""

    def __init__(self, *, binds_browser: bool = True, states: MemoryStates | None = None) -> None:
        memory = Memory()
        self.meter = FakeMeter()
        self.people, self.vault, self.oauth = MemoryPeople(memory), MemoryVault(), FakeOAuth()
        self.oauth.sign_in = SignIn(
            grant=grant("access", "refresh", now=NOW),
            account="sub-1",
            email="c@example.com",
            is_email_verified=True,
        )
        self.states, self.parked = states or MemoryStates(), MemoryParkedGrants()
        tokens, servers = MemoryTokens(memory, self.people), GoogleOnlyOAuth(self.oauth)
        writer = ConnectionWriter(
            people=self.people,
            tokens=tokens,
            vault=self.vault,
            limits=NO_LIMITS,
            healing=Healing(
                people=self.people, queue=MemoryQueue(), parked_events=MemoryParked(memory)
            ),
        )
        connections = Connections(
            people=self.people,
            tokens=tokens,
            oauth=servers,
            discovery=lambda: pytest.fail("CalDAV discovery must not be used"),
            limits=NO_LIMITS,
            writer=writer,
            revocation=Revocation(tokens=tokens, vault=self.vault, oauth=servers, meter=self.meter),
            meter=self.meter,
            redirects=[PAGE],
        )
        self.connect = OAuthConnect(
            states=self.states,
            parked=ParkedGrants(store=self.parked, vault=self.vault),
            vault=self.vault,
            oauth=servers,
            connections=connections,
            meter=self.meter,
            public_base_url="https://api.example/",
            binds_browser=binds_browser,
        )

    def start(self, return_to: str | None = None) -> AuthorizationStart:
        """Start the flow as the coach."""
        start = self.connect.start(COACH, Provider.GOOGLE, return_to=return_to, now=NOW)
        assert start.expires_at == NOW + STATE_LIFETIME
        return start

    def finish(
        self, start: AuthorizationStart, *, now: datetime = NOW, **changes: Any
    ) -> StoredConnection | CallbackRedirect:
        """Finish in the browser that started, with `changes` to the callback."""
        callback: dict[str, Any] = {
            "provider": Provider.GOOGLE,
            "code": "code",
            "state": start.state,
            "error": None,
            "browser_secret": start.browser_secret,
            **changes,
        }
        return self.connect.finish(Callback(**callback), now=now)

    def finish_elsewhere(
        self, start: AuthorizationStart, **changes: Any
    ) -> StoredConnection | CallbackRedirect:
        """Finish in a browser that did not start."""
        return self.finish(start, **{"browser_secret": None, **changes})

    @property
    def connected(self) -> tuple[Connection, ...]:
        """The coach's connections."""
        return self.people.person(COACH.user_id).connections


def query_parts(start: AuthorizationStart) -> list[str]:
    """Return state, challenge, nonce and redirect URI from the URL of `FakeOAuth`."""
    return start.url.partition("?")[2].split("&")
