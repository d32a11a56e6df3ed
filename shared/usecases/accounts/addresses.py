"""Store the e-mail address of a caller's token, and queue the sessions that may now be mailed."""

import logging
from datetime import datetime

from shared.domain.caller import Caller
from shared.ports import PeopleStore, SyncQueue
from shared.usecases.accounts.healing import change_id, coming_sessions

REMEMBERED = 1000
"""How many callers a process remembers, so that it does not store their address again."""

log = logging.getLogger(__name__)


class Addresses:
    """The addresses that tokens give.

    A new address is stored with a mark, which is removed once the sessions have been queued. A
    call after a crash in between finds the mark and queues them.

    Without a queue, for calls of users who connect a calendar, only a first address is stored, and
    its mark stays: a mail would keep the session out of the calendar that is being connected.
    """

    def __init__(self, *, people: PeopleStore, queue: SyncQueue | None) -> None:
        self._people = people
        self._queue = queue
        self._stored: dict[str, str] = {}

    def remember(self, caller: Caller, *, now: datetime) -> None:
        """Store the address of the caller's token if it is another one than the stored one.

        Costs one write per caller and process. If the sessions cannot be queued, this is logged and
        left to the next call.
        """
        email = caller.email
        if not email or self._stored.get(caller.user_id) == email:
            return
        if self._queue is None:
            if self._people.person(caller.user_id).email is None:
                self._people.save_address(caller.user_id, email, at=now)
        elif self._people.save_address(caller.user_id, email, at=now) and not self._queued(
            self._queue, caller.user_id, email, now=now
        ):
            return
        if len(self._stored) >= REMEMBERED:
            self._stored.clear()
        self._stored[caller.user_id] = email

    def _queued(self, queue: SyncQueue, user_id: str, email: str, *, now: datetime) -> bool:
        try:
            if sessions := coming_sessions(self._people, user_id, now=now):
                queue.send({each: change_id("address", user_id, email, each) for each in sessions})
            self._people.confirm_address(user_id, email)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the caller's request does not depend on it
            log.warning("sessions not queued yet", extra={"error": type(error).__name__})
            return False
        return True
