"""Domain events for tests: a change list in memory, sinks with faults, and sample events."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from typing_extensions import override

from shared.domain.domain_event import (
    DomainEvent,
    DomainEventType,
    EventSubject,
    SubjectKind,
    domain_event,
)
from shared.domain.errors import CalendarServiceError
from shared.ports import ChangeList, DeadRecords, EventSink, ListedRange

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def sample_event(
    number: int = 1,
    *,
    session: str = "s-1",
    kind: DomainEventType = DomainEventType.SESSION_CHANGED,
    at: datetime = NOON,
) -> DomainEvent:
    """Return an event about a version of a session."""
    subject = EventSubject(SubjectKind.SESSION, session)
    return domain_event(kind, subject, number, at=at, data={"title": "Überblick"})


class MemoryChangeList(ChangeList):
    """A change list whose events never expire, but for those before `first`."""

    def __init__(self) -> None:
        self.events: list[DomainEvent] = []
        self.days: dict[date, int] = {}
        self.first = 1

    @override
    def add_events(self, events: Sequence[DomainEvent], *, now: datetime) -> None:
        listed = {each.id for each in self.events}
        self.days.setdefault(now.date(), len(self.events) + 1)
        self.events += [
            each for each in {each.id: each for each in events}.values() if each.id not in listed
        ]

    @override
    def kept(self, *, now: datetime) -> ListedRange:
        return ListedRange(self.first, len(self.events))

    @override
    def first_since(self, instant: datetime, *, now: datetime) -> int:
        later = [first for day, first in self.days.items() if day >= instant.date()]
        return max(min(later, default=len(self.events) + 1), self.first)

    @override
    def read(self, after: int, *, at_most: int) -> tuple[tuple[int, DomainEvent], ...]:
        return tuple(enumerate(self.events[after : after + at_most], after + 1))


class FaultNow(CalendarServiceError):
    """What a faulty sink raises."""


@dataclass
class FaultySink(EventSink):
    """Records events; before each one it may fail, and the earlier ones stay."""

    fails: Callable[[], bool] = lambda: False
    events: list[DomainEvent] = field(default_factory=list)

    @override
    def publish(self, events: Sequence[DomainEvent]) -> None:
        for event in events:
            if self.fails():
                raise FaultNow("not accepted")
            self.events.append(event)


@dataclass
class MemoryDeadRecords(DeadRecords):
    """Dead records with their reasons."""

    records: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)

    @override
    def add(self, record: Mapping[str, Any], reason: str) -> None:
        self.records.append((record, reason))


def days(number: float) -> timedelta:
    """Return a number of days."""
    return timedelta(days=number)
