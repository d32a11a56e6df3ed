import logging
from datetime import UTC, datetime, timedelta

import pytest

from shared.usecases.copies.sweeper import MOST, Sweeper, SweepReport
from tests.support.memory import MemoryQueue
from tests.support.meter import FakeMeter

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Waiting:
    """Fills `UnsyncedEvents` with items that have waited for so many minutes."""

    def __init__(self, *items: tuple[str, float]) -> None:
        self._items = sorted(((name, NOW - age * MINUTE) for name, age in items), key=_since)

    def oldest(self, most: int) -> tuple[tuple[str, datetime], ...]:
        return tuple(self._items[:most])


def _since(item: tuple[str, datetime]) -> datetime:
    return item[1]


def sweep(
    *items: tuple[str, float], queue: MemoryQueue | None = None, meter: FakeMeter | None = None
) -> SweepReport:
    sweeper = Sweeper(
        unsynced=Waiting(*items), queue=queue or MemoryQueue(), meter=meter or FakeMeter()
    )
    return sweeper.sweep(now=NOW)


def test_nothing_that_waits_is_told_as_zero_and_sends_nothing() -> None:
    queue, meter = MemoryQueue(), FakeMeter()

    swept = sweep(queue=queue, meter=meter)

    assert SweepReport(waiting=0, longest=timedelta(0), redriven=()) == swept
    assert [("OldestUnsyncedSeconds", 0.0)] == meter.times
    assert {("UnsyncedEvents",): 0} == meter.counts
    assert queue.sent == []


def test_what_has_just_changed_is_left_to_the_queue_but_counts() -> None:
    meter = FakeMeter()

    swept = sweep(("young", 9.9), meter=meter)

    assert ((), 1) == (swept.redriven, swept.waiting)
    assert [("OldestUnsyncedSeconds", 594.0)] == meter.times


def test_the_longest_waiting_go_first_each_event_once_since_its_first_item() -> None:
    swept = sweep(("b", 11), ("a", 60), ("b", 21), ("c", 10), ("b", 10))

    assert SweepReport(waiting=3, longest=60 * MINUTE, redriven=("a", "b", "c")) == swept


def test_a_sweep_puts_back_a_bounded_number() -> None:
    swept = sweep(*((f"s{number}", 60) for number in range(MOST + 1)))

    assert (MOST, MOST + 1) == (len(swept.redriven), swept.waiting)


def test_an_event_is_put_back_three_times_in_its_first_hour_and_then_hourly() -> None:
    sweeps = [number for number in range(60) if sweep(("s1", number * 5 + 1)).redriven]

    assert [2, 4, 8, 12, 24, 36, 48] == sweeps


def test_a_repeat_of_one_sweep_is_the_same_message_and_the_next_one_another() -> None:
    queue = MemoryQueue()
    for age in (20, 20, 40):
        sweep(("s1", age), queue=queue)

    first, repeat, later = (sent["s1"] for sent in queue.sent)

    assert first == repeat
    assert first != later


@pytest.mark.parametrize("age", [10, 60 * 24 * 365])
def test_what_tells_messages_apart_is_what_sqs_takes(age: float) -> None:
    queue = MemoryQueue()

    sweep(("s1", age), queue=queue)

    (sent,) = queue.sent
    assert set(sent["s1"]) <= set("0123456789abcdefghijklmnopqrstuvwxyzT-+:.")
    assert len(sent["s1"]) <= 128


def test_what_is_put_back_is_logged_with_its_event(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sweep(("s1", 10))

    (line,) = caplog.records
    assert ("s1", 600.0) == (line.__dict__["event_id"], line.__dict__["waiting_seconds"])
