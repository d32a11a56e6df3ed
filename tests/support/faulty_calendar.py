"""A calendar provider that stores entries like a real server, and fails on request."""

import itertools
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TypeVar

from shared.domain.connection import Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import (
    CalendarServiceError,
    CopyGone,
    CredentialInvalid,
    ProviderNotConfigured,
)
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from tests.support.request_faults import Effect, RequestFault

MAX_HANG_SECONDS = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """One entry on the server."""

    external_id: str
    content: CopyContent
    etag: str

    @property
    def ref(self) -> CopyRef:
        """Id and ETag."""
        return CopyRef(self.external_id, self.etag)


@dataclass(slots=True)
class _Late:
    carry_out: Callable[[], object]
    until: datetime


@dataclass
class FaultyCalendar:
    """A calendar provider with entries by account, and faults by account in order of requests.

    Late requests are conditional, like those of the real clients: a create does nothing if its key
    exists by then, an update or delete does nothing if the ETag has changed by then.
    """

    now: Callable[[], datetime]
    late_for: timedelta = timedelta(minutes=2)
    foreign: dict[str, list[CalendarEntry]] = field(default_factory=lambda: defaultdict(list))
    items: dict[str, dict[str, Item]] = field(default_factory=lambda: defaultdict(dict))
    dead_credentials: set[str] = field(default_factory=set)
    calls: list[tuple[str, str]] = field(default_factory=list)
    mails_sent: int = 0
    _faults: dict[str, deque[RequestFault]] = field(default_factory=lambda: defaultdict(deque))
    _late: list[_Late] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def fail(self, account: str, *faults: RequestFault) -> None:
        """Make the next requests of an account fail, one fault each."""
        self._faults[account].extend(faults)

    def clear_faults(self) -> None:
        """Make all further requests succeed."""
        self._faults.clear()

    def delete_all(self, account: str) -> int:
        """Delete every copy in an account, as its user might; return how many there were."""
        count = len(self.items[account])
        self.items[account].clear()
        return count

    def copies(self, account: str, session_id: str) -> list[CopyContent]:
        """Return the copies of a session in an account."""
        contents = [each.content for each in self.items[account].values()]
        return [each for each in contents if each.session_id == session_id]

    def apply_late_requests(self, *, due_by: datetime | None = None) -> None:
        """Apply the late requests, or only those whose delay ends by `due_by`."""
        with self._lock:
            due = [each for each in self._late if due_by is None or each.until <= due_by]
            for each in due:
                self._late.remove(each)
                each.carry_out()

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return the foreign entries and the copies that overlap `within`."""
        assert timeout > timedelta(0)
        place = account.connection.account

        def overlapping() -> tuple[CalendarEntry, ...]:
            copies = [_entry(item) for item in self.items[place].values()]
            return tuple(
                entry
                for entry in (*self.foreign[place], *copies)
                if entry.interval.overlaps(within)
            )

        return self._request("entries", account, overlapping, overlapping)

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Store the content once under its key."""
        assert timeout > timedelta(0)
        self._count_mails(content)
        place = account.connection.account

        def create() -> CopyRef:
            existing = self._keyed(place, content.key)
            return self._put(place, existing.external_id if existing else self._new_id(), content)

        def create_if_new() -> object:
            return self._keyed(place, content.key) or create()

        return self._request("create", account, create, create_if_new)

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Write the content; a changed ETag is read again."""
        assert timeout > timedelta(0)
        self._count_mails(content)
        place = account.connection.account
        before = self.items[place].get(ref.external_id)

        def update() -> CopyRef:
            if ref.external_id not in self.items[place]:
                raise CopyGone("404")
            return self._put(place, ref.external_id, content)

        def update_if_same() -> object:
            same = before and self.items[place].get(ref.external_id) == before
            return update() if same else None

        return self._request("update", account, update, update_if_same)

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Remove the entry, looked up by key if its id is not known."""
        assert timeout > timedelta(0)
        place = account.connection.account
        found = self.items[place].get(ref.external_id) if ref else self._keyed(place, key)

        def delete() -> None:
            if found is None or self.items[place].pop(found.external_id, None) is None:
                raise CopyGone("404")

        def delete_if_same() -> None:
            if found and self.items[place].get(found.external_id) == found:
                delete()

        return self._request("delete", account, delete, delete_if_same)

    def _request(
        self, name: str, account: Account, do: Callable[[], T], do_late: Callable[[], object]
    ) -> T:
        place = account.connection.account
        with self._lock:
            self.calls.append((name, place))
            fault = self._faults[place].popleft() if self._faults[place] else RequestFault()
        if fault.blocker:
            assert fault.blocker.wait(MAX_HANG_SECONDS), (
                "the test did not release a hanging request"
            )
        with self._lock:
            if account.credential in self.dead_credentials:
                raise CredentialInvalid("invalid_grant")
            if fault.raises is None:
                return do()
            self._carry_out(fault.effect, do, do_late)
            raise fault.raises()

    def _carry_out(
        self, effect: Effect, do: Callable[[], object], do_late: Callable[[], object]
    ) -> None:
        if effect is Effect.AT_ONCE:
            # The connection breaks, so the server's response is lost.
            with suppress(CopyGone):
                do()
        elif effect is Effect.LATE:
            self._late.append(_Late(do_late, self.now() + self.late_for))

    def _keyed(self, place: str, key: str) -> Item | None:
        return next((i for i in self.items[place].values() if i.content.key == key), None)

    def _put(self, place: str, external_id: str, content: CopyContent) -> CopyRef:
        item = Item(external_id, content, f'"{next(self._numbers)}"')
        self.items[place][external_id] = item
        return item.ref

    def _new_id(self) -> str:
        return f"id-{next(self._numbers)}"

    def _count_mails(self, content: CopyContent) -> None:
        names = {each.name for each in fields(content)}
        self.mails_sent += len(names & {"attendees", "organizer"})


@dataclass(frozen=True, slots=True)
class MemoryProviders:
    """Calendar clients by provider."""

    clients: Mapping[Provider, CalendarProvider]

    def get(self, provider: Provider) -> CalendarProvider:
        """Return the client.

        Raises:
            ProviderNotConfigured: there is no client for the provider.
        """
        if provider not in self.clients:
            raise ProviderNotConfigured(f"no client for {provider}")
        return self.clients[provider]


class MemoryVault:
    """A vault that does not encrypt, but binds each ciphertext to its connection."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return a ciphertext that can be opened for the same user and connection only."""
        return json.dumps([user_id, connection_id, next(self._numbers), plaintext]).encode()

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the plaintext."""
        user, connection, _, plaintext = json.loads(ciphertext)
        if (user, connection) != (user_id, connection_id):
            raise CalendarServiceError("the ciphertext belongs to another connection")
        return str(plaintext)


def _entry(item: Item) -> CalendarEntry:
    content = item.content
    return CalendarEntry(
        external_id=item.external_id,
        title=content.title,
        interval=content.interval,
        all_day=False,
        busy=True,
        location=content.location,
        url=content.url,
        copy_of=content.session_id,
    )
