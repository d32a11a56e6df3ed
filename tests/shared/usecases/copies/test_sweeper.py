import logging
from datetime import UTC, datetime, timedelta

import pytest

from shared.usecases.copies.sweeper import MAX_EVENTS, Sweeper, SweepReport
from tests.support.memory import MemoryQueue
from tests.support.meter import FakeMeter

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class UnsyncedItems:
    """An `UnsyncedEvents` of items that have waited for the given minutes."""

    def __init__(self, *items: tuple[str, float]) -> None:
        self._items = sorted(((name, NOW - age * MINUTE) for name, age in items), key=_since)

    def oldest(self, limit: int) -> tuple[tuple[str, datetime], ...]:
        return tuple(self._items[:limit])


def _since(item: tuple[str, datetime]) -> datetime:
    return item[1]


def sweep(
    *items: tuple[str, float], queue: MemoryQueue | None = None, meter: FakeMeter | None = None
) -> SweepReport:
    sweeper = Sweeper(
        unsynced=UnsyncedItems(*items), queue=queue or MemoryQueue(), meter=meter or FakeMeter()
    )
    return sweeper.sweep(now=NOW)


def test_without_unsynced_events_the_sweep_reports_zero_and_sends_nothing() -> None:
    queue, meter = MemoryQueue(), FakeMeter()

    report = sweep(queue=queue, meter=meter)

    assert SweepReport(waiting=0, longest=timedelta(0), redriven=()) == report
    assert [("OldestUnsyncedSeconds", 0.0)] == meter.times
    assert {("UnsyncedEvents",): 0} == meter.counts
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
    assert {("UnsyncedEvents",): 0} == meter.counts
    assert sweep(("waits", 10)).redriven == ("waits",)


def test_the_oldest_events_are_first_and_each_is_requeued_once() -> None:
    report = sweep(("b", 11), ("a", 60), ("b", 21), ("c", 10), ("b", 10))

    assert SweepReport(waiting=3, longest=60 * MINUTE, redriven=("a", "b", "c")) == report


def test_a_sweep_requeues_a_limited_number() -> None:
    report = sweep(*((f"s{number}", 60) for number in range(MAX_EVENTS + 1)))

    assert (MAX_EVENTS, MAX_EVENTS + 1) == (len(report.redriven), report.waiting)


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
