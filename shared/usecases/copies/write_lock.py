"""One writer at a time per connection: calendars throttle, and mix up, writes side by side."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from shared.domain.connection import Connection
from shared.domain.errors import ProviderUnavailable
from shared.ports import WriteLockStore

LONGEST_TURN = timedelta(seconds=60)
"""Longer than a write with a refresh of its token may take; a crashed writer blocks no longer."""

_LOOKS = 25


class WriteLock:
    """Hands out turns. `pause` waits a little before look number n at a turn another has."""

    def __init__(
        self,
        *,
        turns: WriteLockStore,
        now: Callable[[], datetime],
        pause: Callable[[int], None],
    ) -> None:
        self._turns = turns
        self._now = now
        self._pause = pause

    @contextmanager
    def of(self, connection: Connection) -> Iterator[None]:
        """Hold the turn for this calendar.

        Raises:
            ProviderUnavailable: when others keep it busy; come back later.
        """
        holder = uuid.uuid4().hex
        self._wait(connection, holder)
        try:
            yield
        finally:
            self._turns.end(connection, holder)

    def _wait(self, connection: Connection, holder: str) -> None:
        for look in range(_LOOKS):
            if look:
                self._pause(look)
            now = self._now()
            if self._turns.take(connection, holder, until=now + LONGEST_TURN, now=now):
                return
        raise ProviderUnavailable("Others are writing to this calendar just now.")
