from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.domain.domain_event import DomainEvent
from shared.stores.change_list import MAX_ADDED, DynamoChangeList
from shared.stores.tables import Tables
from shared.wiring.clock import pause
from tests.support.aws import Aws
from tests.support.domain_events import NOON, days, sample_event

pytestmark = pytest.mark.long


def list_of(tables: Tables) -> DynamoChangeList:
    return DynamoChangeList(tables, pause=lambda _: None)


@pytest.fixture
def listed(tables: Tables) -> DynamoChangeList:
    """The change list, empty."""
    return list_of(tables)


def ids(events: tuple[tuple[int, DomainEvent], ...]) -> list[str]:
    return [each.id for _, each in events]


def test_an_empty_list_has_no_positions(listed: DynamoChangeList) -> None:
    assert listed.kept(now=NOON) == (1, 0)
    assert listed.read(0, at_most=10) == ()


def test_events_are_read_in_the_order_in_which_they_were_added(listed: DynamoChangeList) -> None:
    events = [sample_event(number) for number in range(1, MAX_ADDED + 3)]
    listed.add_events(events, now=NOON)

    found = listed.read(0, at_most=100)

    assert [each for _, each in found] == events
    assert [position for position, _ in found] == [*range(1, len(events) + 1)]
    assert ids(listed.read(3, at_most=2)) == [each.id for each in events[3:5]]


def test_an_event_that_is_listed_is_not_added_again(listed: DynamoChangeList) -> None:
    first, second, third = (sample_event(number) for number in (1, 2, 3))
    listed.add_events([first, second], now=NOON)

    listed.add_events([second, first, third, third], now=NOON)

    assert ids(listed.read(0, at_most=10)) == [first.id, second.id, third.id]
    assert listed.kept(now=NOON) == (1, 3)


def test_positions_of_events_older_than_seven_days_are_not_kept(listed: DynamoChangeList) -> None:
    listed.add_events([sample_event(1)], now=NOON)
    listed.add_events([sample_event(2)], now=NOON + days(1))
    listed.add_events([sample_event(3)], now=NOON + days(3))

    assert listed.kept(now=NOON + days(7)) == (1, 3)
    assert listed.kept(now=NOON + days(8)) == (2, 3)
    assert listed.kept(now=NOON + days(10)) == (3, 3)
    assert listed.kept(now=NOON + days(30)) == (4, 3)


def test_the_first_position_since_a_time_is_at_most_a_day_early(listed: DynamoChangeList) -> None:
    listed.add_events([sample_event(1)], now=NOON)
    listed.add_events([sample_event(2)], now=NOON + days(1))

    now = NOON + days(2)
    assert listed.first_since(NOON + timedelta(hours=6), now=now) == 1
    assert listed.first_since(NOON + days(1), now=now) == 2
    assert listed.first_since(NOON + days(2), now=now) == 3
    assert listed.first_since(NOON - days(90), now=NOON + days(8)) == 2


def test_a_page_continues_in_the_next_partition(tables: Tables) -> None:
    listed = DynamoChangeList(tables, pause=lambda _: None, block=4)
    listed.add_events([sample_event(number) for number in range(1, 12)], now=NOON)

    assert [position for position, _ in listed.read(2, at_most=8)] == [*range(3, 11)]


def test_a_reader_stops_before_a_position_that_is_missing(
    tables: Tables, listed: DynamoChangeList
) -> None:
    """A query beside a transaction may see only a part of it."""
    listed.add_events([sample_event(number) for number in (1, 2, 3)], now=NOON)
    tables.events.delete(("changes#0", f"{2:016d}"))

    assert [position for position, _ in listed.read(0, at_most=10)] == [1]


def test_writers_at_the_same_time_leave_no_gap_and_no_repeat_in_any_walk(
    ministack_aws: Aws,
) -> None:
    """While they write, readers only ever see a beginning of the final list."""
    walks: list[list[str]] = []
    writers = [DynamoChangeList(ministack_aws.tables(), pause=pause) for _ in range(4)]

    def write(number: int) -> None:
        own = [sample_event(each, session=f"s-{number}") for each in range(1, 9)]
        shared = [sample_event(each, session="s-shared") for each in range(1, 4)]
        for event in (*own[:4], *shared, *own[4:]):
            writers[number].add_events([event], now=NOON)

    def walk(_: int) -> None:
        reader = list_of(ministack_aws.tables())
        walks.extend(ids(reader.read(0, at_most=100)) for _ in range(10))

    with ThreadPoolExecutor(6) as pool:
        jobs: list[Callable[[int], None]] = [write] * 4 + [walk] * 2
        for done in [pool.submit(job, number) for number, job in enumerate(jobs)]:
            done.result()

    final = ids(writers[0].read(0, at_most=100))
    expected = {sample_event(each, session=f"s-{n}").id for n in range(4) for each in range(1, 9)}
    assert expected | {sample_event(n, session="s-shared").id for n in (1, 2, 3)} == set(final)
    assert len(final) == len(set(final)) == 35
    assert [each for each in walks if each != final[: len(each)]] == []
