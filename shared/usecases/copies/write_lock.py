"""One writer at a time per calendar: providers throttle, and may mix up, concurrent writes.

The CalDAV calendars of one user share one lock (`Connection.write_lane`). A writer that cannot get
it soon gives up, so that the worker can process the events of other users.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.domain.connection import Connection
from shared.domain.errors import CallPostponed
from shared.domain.retry import SHORTEST_WAIT
from shared.ports import WriteLockStore

LOCK_LIFETIME = timedelta(seconds=60)
"""Longer than a write and a token refresh take; the lock of a crashed writer expires after it."""

_TRIES = 6


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
            CallPostponed: when other writers hold it, within a second.
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
        raise CallPostponed(
            "Other workers are writing to this calendar. Retry later.", SHORTEST_WAIT
        )
