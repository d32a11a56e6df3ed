"""An `ErasureWorker` over the stores in memory of a `SyncHarness`, and the worker of its events."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from shared.domain.caller import Caller
from shared.domain.erasure import ERASE_SCOPE, Erasure, erasure_id
from shared.usecases.accounts.revocation import Revocation
from shared.usecases.erasure.export import UserExports
from shared.usecases.erasure.requests import Erasures
from shared.usecases.erasure.sessions import SessionEraser
from shared.usecases.erasure.worker import ErasureWorker
from tests.support.memory import MemoryUserRecords
from tests.support.sync_harness import SyncHarness
from tests.support.token_fakes import FakeOAuth, GoogleOnlyOAuth, MemoryTokens

PLATFORM = Caller(user_id="platform", scopes=frozenset({ERASE_SCOPE}))
MAX_PASSES = 100


class ErasureHarness(SyncHarness):
    """Mail is on. `oauth` is the authorization server of Google accounts."""

    def __init__(self) -> None:
        super().__init__(has_mail=True)
        self.records = MemoryUserRecords(self.memory)
        self.oauth = FakeOAuth()
        self.tokens = MemoryTokens(self.memory, self.people)
        self.erasures = Erasures(records=self.records)
        self.exports = UserExports(
            records=self.records,
            people=self.people,
            events=self.events,
            invites=self.invites,
        )

    def eraser(self, wrap: Any = lambda target: target) -> ErasureWorker:
        """Return a new worker, with each store and the authorization server wrapped."""
        people, records, events = map(wrap, (self.people, self.records, self.events))
        invites, bookings = map(wrap, (self.invites, self.bookings))
        revocation = Revocation(
            tokens=wrap(self.tokens),
            vault=self.vault,
            oauth=GoogleOnlyOAuth(wrap(self.oauth)),
            meter=self.meter,
        )
        return ErasureWorker(
            records=records,
            people=people,
            suppressions=wrap(self.suppressions),
            revocation=revocation,
            sessions=SessionEraser(
                events=events,
                bookings=bookings,
                people=people,
                invites=invites,
                records=records,
                pause=lambda _: None,
            ),
        )

    def request(self, user: str = "ann") -> Erasure:
        """Request the erasure of a user."""
        return self.erasures.request(PLATFORM, user, now=self.at)

    def receipt(self, user: str = "ann") -> Erasure:
        """Return the erasure of a user."""
        return self.erasures.receipt(PLATFORM, user)

    def erase_once(
        self, user: str = "ann", worker: ErasureWorker | None = None
    ) -> timedelta | None:
        """Do one pass, then let calendars and mail follow; return the wait for the next pass."""
        wait = (worker or self.eraser()).reconcile(erasure_id(user), now=self.at)
        self.settle()
        return wait

    def settle(self) -> None:
        """Reconcile every unsynced event until nothing is left to do."""
        guest_lists = self.memory.guest_lists.values()
        changed = {each.session_id for each in guest_lists if each.unsynced_since}
        for event_id in sorted(changed.union(self.memory.unsynced)):
            self.drain(event_id)

    def erase(self, user: str = "ann") -> Erasure:
        """Request the erasure of a user and continue it until it is complete."""
        self.request(user)
        return self.finish(user)

    def finish(self, user: str = "ann") -> Erasure:
        """Continue an erasure until it is complete."""
        for _ in range(MAX_PASSES):
            wait = self.erase_once(user)
            if wait is None:
                return self.receipt(user)
            self.advance(wait)
        raise AssertionError("the erasure does not end")

    def traces(self, *texts: str) -> list[str]:
        """Return every stored record that contains one of the texts, without the erasure itself."""
        memory = self.memory
        stores: dict[str, Mapping[Any, object]] = {
            "person": memory.persons,
            "agenda": memory.agendas,
            "event": memory.events,
            "copy": memory.copies,
            "invite": memory.invites,
            "guests": memory.guest_lists,
            "suppression": self.suppressions.since,
            "mention": dict.fromkeys(memory.mentions),
            "account": {key: marks for key, marks in memory.account_marks.items() if marks},
            "disconnected": memory.disconnected,
            "left-over": memory.left_overs,
        }
        return [
            f"{kind} {key}: {record}"
            for kind, store in stores.items()
            for key, record in store.items()
            if any(text in f"{key} {record}" for text in texts)
        ]
