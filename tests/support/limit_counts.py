"""Counts for limits and suppressed addresses in memory."""

import threading
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from typing_extensions import override

from shared.domain.interval import Interval
from shared.domain.limits import Limit
from shared.ports import CountUnavailable, RequestCounts, SuppressionStore
from shared.usecases.people.limits import Limits


class MemoryCounts(RequestCounts):
    """Counts in memory; while `is_down`, every count fails."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, Interval]] = Counter()
        self.is_down = False
        self._lock = threading.Lock()

    @override
    def count(self, source: str, window: Interval, number: int = 1) -> int:
        if self.is_down:
            raise CountUnavailable("down")
        with self._lock:
            self.counted[source, window] += number
            return self.counted[source, window]


class MemorySuppressions(SuppressionStore):
    """Suppressed addresses in memory."""

    def __init__(self) -> None:
        self.since: dict[str, datetime] = {}

    @override
    def suppress_address(self, invite_id: str, *, since: datetime) -> None:
        self.since[invite_id] = since

    @override
    def is_address_suppressed(self, invite_id: str) -> bool:
        return invite_id in self.since

    @override
    def lift_suppression(self, invite_id: str) -> None:
        self.since.pop(invite_id, None)


def limits_of(allowed: Mapping[Limit, int], counts: MemoryCounts | None = None) -> Limits:
    """Return limits with these numbers."""
    return Limits(counts=counts or MemoryCounts(), allowed=allowed)
