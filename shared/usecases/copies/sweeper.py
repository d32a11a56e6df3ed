"""Putting back on the queue whatever has waited too long for its calendars and mail.

Retries come from the queue itself, and from the stream before it. What both have lost, or given up
and put on a dead-letter queue, is still marked as unsynced, and found here.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.ports import Meter, Metric, SyncQueue, UnsyncedEvents

EVERY = timedelta(minutes=5)
"""How often a sweep is expected to run."""

LOOK = 2000
"""How many items one sweep looks at, the longest waiting first."""

MOST = 500
"""How many events one sweep puts back at most."""

# After 10, 20 and 40 minutes, later than any ordinary retry, and then each hour: the messages of an
# event wait in line, and while a provider is down for long nothing is gained by a longer line.
_FIRST_SWEEPS = (2, 4, 8)
_SWEEPS_AN_HOUR = 12

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """How many events wait, since when the first of them does, and which were put back."""

    waiting: int
    longest: timedelta
    redriven: tuple[str, ...]


class Sweeper:
    """Looks after what nobody else looks after any more."""

    def __init__(self, *, unsynced: UnsyncedEvents, queue: SyncQueue, meter: Meter) -> None:
        self._unsynced = unsynced
        self._queue = queue
        self._meter = meter

    def sweep(self, *, now: datetime) -> SweepReport:
        """Put back what is due, the longest waiting first, and tell how long that is.

        Sweeping twice within one interval puts nothing back twice.
        """
        since = self._waiting()
        ages = {event_id: now - at for event_id, at in since.items()}
        due = [event_id for event_id, age in ages.items() if _is_due(age)][:MOST]
        longest = max((*ages.values(), timedelta(0)))
        self._meter.seconds(Metric.OLDEST_UNSYNCED, longest.total_seconds())
        self._meter.count(Metric.UNSYNCED_EVENTS, len(ages))
        for event_id in due:
            told = {"event_id": event_id, "waiting_seconds": ages[event_id].total_seconds()}
            log.warning("put back on the queue", extra=told)
        if due:
            self._queue.send({each: _change(since[each], ages[each]) for each in due})
        return SweepReport(waiting=len(ages), longest=longest, redriven=tuple(due))

    def _waiting(self) -> dict[str, datetime]:
        """Each event once, since the first of its items waits, in that order."""
        since: dict[str, datetime] = {}
        for event_id, at in self._unsynced.oldest(LOOK):
            since.setdefault(event_id, at)
        return since


def _is_due(age: timedelta) -> bool:
    sweeps = age // EVERY
    return sweeps in _FIRST_SWEEPS or (sweeps > 0 and sweeps % _SWEEPS_AN_HOUR == 0)


def _change(since: datetime, age: timedelta) -> str:
    """What tells this putting back from the one before, and not from a repeat of the same run."""
    return f"swept-{since.isoformat()}-{age // EVERY}"
