import logging
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from typing_extensions import override

from shared.domain.sweep import MAX_TRIES, SweepCount
from shared.ports import UnsyncedEvents
from shared.usecases.copies.sweeper import MAX_EVENTS, Sweeper, SweepReport
from tests.support.memory import MemoryQueue
from tests.support.meter import FakeMeter

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class UnsyncedItems(UnsyncedEvents):
    """Items that have waited for the given minutes; `tries` are counted for their newest change."""

    def __init__(self, *items: tuple[str, float], tries: Mapping[str, int] | None = None) -> None:
        self._items = sorted(((name, NOW - age * MINUTE) for name, age in items), key=_since)
        newest = dict(self._items)
        self.counts = {
            name: SweepCount(changed_at=newest[name], tries=number)
            for name, number in (tries or {}).items()
        }
        self.parked: list[str] = []

    @override
    def waiting(self, *, until: datetime) -> tuple[tuple[str, datetime], ...]:
        return tuple(each for each in self._items if each[1] <= until)

    @override
    def sweep_counts(self, event_ids: Iterable[str]) -> Mapping[str, SweepCount]:
        return {each: self.counts[each] for each in event_ids if each in self.counts}

    @override
    def save_sweep_count(self, event_id: str, count: SweepCount, *, now: datetime) -> None:
        self.counts[event_id] = count

    @override
    def park(self, event_id: str, *, until: datetime, now: datetime) -> None:
        self.parked.append(event_id)


def _since(item: tuple[str, datetime]) -> datetime:
    return item[1]


def sweep(
    *items: tuple[str, float],
    queue: MemoryQueue | None = None,
    meter: FakeMeter | None = None,
    tries: Mapping[str, int] | None = None,
) -> SweepReport:
    unsynced = UnsyncedItems(*items, tries=tries)
    sweeper = Sweeper(unsynced=unsynced, queue=queue or MemoryQueue(), meter=meter or FakeMeter())
    return sweeper.sweep(now=NOW)


def test_without_unsynced_events_the_sweep_reports_zero_and_sends_nothing() -> None:
    queue, meter = MemoryQueue(), FakeMeter()

    report = sweep(queue=queue, meter=meter)

    assert SweepReport(waiting=0, longest=timedelta(0), redriven=()) == report
    assert [("OldestUnsyncedSeconds", 0.0)] == meter.times
    assert {("UnsyncedEvents",): 0, ("ParkedEvents",): 0} == meter.counts
    assert queue.sent == []


def test_a_recent_change_is_counted_but_not_requeued() -> None:
    meter = FakeMeter()

    report = sweep(("young", 9.9), meter=meter)

    assert ((), 1) == (report.redriven, report.waiting)
    assert [("OldestUnsyncedSeconds", 594.0)] == meter.times


def test_a_mail_that_waits_for_a_limit_is_not_counted_before_the_end_of_the_wait() -> None:
    meter = FakeMeter()

    report = sweep(("waits", -30), ("waits", -20), meter=meter)

    assert SweepReport(waiting=0, longest=timedelta(0), redriven=()) == report
    assert {("UnsyncedEvents",): 0, ("ParkedEvents",): 0} == meter.counts
    assert sweep(("waits", 10)).redriven == ("waits",)


def test_the_oldest_events_are_first_and_each_is_requeued_once() -> None:
    report = sweep(("b", 11), ("a", 60), ("b", 21), ("c", 10), ("b", 10))

    assert SweepReport(waiting=3, longest=60 * MINUTE, redriven=("a", "b", "c")) == report


def test_a_sweep_requeues_a_limited_number() -> None:
    report = sweep(*((f"s{number}", 60) for number in range(MAX_EVENTS + 1)))

    assert (MAX_EVENTS, MAX_EVENTS + 1) == (len(report.redriven), report.waiting)


def test_events_that_never_settle_do_not_delay_a_new_one() -> None:
    old = [(f"s{number}", 60 + number / 1000) for number in range(5 * MAX_EVENTS)]

    report = sweep(*old, ("new", 10), tries={name: 7 for name, _ in old})

    assert (MAX_EVENTS, "new") == (len(report.redriven), report.redriven[0])


def test_an_event_that_failed_too_often_is_parked_logged_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue, meter = MemoryQueue(), FakeMeter()

    report = sweep(("s1", 60), queue=queue, meter=meter, tries={"s1": MAX_TRIES})

    assert SweepReport(waiting=1, longest=60 * MINUTE, redriven=(), parked=("s1",)) == report
    assert [] == queue.sent
    assert 1 == meter.counts["ParkedEvents",]
    (line,) = caplog.records
    assert ("event parked", "s1", MAX_TRIES) == (
        line.message,
        line.__dict__["event_id"],
        line.__dict__["tries"],
    )


def test_a_requeued_event_counts_one_more_try() -> None:
    unsynced = UnsyncedItems(("s1", 60), tries={"s1": MAX_TRIES - 1})
    sweeper = Sweeper(unsynced=unsynced, queue=MemoryQueue(), meter=FakeMeter())

    first, second = sweeper.sweep(now=NOW), sweeper.sweep(now=NOW)

    assert (("s1",), ()) == (first.redriven, second.redriven)
    assert ["s1"] == unsynced.parked


def test_an_event_is_requeued_three_times_in_its_first_hour_and_then_hourly() -> None:
    sweeps = [number for number in range(60) if sweep(("s1", number * 5 + 1)).redriven]

    assert [2, 4, 8, 12, 24, 36, 48] == sweeps


def test_a_repeated_sweep_sends_the_same_message_and_the_next_one_another() -> None:
    queue = MemoryQueue()
    for age in (20, 20, 40):
        sweep(("s1", age), queue=queue)

    first, repeat, later = (sent["s1"] for sent in queue.sent)

    assert first == repeat
    assert first != later


@pytest.mark.parametrize("age", [10, 60 * 24 * 365])
def test_the_deduplication_id_is_valid_for_sqs(age: float) -> None:
    queue = MemoryQueue()

    sweep(("s1", age), queue=queue)

    (sent,) = queue.sent
    assert set(sent["s1"]) <= set("0123456789abcdefghijklmnopqrstuvwxyzT-+:.")
    assert len(sent["s1"]) <= 128


def test_a_requeued_event_is_logged_with_its_id(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sweep(("s1", 10))

    (line,) = caplog.records
    assert ("s1", 600.0) == (line.__dict__["event_id"], line.__dict__["waiting_seconds"])
