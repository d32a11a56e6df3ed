"""One writer at a time per calendar: providers throttle, and may mix up, concurrent writes."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.domain.connection import Connection
from shared.domain.errors import ProviderUnavailable
from shared.ports import WriteLockStore

LOCK_LIFETIME = timedelta(seconds=60)
"""Longer than a write and a token refresh take; the lock of a crashed writer expires after it."""

_TRIES = 25


class WriteLock:
    """Locks calendars for writing. `pause` waits before try number n to get a lock."""

    def __init__(
        self,
        *,
        store: WriteLockStore,
        now: Callable[[], datetime],
        pause: Callable[[int], None],
    ) -> None:
        self._store = store
        self._now = now
        self._pause = pause

    @contextmanager
    def of(self, connection: Connection) -> Iterator[None]:
        """Hold the write lock of this calendar.

        Raises:
            ProviderUnavailable: when other writers hold it for too long; retry later.
        """
        holder = uuid.uuid4().hex
        self._acquire(connection, holder)
        try:
            yield
        finally:
            self._store.release(connection, holder)

    def _acquire(self, connection: Connection, holder: str) -> None:
        for number in range(_TRIES):
            if number:
                self._pause(number)
            now = self._now()
            if self._store.acquire(connection, holder, until=now + LOCK_LIFETIME, now=now):
                return
        raise ProviderUnavailable("Other workers are writing to this calendar. Retry later.")
