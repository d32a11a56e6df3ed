from collections.abc import Mapping
from typing import Any

import pytest
from typing_extensions import override

from shared.domain.domain_event import DomainEvent
from shared.ports import Metric, RecordReader
from shared.usecases.publishing.publisher import Publisher
from tests.support.domain_events import (
    NOON,
    FaultySink,
    MemoryChangeList,
    MemoryDeadRecords,
    sample_event,
)
from tests.support.meter import FakeMeter


class NumberedRecords(RecordReader):
    """Each record is the version of a session; a negative one is not understood."""

    @override
    def events(self, record: Mapping[str, Any]) -> tuple[DomainEvent, ...]:
        if record["version"] < 0:
            raise KeyError("version")
        return (sample_event(record["version"]),) if record["version"] else ()


class Publication:
    """A publisher over fakes."""

    def __init__(self, *sinks: FaultySink) -> None:
        self.changes, self.dead, self.meter = MemoryChangeList(), MemoryDeadRecords(), FakeMeter()
        self.sinks = sinks
        self.publisher = Publisher(
            records=NumberedRecords(),
            changes=self.changes,
            sinks=sinks,
            dead=self.dead,
            meter=self.meter,
        )

    def publish(self, *versions: int) -> int:
        """Publish records with these versions."""
        return self.publisher.publish([{"version": each} for each in versions], now=NOON)


def versions(events: list[DomainEvent]) -> list[int]:
    return [each.subject_version for each in events]


def test_events_are_listed_and_sent_to_each_sink_in_order() -> None:
    publication = Publication(FaultySink(), FaultySink())

    assert publication.publish(1, 0, 2) == 2

    for events in (publication.changes.events, *(each.events for each in publication.sinks)):
        assert versions(events) == [1, 2]
    assert publication.meter.counts == {(Metric.EVENTS_PUBLISHED.value, "session.changed"): 2}


def test_records_without_events_publish_nothing() -> None:
    publication = Publication(FaultySink(lambda: True))

    assert publication.publish(0, 0) == 0


def test_a_record_that_is_not_understood_is_stored_and_delays_no_other() -> None:
    publication = Publication(FaultySink())

    assert publication.publish(1, -1, 2) == 2

    assert publication.dead.records == [({"version": -1}, "KeyError")]
    assert versions(publication.sinks[0].events) == [1, 2]


def test_a_sink_that_fails_keeps_no_other_from_its_events_and_the_batch_is_repeated() -> None:
    broken, working = FaultySink(lambda: True), FaultySink()
    publication = Publication(broken, working)

    with pytest.raises(ExceptionGroup):
        publication.publish(1, 2)
    broken.fails = lambda: False
    publication.publish(1, 2)

    assert versions(working.events) == [1, 2, 1, 2]
    assert versions(broken.events) == versions(publication.changes.events) == [1, 2]
