"""Queue the sessions of a user whose calendar was connected, so that its copies become right."""

import hashlib
import logging
from dataclasses import replace
from datetime import date, datetime

from shared.domain.agenda import MAX_SESSION
from shared.domain.connection import Connection
from shared.ports import ParkedEvents, PeopleStore, SyncQueue

MAX_UNPARKED = 500
"""How many coming sessions of a user, the nearest first, are also retried if they are parked."""

log = logging.getLogger(__name__)


class Healing:
    """Queues every coming session, and those of which a copy could not be removed.

    Those that the sweeper has parked, perhaps because of this calendar, are swept again.

    A connection is stored with `heal_from`. It is removed after the sessions have been queued, so
    the token refresh finds a connection whose sessions have not been.
    """

    def __init__(
        self, *, people: PeopleStore, queue: SyncQueue, parked_events: ParkedEvents
    ) -> None:
        self._people = people
        self._queue = queue
        self._parked_events = parked_events

    def heal(self, connection: Connection, *, now: datetime) -> Connection:
        """Queue the sessions, and return the connection as stored afterwards.

        A failure is logged and left to the next token refresh.
        """
        try:
            self._heal(connection, now=now)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - the calendar is connected all the same
            fields = {"connection_id": connection.id, "error": type(error).__name__}
            log.warning("sessions not queued yet", extra=fields)
            return connection
        return replace(connection, heal_from=None)

    def _heal(self, connection: Connection, *, now: datetime) -> None:
        user = connection.user_id
        left_over = self._people.left_overs(user)
        coming = coming_sessions(self._people, user, now=now)
        sessions = sorted(left_over.union(coming))
        self._parked_events.unpark([*sorted(left_over), *coming][:MAX_UNPARKED], now=now)
        if sessions:
            self._queue.send(
                {
                    each: change_id("healed", connection.id, connection.heal_from, each)
                    for each in sessions
                }
            )
        self._people.remove_left_overs(user, left_over)
        self._people.mark_healed(connection)


def coming_sessions(people: PeopleStore, user_id: str, *, now: datetime) -> list[str]:
    """Return the user's sessions that have not ended, those of the nearest days first."""
    days = people.agenda(user_id, (now - MAX_SESSION).date(), date.max)
    return [
        session for day in days for session, interval in day.sessions.items() if interval.end > now
    ]


def change_id(cause: str, *parts: object) -> str:
    """Return a deduplication id of the sync queue, the same if the same parts are queued again."""
    text = "|".join(map(str, parts))
    return f"{cause}-{hashlib.sha256(text.encode()).hexdigest()}"
