import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.ports import WriteLockStore
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from shared.stores.write_locks import DynamoWriteLocks
from tests.support.aws import Aws
from tests.support.store_samples import NOON, connection

MANY = 20
PATIENCE_SECONDS = 20
MINUTE = timedelta(minutes=1)
MINE, OTHER = connection(), connection("c-2")


def test_the_store_fills_its_port(tables: Tables) -> None:
    store = DynamoWriteLocks(tables)
    port: WriteLockStore = store

    assert port is store


def test_a_turn_is_one_holders_until_it_is_given_back(tables: Tables) -> None:
    turns = DynamoWriteLocks(tables)

    assert turns.take(MINE, "ada", until=NOON + MINUTE, now=NOON)
    assert not turns.take(MINE, "bob", until=NOON + MINUTE, now=NOON)
    turns.end(MINE, "ada")
    assert turns.take(MINE, "bob", until=NOON + MINUTE, now=NOON)


def test_connections_take_turns_apart(tables: Tables) -> None:
    turns = DynamoWriteLocks(tables)
    of_another_user = connection(user_id="coach-2")

    for each in (MINE, OTHER, of_another_user):
        assert turns.take(each, "ada", until=NOON + MINUTE, now=NOON)


def test_a_turn_that_is_not_given_back_ends_by_itself_and_no_sooner(tables: Tables) -> None:
    turns = DynamoWriteLocks(tables)
    turns.take(MINE, "ada", until=NOON + MINUTE, now=NOON)

    just_before, after = NOON + MINUTE, NOON + MINUTE + timedelta(microseconds=1)

    assert not turns.take(MINE, "bob", until=NOON + 2 * MINUTE, now=just_before)
    assert turns.take(MINE, "bob", until=NOON + 2 * MINUTE, now=after)


def test_a_turn_that_ran_out_is_not_ended_for_whoever_has_it_now(tables: Tables) -> None:
    turns = DynamoWriteLocks(tables)
    late = NOON + 2 * MINUTE
    turns.take(MINE, "ada", until=NOON + MINUTE, now=NOON)
    turns.take(MINE, "bob", until=late + MINUTE, now=late)

    turns.end(MINE, "ada")

    assert not turns.take(MINE, "eve", until=late + MINUTE, now=late)


def test_ending_a_turn_nobody_has_does_nothing(tables: Tables) -> None:
    turns = DynamoWriteLocks(tables)

    turns.end(MINE, "ada")

    assert turns.take(MINE, "ada", until=NOON + MINUTE, now=NOON)


def test_a_turn_is_nothing_of_what_is_read_of_a_user(tables: Tables) -> None:
    people = DynamoPeople(tables)
    before = people.person(MINE.user_id)

    DynamoWriteLocks(tables).take(MINE, "ada", until=NOON + MINUTE, now=NOON)

    assert before == people.person(MINE.user_id)


def test_of_twenty_who_want_a_turn_at_once_one_gets_it(ministack_aws: Aws) -> None:
    turns = DynamoWriteLocks(ministack_aws.tables())
    start = threading.Barrier(MANY)

    def take(number: int) -> bool:
        start.wait(PATIENCE_SECONDS)
        return turns.take(MINE, f"worker-{number}", until=NOON + MINUTE, now=NOON)

    with ThreadPoolExecutor(MANY) as pool:
        got = list(pool.map(take, range(MANY)))

    assert 1 == got.count(True)
