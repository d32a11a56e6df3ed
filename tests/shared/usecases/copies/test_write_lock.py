import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.domain.errors import ProviderUnavailable
from shared.usecases.copies.write_lock import LOCK_LIFETIME, WriteLock
from tests.support.platform import NOW
from tests.support.store_samples import connection
from tests.support.token_fakes import MemoryWriteLocks


def test_a_second_writer_waits_until_the_lock_is_released() -> None:
    store, calendar, seen = MemoryWriteLocks(), connection(), list[str]()
    store.acquire(calendar, "first", until=NOW + LOCK_LIFETIME, now=NOW)

    def pause(number: int) -> None:
        seen.append(f"waited {number}")
        if number == 3:
            store.release(calendar, "first")

    with WriteLock(store=store, now=lambda: NOW, pause=pause).of(calendar):
        seen.append("wrote")

    assert ["waited 1", "waited 2", "waited 3", "wrote"] == seen


def test_of_many_concurrent_writers_one_gets_the_lock() -> None:
    store, calendar, gate = MemoryWriteLocks(), connection(), threading.Barrier(20)

    def acquire(number: int) -> bool:
        gate.wait()
        return store.acquire(calendar, f"writer {number}", until=NOW + LOCK_LIFETIME, now=NOW)

    with ThreadPoolExecutor(20) as pool:
        assert 1 == sum(pool.map(acquire, range(20)))


def test_an_error_releases_the_lock() -> None:
    write_lock = WriteLock(store=MemoryWriteLocks(), now=lambda: NOW, pause=lambda _: None)
    calendar = connection()

    with pytest.raises(ValueError, match="broken"), write_lock.of(calendar):
        raise ValueError("broken")

    with write_lock.of(calendar):
        pass


def test_a_calendar_that_stays_locked_is_unavailable() -> None:
    store, calendar = MemoryWriteLocks(), connection()
    store.acquire(calendar, "another", until=NOW + LOCK_LIFETIME, now=NOW)
    write_lock = WriteLock(store=store, now=lambda: NOW, pause=lambda _: None)

    with pytest.raises(ProviderUnavailable), write_lock.of(calendar):
        pytest.fail("another writer holds the lock")


def test_the_lock_of_a_crashed_writer_expires() -> None:
    store, calendar = MemoryWriteLocks(), connection()
    store.acquire(calendar, "crashed", until=NOW + LOCK_LIFETIME, now=NOW)
    later = NOW + LOCK_LIFETIME + timedelta(seconds=1)
    write_lock = WriteLock(store=store, now=lambda: later, pause=lambda _: None)

    with write_lock.of(calendar):
        store.release(calendar, "crashed")
        assert not store.acquire(calendar, "third", until=later + LOCK_LIFETIME, now=later)
