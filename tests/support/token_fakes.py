"""Tokens in memory: the token store, write locks, and a fake authorization server."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from shared.domain.connection import Connection, Provider
from shared.domain.errors import ProviderNotConfigured
from shared.ports import CalendarInfo, Grant, Meter, OAuthProvider, PeopleStore, SignIn, Vault
from shared.usecases.accounts.tokens import Tokens
from shared.usecases.copies.write_lock import WriteLock
from tests.support.memory import Memory, MemoryPeople
from tests.support.meter import FakeMeter

T = TypeVar("T")


class MemoryTokens:
    """A `TokenStore` over the same memory as the other stores."""

    def __init__(self, memory: Memory, people: MemoryPeople) -> None:
        self._memory = memory
        self._people = people
        self._leases: dict[str, tuple[bytes, datetime]] = {}
        self._marks: dict[tuple[str, str], set[str]] = {}

    def connection(self, user_id: str, connection_id: str) -> Connection | None:
        connections = self._people.person(user_id).connections
        return next((each for each in connections if each.id == connection_id), None)

    def lease(self, connection: Connection, *, until: datetime, now: datetime) -> bool:
        with self._memory.lock:
            if not self._is_present(connection):
                return False
            credential, held_until = self._leases.get(connection.id, (b"", now))
            if credential == connection.credential and held_until > now:
                return False
            self._leases[connection.id] = (connection.credential, until)
            return True

    def release(self, connection: Connection) -> None:
        with self._memory.lock:
            self._leases.pop(connection.id, None)

    def save(self, before: Connection, after: Connection) -> bool:
        with self._memory.lock:
            if not self._is_present(before):
                return False
            self._leases.pop(before.id, None)
            self._people.save_connection(after)
            return True

    def find_expiring(self, before: datetime) -> tuple[tuple[str, str], ...]:
        with self._memory.lock:
            return tuple(
                (each.user_id, each.id)
                for person in self._memory.persons.values()
                for each in person.connections
                if each.is_active and each.token_expires_at and each.token_expires_at < before
            )

    def mark_account(self, connection: Connection) -> None:
        with self._memory.lock:
            for account in _accounts(connection):
                self._marks.setdefault(account, set()).add(connection.id)

    def unmark_account(self, connection: Connection) -> bool:
        with self._memory.lock:
            users = [self._marks.setdefault(each, set()) for each in _accounts(connection)]
            for each in users:
                each.discard(connection.id)
            return any(users)

    def _is_present(self, connection: Connection) -> bool:
        present = self.connection(connection.user_id, connection.id)
        return present is not None and present.credential == connection.credential


class MemoryWriteLocks:
    """A `WriteLockStore` in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[str, tuple[str, datetime]] = {}

    def acquire(
        self, connection: Connection, holder: str, *, until: datetime, now: datetime
    ) -> bool:
        with self._lock:
            current = self._holders.get(connection.id)
            if current and current[1] >= now:
                return False
            self._holders[connection.id] = (holder, until)
            return True

    def release(self, connection: Connection, holder: str) -> None:
        with self._lock:
            if self._holders.get(connection.id, ("", None))[0] == holder:
                del self._holders[connection.id]


class FakeOAuth:
    """An `OAuthProvider` whose refreshes return or raise the values in `results`, in order."""

    scopes = frozenset({"calendar"})

    def __init__(self) -> None:
        self.results: list[Grant | Exception] = []
        self.refreshed: list[str] = []
        self.revoked: list[str] = []
        self.exchanges: list[dict[str, Any]] = []
        self.sign_in: SignIn | Exception | None = None
        self.primary: CalendarInfo | Exception = CalendarInfo(
            calendar_id="primary", name="Mine", zone="Europe/Berlin"
        )
        self._lock = threading.Lock()

    def authorization_url(
        self, *, state: str, code_challenge: str, nonce: str, redirect_uri: str
    ) -> str:
        return f"https://sign-in.example/?{state}&{code_challenge}&{nonce}&{redirect_uri}"

    def exchange(
        self, code: str, *, code_verifier: str, nonce: str, redirect_uri: str, now: datetime
    ) -> SignIn:
        call = {"code": code, "verifier": code_verifier, "nonce": nonce, "to": redirect_uri}
        self.exchanges.append({**call, "now": now})
        assert self.sign_in is not None
        return _return_or_raise(self.sign_in)

    def refresh(self, refresh_token: str, *, now: datetime) -> Grant:
        with self._lock:
            self.refreshed.append(refresh_token)
            result = self.results.pop(0) if self.results else grant("fresh", now=now)
        return _return_or_raise(result)

    def revoke(self, refresh_token: str) -> bool:
        self.revoked.append(refresh_token)
        return True

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        del access_token, timeout
        return _return_or_raise(self.primary)


class GoogleOnlyOAuth:
    """An `OAuthProviders` with a server for Google and none for other providers."""

    def __init__(self, oauth: FakeOAuth) -> None:
        self._oauth = oauth

    def get(self, provider: Provider) -> OAuthProvider:
        if provider is not Provider.GOOGLE:
            raise ProviderNotConfigured(f"no client id for {provider}")
        return self._oauth


def grant(access_token: str, refresh_token: str | None = None, *, now: datetime) -> Grant:
    """Return a grant that is valid for an hour."""
    return Grant(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=now + timedelta(hours=1),
        scopes=frozenset({"calendar"}),
    )


def tokens_of(
    people: PeopleStore,
    vault: Vault,
    *,
    store: Any = None,
    oauth: FakeOAuth | None = None,
    now: Callable[[], datetime] = lambda: datetime(2026, 11, 23, 8, tzinfo=UTC),
    pause: Callable[[int], None] = lambda _: None,
    meter: Meter | None = None,
) -> Tokens:
    """Return the use-case over these stores; without `store` no token may need a refresh."""
    return Tokens(
        people=people,
        tokens=store,
        vault=vault,
        oauth=GoogleOnlyOAuth(oauth or FakeOAuth()),
        now=now,
        pause=pause,
        meter=meter or FakeMeter(),
    )


def write_lock_of(now: Callable[[], datetime]) -> WriteLock:
    """Return a write lock in memory."""
    return WriteLock(store=MemoryWriteLocks(), now=now, pause=lambda _: None)


def expiring(connection: Connection, at: datetime) -> Connection:
    """Return the connection with tokens that expire at that time."""
    return replace(connection, token_expires_at=at)


def _accounts(connection: Connection) -> set[tuple[str, str]]:
    return {(connection.provider, each) for each in connection.account_names}


def _return_or_raise(result: T | Exception) -> T:
    if isinstance(result, Exception):
        raise result
    return result
