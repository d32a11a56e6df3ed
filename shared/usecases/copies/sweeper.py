"""Re-queue events that have been unsynced for too long.

The queue, and the stream before it, do the normal retries. An event that both have lost or moved to
a dead-letter queue is still marked as unsynced, and the sweeper finds it by that mark.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ports import Meter, Metric, SyncQueue, UnsyncedEvents

EVERY = timedelta(minutes=5)
"""How often a sweep is expected to run."""

MAX_ITEMS = 2000
"""How many unsynced items one sweep reads, the oldest first."""

MAX_EVENTS = 500
"""How many events one sweep re-queues at most."""

# After 10, 20 and 40 minutes, later than any normal retry, and then every hour: the messages of one
# event are processed in order, so more of them do not help during a long outage of a provider.
_FIRST_SWEEPS = (2, 4, 8)
_SWEEPS_AN_HOUR = 12

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """How many events are unsynced, for how long the oldest has been, and which were re-queued."""

    waiting: int
    longest: timedelta
    redriven: tuple[str, ...]


class Sweeper:
    """Re-queues events left unsynced longer than normal retries take."""

    def __init__(self, *, unsynced: UnsyncedEvents, queue: SyncQueue, meter: Meter) -> None:
        self._unsynced = unsynced
        self._queue = queue
        self._meter = meter

    def sweep(self, *, now: datetime) -> SweepReport:
        """Re-queue the events that are due, the oldest first.

        Two sweeps within one interval re-queue no event twice.
        """
        since = self._unsynced_since(now=now)
        ages = {event_id: now - at for event_id, at in since.items()}
        due = [event_id for event_id, age in ages.items() if _is_due(age)][:MAX_EVENTS]
        longest = max((*ages.values(), timedelta(0)))
        self._meter.seconds(Metric.OLDEST_UNSYNCED, longest.total_seconds())
        self._meter.count(Metric.UNSYNCED_EVENTS, len(ages))
        for event_id in due:
            fields = {"event_id": event_id, "waiting_seconds": ages[event_id].total_seconds()}
            log.warning("event re-queued", extra=fields)
        if due:
            self._queue.send(
                {event_id: _change(since[event_id], ages[event_id]) for event_id in due}
            )
        return SweepReport(waiting=len(ages), longest=longest, redriven=tuple(due))

    def _unsynced_since(self, *, now: datetime) -> dict[str, datetime]:
        """Return the time of the oldest unsynced item of each event, in that order.

        The time of a mail that waits for a limit is the end of the wait; before, it is not due.
        """
        since: dict[str, datetime] = {}
        for event_id, at in self._unsynced.oldest(MAX_ITEMS):
            if at <= now:
                since.setdefault(event_id, at)
        return since


def _is_due(age: timedelta) -> bool:
    sweeps = age // EVERY
    return sweeps in _FIRST_SWEEPS or (sweeps > 0 and sweeps % _SWEEPS_AN_HOUR == 0)


def _change(since: datetime, age: timedelta) -> str:
    """Return a deduplication id that differs between intervals, but not if a sweep is repeated."""
    return f"swept-{since.isoformat()}-{age // EVERY}"
