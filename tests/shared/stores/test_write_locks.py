import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from shared.domain.connection import Provider
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from shared.stores.write_locks import DynamoWriteLocks
from tests.support.aws import Aws
from tests.support.store_samples import NOON, connection

CALLERS = 20
TIMEOUT_SECONDS = 20
MINUTE = timedelta(minutes=1)
MINE, OTHER = connection(), connection("c-2")


def test_a_lock_has_one_holder_until_it_is_released(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)

    assert locks.acquire(MINE, "ada", until=NOON + MINUTE, now=NOON)
    assert not locks.acquire(MINE, "bob", until=NOON + MINUTE, now=NOON)
    locks.release(MINE, "ada")
    assert locks.acquire(MINE, "bob", until=NOON + MINUTE, now=NOON)


def test_each_connection_has_its_own_lock(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)
    of_another_user = connection(user_id="coach-2")

    for each in (MINE, OTHER, of_another_user):
        assert locks.acquire(each, "ada", until=NOON + MINUTE, now=NOON)


def test_the_caldav_calendars_of_one_user_share_a_lock(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)
    caldav = [connection(name, provider=Provider.APPLE) for name in ("c-1", "c-2")]

    assert locks.acquire(caldav[0], "ada", until=NOON + MINUTE, now=NOON)
    assert not locks.acquire(caldav[1], "bob", until=NOON + MINUTE, now=NOON)
    assert locks.acquire(OTHER, "bob", until=NOON + MINUTE, now=NOON)


def test_an_unreleased_lock_expires_at_its_end_and_not_before(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)
    locks.acquire(MINE, "ada", until=NOON + MINUTE, now=NOON)

    just_before, after = NOON + MINUTE, NOON + MINUTE + timedelta(microseconds=1)

    assert not locks.acquire(MINE, "bob", until=NOON + 2 * MINUTE, now=just_before)
    assert locks.acquire(MINE, "bob", until=NOON + 2 * MINUTE, now=after)


def test_an_expired_holder_cannot_release_the_lock_of_the_next_holder(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)
    late = NOON + 2 * MINUTE
    locks.acquire(MINE, "ada", until=NOON + MINUTE, now=NOON)
    locks.acquire(MINE, "bob", until=late + MINUTE, now=late)

    locks.release(MINE, "ada")

    assert not locks.acquire(MINE, "eve", until=late + MINUTE, now=late)


def test_releasing_a_free_lock_does_nothing(tables: Tables) -> None:
    locks = DynamoWriteLocks(tables)

    locks.release(MINE, "ada")

    assert locks.acquire(MINE, "ada", until=NOON + MINUTE, now=NOON)


def test_a_lock_is_not_part_of_a_person(tables: Tables) -> None:
    people = DynamoPeople(tables)
    before = people.person(MINE.user_id)

    DynamoWriteLocks(tables).acquire(MINE, "ada", until=NOON + MINUTE, now=NOON)

    assert before == people.person(MINE.user_id)


def test_only_one_of_twenty_concurrent_callers_gets_the_lock(ministack_aws: Aws) -> None:
    locks = DynamoWriteLocks(ministack_aws.tables())
    start = threading.Barrier(CALLERS)

    def acquire(number: int) -> bool:
        start.wait(TIMEOUT_SECONDS)
        return locks.acquire(MINE, f"worker-{number}", until=NOON + MINUTE, now=NOON)

    with ThreadPoolExecutor(CALLERS) as pool:
        acquired = list(pool.map(acquire, range(CALLERS)))

    assert 1 == acquired.count(True)
