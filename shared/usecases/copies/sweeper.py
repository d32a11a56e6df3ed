"""Re-queue events that have been unsynced for too long, and park those that never settle.

The queue, and the stream before it, do the normal retries. An event that both have lost or moved to
a dead-letter queue is still marked as unsynced, and the sweeper finds it by that mark.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from shared.domain.sweep import EVERY, SweepCount, UnsyncedSpan, is_sweep_due, unsynced_spans
from shared.parallel import together
from shared.ports import Meter, Metric, SyncQueue, UnsyncedEvents

MAX_EVENTS = 500
"""How many events one sweep re-queues at most, those with the fewest tries first."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """How many events are unsynced, for how long the oldest has been, and what was done.

    `redriven` were re-queued. `parked` have failed too often: they are no longer re-queued until
    they change.
    """

    waiting: int
    longest: timedelta
    redriven: tuple[str, ...]
    parked: tuple[str, ...] = ()


class Sweeper:
    """Re-queues events left unsynced longer than normal retries take."""

    def __init__(self, *, unsynced: UnsyncedEvents, queue: SyncQueue, meter: Meter) -> None:
        self._unsynced = unsynced
        self._queue = queue
        self._meter = meter

    def sweep(self, *, now: datetime) -> SweepReport:
        """Re-queue the events that are due, or park them.

        Every unsynced event is read. Those with the fewest tries come first, so that events which
        never settle cannot delay others. Two sweeps within one interval re-queue no event twice.
        """
        # The time of a mail that waits for a limit is the end of the wait; before, it is not due.
        spans = unsynced_spans(self._unsynced.waiting(until=now))
        longest = max((*(now - span.oldest for span in spans), timedelta(0)))
        self._meter.seconds(Metric.OLDEST_UNSYNCED, longest.total_seconds())
        self._meter.count(Metric.UNSYNCED_EVENTS, len(spans))
        due = [span for span in spans if is_sweep_due(now - span.oldest)]
        counts = self._counts(due)
        failed = [span for span in due if counts[span.event_id].is_exhausted][:MAX_EVENTS]
        others = (span for span in due if not counts[span.event_id].is_exhausted)
        chosen = sorted(others, key=lambda span: counts[span.event_id].tries)[:MAX_EVENTS]
        self._requeue(chosen, counts, now=now)
        self._park(failed, counts, now=now)
        return SweepReport(
            waiting=len(spans), longest=longest, redriven=_ids(chosen), parked=_ids(failed)
        )

    def _counts(self, spans: list[UnsyncedSpan]) -> dict[str, SweepCount]:
        stored = self._unsynced.sweep_counts(_ids(spans)) if spans else {}
        return {span.event_id: span.count(stored.get(span.event_id)) for span in spans}

    def _requeue(
        self, spans: list[UnsyncedSpan], counts: Mapping[str, SweepCount], *, now: datetime
    ) -> None:
        """Queue the events before counting: a try that is counted has been made."""
        if not spans:
            return
        for span in spans:
            log.warning("event re-queued", extra=_fields(span, counts, now=now))
        self._queue.send({span.event_id: _change(span, now=now) for span in spans})
        save = self._unsynced.save_sweep_count
        together([partial(save, each, counts[each].next_try(), now=now) for each in _ids(spans)])

    def _park(
        self, spans: list[UnsyncedSpan], counts: Mapping[str, SweepCount], *, now: datetime
    ) -> None:
        self._meter.count(Metric.PARKED_EVENTS, len(spans))
        for span in spans:
            log.error("event parked", extra=_fields(span, counts, now=now))
        park = self._unsynced.park
        together([partial(park, each.event_id, until=each.newest, now=now) for each in spans])


def _ids(spans: list[UnsyncedSpan]) -> tuple[str, ...]:
    return tuple(span.event_id for span in spans)


def _fields(
    span: UnsyncedSpan, counts: Mapping[str, SweepCount], *, now: datetime
) -> dict[str, object]:
    return {
        "event_id": span.event_id,
        "waiting_seconds": (now - span.oldest).total_seconds(),
        "tries": counts[span.event_id].tries,
    }


def _change(span: UnsyncedSpan, *, now: datetime) -> str:
    """Return a deduplication id that differs between intervals, but not if a sweep is repeated."""
    return f"swept-{span.oldest.isoformat()}-{(now - span.oldest) // EVERY}"
