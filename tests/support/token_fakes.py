"""Tokens in memory: the token store, write locks, and a fake authorization server."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from shared.domain.connection import Connection, Provider
from shared.domain.errors import ProviderNotConfigured
from shared.ports import (
    CalendarInfo,
    DisconnectedAccount,
    Grant,
    Identity,
    Meter,
    OAuthProvider,
    PeopleStore,
    SignIn,
    Vault,
)
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
        self._marks = memory.account_marks
        self._disconnected = memory.disconnected

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
                if each.is_active and _due_at(each, before) < before
            )

    def mark_sign_in(self, connection: Connection) -> None:
        with self._memory.lock:
            for account in _accounts(connection):
                self._marks.setdefault(account, set()).add(_sign_in(connection.user_id))

    def forget_sign_ins(self, user_id: str) -> None:
        with self._memory.lock:
            for marks in self._marks.values():
                marks.discard(_sign_in(user_id))

    def record_disconnected(self, connection: Connection) -> None:
        key = connection.user_id, connection.provider, connection.account
        self._disconnected[key] = DisconnectedAccount(
            account=connection.account,
            email=connection.email,
            calendar_id=connection.calendar_id,
        )

    def disconnected(self, user_id: str, provider: Provider) -> tuple[DisconnectedAccount, ...]:
        found = self._disconnected.items()
        return tuple(each for key, each in found if key[:2] == (user_id, provider))

    def forget_disconnected(self, connection: Connection) -> None:
        for account in connection.account_names:
            self._disconnected.pop((connection.user_id, connection.provider, account), None)

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
        self._holders: dict[tuple[str, str], tuple[str, datetime]] = {}

    def acquire(
        self, connection: Connection, holder: str, *, until: datetime, now: datetime
    ) -> bool:
        with self._lock:
            lane = connection.user_id, connection.write_lane
            current = self._holders.get(lane)
            if current and current[1] >= now:
                return False
            self._holders[lane] = (holder, until)
            return True

    def release(self, connection: Connection, holder: str) -> None:
        with self._lock:
            lane = connection.user_id, connection.write_lane
            if self._holders.get(lane, ("", None))[0] == holder:
                del self._holders[lane]


class FakeOAuth:
    """An `OAuthProvider` whose refreshes return or raise the values in `results`, in order."""

    scopes = frozenset({"calendar"})
    required_scopes = scopes

    def __init__(self) -> None:
        self.who: Identity | Exception | None = None
        self.calendars: dict[str, CalendarInfo | Exception] = {}
        self.granted: list[frozenset[str]] = []
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

    def identity(self, access_token: str, *, timeout: timedelta) -> Identity | None:
        del access_token, timeout
        return _return_or_raise(self.who)

    def refresh(
        self, refresh_token: str, *, now: datetime, granted: frozenset[str] = frozenset()
    ) -> Grant:
        with self._lock:
            self.refreshed.append(refresh_token)
            self.granted.append(granted)
            result = self.results.pop(0) if self.results else grant("fresh", now=now)
        return _return_or_raise(result)

    def revoke(self, refresh_token: str) -> bool:
        self.revoked.append(refresh_token)
        return True

    def primary_calendar(self, access_token: str, *, timeout: timedelta) -> CalendarInfo:
        del access_token, timeout
        return _return_or_raise(self.primary)

    def calendar(self, access_token: str, calendar_id: str, *, timeout: timedelta) -> CalendarInfo:
        del access_token, timeout
        other = CalendarInfo(calendar_id=calendar_id, name="Other", zone="Europe/Berlin")
        return _return_or_raise(self.calendars.get(calendar_id, other))


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
    heal: Callable[[Connection], Connection] = lambda connection: connection,
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
        heal=heal,
    )


def write_lock_of(now: Callable[[], datetime]) -> WriteLock:
    """Return a write lock in memory."""
    return WriteLock(store=MemoryWriteLocks(), now=now, pause=lambda _: None)


def expiring(connection: Connection, at: datetime) -> Connection:
    """Return the connection with tokens that expire at that time."""
    return replace(connection, token_expires_at=at)


def _due_at(connection: Connection, default: datetime) -> datetime:
    return connection.heal_from or connection.token_expires_at or default


def _accounts(connection: Connection) -> set[tuple[str, str]]:
    return {(connection.provider, each) for each in connection.account_names}


def _sign_in(user_id: str) -> str:
    return f"sign-in of {user_id}"


def _return_or_raise(result: T | Exception) -> T:
    if isinstance(result, Exception):
        raise result
    return result
