"""Store that pending events have expired, which frees their time in the agendas too.

Reads treat an expired event as expired before this runs (`Event.at`, `AgendaDay.at`), so nothing
depends on when it does.
"""

import logging
from datetime import datetime
from functools import partial

from shared.domain import transitions
from shared.domain.errors import LostRace
from shared.parallel import together
from shared.ports import Bookings, EventStore, PendingEvents
from shared.usecases.booking.booker import log_commit

MAX_EXPIRED = 500
"""How many events one run expires at most, those that expired first come first."""

log = logging.getLogger(__name__)


class PendingExpiry:
    """Expires pending events that were not approved in time."""

    def __init__(self, *, pending: PendingEvents, events: EventStore, bookings: Bookings) -> None:
        self._pending = pending
        self._events = events
        self._bookings = bookings

    def expire(self, *, now: datetime) -> tuple[str, ...]:
        """Expire the events that are due and return their ids.

        One that has changed meanwhile, or that cannot be stored, is left for the next run.
        """
        due = [each.event_id for each in self._pending.pending(until=now)][:MAX_EXPIRED]
        expired = together([partial(self._expire, each, now=now) for each in due])
        return tuple(event_id for event_id, done in zip(due, expired, strict=True) if done)

    def _expire(self, event_id: str, *, now: datetime) -> bool:
        try:
            stored = self._events.find(event_id)
            if stored is None or stored.at(now) is stored:
                return False
            after = transitions.expired(stored, now=now)
            self._bookings.commit(after, previous=stored)
        except LostRace:
            return False
        except Exception:
            # No event may keep the others from expiring.
            log.exception("pending event not expired", extra={"event_id": event_id})
            return False
        log_commit(after)
        return True
