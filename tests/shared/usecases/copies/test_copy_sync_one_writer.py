"""Many concurrent sessions of one calendar: all are written, one at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef, CopyState
from shared.ports import Account, WriteLockStore
from tests.support.call_hooks import ExpiredLocks
from tests.support.faulty_calendar import MemoryProviders
from tests.support.provider_servers import EveryProvider
from tests.support.three_providers import USERS, ThreeProviders
from tests.support.token_fakes import MemoryWriteLocks
from tests.support.waiting import until

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = pytest.mark.no_cover

NAMES = [f"s{number}" for number in range(1, 21)]


class RecordingLocks(MemoryWriteLocks):
    """Records in `rejected` the writers that found the calendar locked."""

    def __init__(self) -> None:
        super().__init__()
        self.rejected: set[str] = set()

    def acquire(
        self, connection: Connection, holder: str, *, until: datetime, now: datetime
    ) -> bool:
        """Acquire the lock, or record the writer that could not."""
        acquired = super().acquire(connection, holder, until=until, now=now)
        if not acquired:
            self.rejected.add(holder)
        return acquired


class ConcurrentCreates(EveryProvider):
    """Counts concurrent creates; each waits until `may_go` returns true."""

    def __init__(self, three: ThreeProviders, may_go: Callable[[], bool]) -> None:
        super().__init__(three.servers.clients)
        self.maximum = 0
        self._running = 0
        self._may_go = may_go
        self._lock = threading.Lock()

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Create the copy."""
        with self._counted():
            assert until(self._may_go), "no other writer came"
            return super().create_copy(account, content, timeout=timeout)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
            self.maximum = max(self.maximum, self._running)
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1


@pytest.mark.parametrize("provider", USERS)
def test_twenty_sessions_of_one_calendar_are_written_one_after_the_other(
    three: ThreeProviders, provider: Provider
) -> None:
    locks, creates = (
        RecordingLocks(),
        ConcurrentCreates(three, lambda: len(locks.rejected) >= len(NAMES) - 1),
    )
    write_at_once(three, provider, locks, creates)

    assert 1 == creates.maximum
    assert {CopyState.SYNCED} == {three.state(provider, each) for each in NAMES}
    assert sorted(NAMES) == sorted(each.title for each in three.visible_entries(provider))


def test_without_the_lock_they_would_be_written_concurrently(three: ThreeProviders) -> None:
    creates = ConcurrentCreates(three, lambda: creates.maximum > 1)

    write_at_once(three, Provider.GOOGLE, ExpiredLocks(), creates)

    assert creates.maximum > 1


def write_at_once(
    three: ThreeProviders, provider: Provider, locks: WriteLockStore, creates: ConcurrentCreates
) -> None:
    """Deliver twenty sessions of that calendar's user concurrently, until all are written."""
    people = {"coach_ids": (), "learner_ids": (USERS[provider],)}
    for each in NAMES:
        three.meet(each, **people, title=each)
    sync = three.worker(
        providers=MemoryProviders({provider: creates}), write_lock=three.write_lock_over(locks)
    )

    def deliver(event_id: str) -> timedelta | None:
        return sync.reconcile(event_id, now=three.at)

    left = NAMES
    with ThreadPoolExecutor(len(NAMES)) as pool:
        for _ in NAMES:
            waits = dict(zip(left, pool.map(deliver, left), strict=True))
            left = [name for name, wait in waits.items() if wait is not None]
            # The clock stops during the writes, so no lock expires.
            three.advance(timedelta(seconds=1))
    assert [] == left
