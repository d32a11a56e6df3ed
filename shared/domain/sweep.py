"""When the sweeper re-queues an unsynced event, and when it parks it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

EVERY = timedelta(minutes=5)
"""How often a sweep is expected to run."""

MAX_TRIES = 75
"""How often an event is re-queued after its last change, about three days, before it is parked."""

# After 10, 20 and 40 minutes, later than any normal retry, and then every hour: the messages of one
# event are processed in order, so more of them do not help during a long outage of a provider.
_FIRST_SWEEPS = (2, 4, 8)
_SWEEPS_AN_HOUR = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCount:
    """How many times an event was re-queued since `changed_at`, the time of its last change."""

    changed_at: datetime
    tries: int = 0

    @property
    def is_exhausted(self) -> bool:
        """Whether the event is parked instead of re-queued."""
        return self.tries >= MAX_TRIES

    def next_try(self) -> "SweepCount":
        """Return the count after one more try."""
        return replace(self, tries=self.tries + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsyncedSpan:
    """An unsynced event: the times of its oldest and of its newest unsynced item."""

    event_id: str
    oldest: datetime
    newest: datetime

    def count(self, stored: SweepCount | None) -> SweepCount:
        """Return the count that applies: a change after the stored one starts at zero again.

        An older time is no change: a try writes the record of an unsent mail with its old time.
        """
        if stored is None or stored.changed_at < self.newest:
            return SweepCount(changed_at=self.newest)
        return stored


def is_sweep_due(age: timedelta) -> bool:
    """Whether an event that has been unsynced for so long is re-queued in this interval."""
    sweeps = age // EVERY
    return sweeps in _FIRST_SWEEPS or (sweeps > 0 and sweeps % _SWEEPS_AN_HOUR == 0)


def unsynced_spans(items: Iterable[tuple[str, datetime]]) -> list[UnsyncedSpan]:
    """Return the event of each (event id, unsynced since), those with the oldest item first."""
    spans: dict[str, UnsyncedSpan] = {}
    for event_id, at in items:
        span = spans.get(event_id) or UnsyncedSpan(event_id=event_id, oldest=at, newest=at)
        spans[event_id] = replace(span, oldest=min(span.oldest, at), newest=max(span.newest, at))
    return sorted(spans.values(), key=lambda span: (span.oldest, span.event_id))
