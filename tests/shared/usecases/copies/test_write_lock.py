import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.domain.errors import ProviderUnavailable
from shared.usecases.copies.write_lock import LONGEST_TURN, WriteLock
from tests.support.platform import NOW
from tests.support.store_samples import connection
from tests.support.token_fakes import MemoryTurns


def test_who_finds_a_writer_at_it_waits_until_the_turn_has_ended() -> None:
    store, calendar, seen = MemoryTurns(), connection(), list[str]()
    store.take(calendar, "first", until=NOW + LONGEST_TURN, now=NOW)

    def pause(number: int) -> None:
        seen.append(f"waited {number}")
        if number == 3:
            store.end(calendar, "first")

    with WriteLock(turns=store, now=lambda: NOW, pause=pause).of(calendar):
        seen.append("wrote")

    assert ["waited 1", "waited 2", "waited 3", "wrote"] == seen


def test_of_many_who_ask_at_once_one_has_the_turn() -> None:
    store, calendar, gate = MemoryTurns(), connection(), threading.Barrier(20)

    def ask(number: int) -> bool:
        gate.wait()
        return store.take(calendar, f"writer {number}", until=NOW + LONGEST_TURN, now=NOW)

    with ThreadPoolExecutor(20) as pool:
        assert 1 == sum(pool.map(ask, range(20)))


def test_a_turn_ends_with_an_error_too() -> None:
    turns = WriteLock(turns=MemoryTurns(), now=lambda: NOW, pause=lambda _: None)
    calendar = connection()

    with pytest.raises(ValueError, match="broken"), turns.of(calendar):
        raise ValueError("broken")

    with turns.of(calendar):
        pass


def test_a_calendar_that_stays_busy_is_left_for_later() -> None:
    store, calendar = MemoryTurns(), connection()
    store.take(calendar, "another", until=NOW + LONGEST_TURN, now=NOW)
    turns = WriteLock(turns=store, now=lambda: NOW, pause=lambda _: None)

    with pytest.raises(ProviderUnavailable), turns.of(calendar):
        pytest.fail("it was not our turn")


def test_a_crashed_writer_blocks_for_one_turn_only() -> None:
    store, calendar = MemoryTurns(), connection()
    store.take(calendar, "crashed", until=NOW + LONGEST_TURN, now=NOW)
    later = NOW + LONGEST_TURN + timedelta(seconds=1)
    turns = WriteLock(turns=store, now=lambda: later, pause=lambda _: None)

    with turns.of(calendar):
        store.end(calendar, "crashed")
        assert not store.take(calendar, "third", until=later + LONGEST_TURN, now=later)
