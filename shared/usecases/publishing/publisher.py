"""Publish what committed writes of the tables mean to the platform.

The streams repeat records after a failure, and the repeats give the same domain events with the
same ids. So whatever fails here is done again from the start, and nothing is published that was not
committed.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.domain_event import DomainEvent
from shared.ports import ChangeList, DeadRecords, EventSink, Meter, Metric, RecordReader

log = logging.getLogger(__name__)


class Publisher:
    """Lists domain events in the change list, then sends them to each sink, in their order."""

    def __init__(
        self,
        *,
        records: RecordReader,
        changes: ChangeList,
        sinks: Sequence[EventSink],
        dead: DeadRecords,
        meter: Meter,
    ) -> None:
        self._records = records
        self._changes = changes
        self._sinks = sinks
        self._dead = dead
        self._meter = meter

    def publish(self, records: Sequence[Mapping[str, Any]], *, now: datetime) -> int:
        """Publish the domain events of stream records; return their number.

        A record from which none can be derived is stored as dead, so that it delays no other. Every
        sink is tried, even if another one fails.

        Raises:
            ExceptionGroup: when the list or a sink did not accept all. Publishing the same records
                again is safe.
        """
        events = tuple(event for record in records for event in self._derived(record))
        if not events:
            return 0
        failures = [*self._listed(events, now=now), *self._sent(events)]
        if failures:
            raise ExceptionGroup("Some domain events were not published.", failures)
        for event in events:
            self._meter.count(Metric.EVENTS_PUBLISHED, type=event.type.value)
        return len(events)

    def _derived(self, record: Mapping[str, Any]) -> tuple[DomainEvent, ...]:
        try:
            return self._records.events(record)
        except Exception as error:
            log.exception("stream record not understood", extra={"stream_record": _name(record)})
            self._dead.add(record, type(error).__name__)
            return ()

    def _listed(self, events: Sequence[DomainEvent], *, now: datetime) -> Iterator[Exception]:
        try:
            self._changes.add_events(events, now=now)
        except Exception as error:  # noqa: BLE001 - raised by the caller, after the sinks
            yield error

    def _sent(self, events: Sequence[DomainEvent]) -> Iterator[Exception]:
        for sink in self._sinks:
            try:
                sink.publish(events)
            except Exception as error:  # noqa: BLE001 - raised by the caller, after the other sinks
                yield error


def _name(record: Mapping[str, Any]) -> str:
    return str(record.get("eventID"))
