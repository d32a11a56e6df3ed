"""The use-cases for calendar connections over stores in memory."""

from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.ports import CalendarInfo, SignIn
from shared.usecases.accounts.connection_writer import ConnectionWriter, StoredConnection
from shared.usecases.accounts.connections import Connections
from shared.usecases.accounts.hand_over import HandOvers
from shared.usecases.accounts.healing import Healing
from shared.usecases.accounts.provisioning import Provision, Provisioning
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.people.limits import NO_LIMITS
from tests.support.faulty_calendar import MemoryVault
from tests.support.memory import Memory, MemoryParked, MemoryPeople, MemoryQueue
from tests.support.meter import FakeMeter
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import FakeOAuth, GoogleOnlyOAuth, MemoryTokens, grant

WORK = CalendarInfo(calendar_id="primary", name="Work", zone="Europe/Berlin")


class AccountHarness:
    """The use-cases and their stores."""

    def __init__(self, oauth: FakeOAuth | None = None) -> None:
        self.memory = memory = Memory()
        self.meter = FakeMeter()
        self.people, self.vault = MemoryPeople(memory), MemoryVault()
        self.oauth = oauth or FakeOAuth()
        self.store = MemoryTokens(memory, self.people)
        self.queue = MemoryQueue()
        servers = GoogleOnlyOAuth(self.oauth)
        self.healing = Healing(
            people=self.people, queue=self.queue, parked_events=MemoryParked(memory)
        )
        self.writer = ConnectionWriter(
            people=self.people,
            tokens=self.store,
            vault=self.vault,
            limits=NO_LIMITS,
            healing=self.healing,
        )
        self.revocation = Revocation(
            tokens=self.store, vault=self.vault, oauth=servers, meter=self.meter
        )
        self.connections = Connections(
            people=self.people,
            tokens=self.store,
            oauth=servers,
            discovery=lambda: pytest.fail("no test connects CalDAV here"),
            limits=NO_LIMITS,
            writer=self.writer,
            revocation=self.revocation,
            meter=self.meter,
        )
        self.provisioning = Provisioning(
            people=self.people,
            tokens=self.store,
            oauth=servers,
            writer=self.writer,
            hand_overs=HandOvers(oauth=servers, meter=self.meter),
        )

    def sign_in(
        self,
        user: str = COACH.user_id,
        account: str = "sub-1",
        refresh: str | None = "r1",
        *,
        is_verified: bool = True,
    ) -> StoredConnection:
        signed_in = SignIn(
            grant=grant("a1", refresh, now=NOW),
            account=account,
            email="c@example.com",
            is_email_verified=is_verified,
        )
        return self.connections.connect_oauth(user, Provider.GOOGLE, signed_in, WORK, now=NOW)

    def provision(self, email: str = "c@example.com", **changes: Any) -> StoredConnection:
        fields: dict[str, Any] = {
            "user_id": COACH.user_id,
            "provider": Provider.GOOGLE,
            "email": email,
            "grant": grant("a2", "r2", now=NOW),
            "calendar": None,
        }
        return self.provisioning.store(Provision(**{**fields, **changes}), now=NOW)

    def tokens(self, connection: Connection) -> OAuthCredential:
        text = self.vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

    def of(self, user: str = COACH.user_id) -> tuple[Connection, ...]:
        return self.connections.of(Caller(user_id=user))
