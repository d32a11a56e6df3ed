"""The outage of a connection, which is stored with it."""

from datetime import timedelta

from shared.domain.connection import CallKind, Connection, ConnectionStatus, Outage
from shared.stores.people import DynamoPeople
from tests.support.store_samples import NOON, connection

SECOND = timedelta(seconds=1)
READ, WRITE = CallKind.READ, CallKind.WRITE
WORKING = connection(status=ConnectionStatus.ACTIVE, last_error=None)


def stored(people: DynamoPeople) -> Connection:
    (found,) = people.person("coach-1").connections
    return found


def outage(people: DynamoPeople) -> Outage | None:
    return stored(people).read_outage


def test_unanswered_calls_in_a_row_are_counted(people: DynamoPeople) -> None:
    people.save_connection(WORKING)

    for number in range(3):
        started = NOON + number * SECOND
        assert people.record_outage(WORKING, READ, started=started, now=started + SECOND)

    assert outage(people) == Outage(calls=3, since=NOON + SECOND, at=NOON + 3 * SECOND)


def test_calls_that_ran_at_the_same_time_count_once(people: DynamoPeople) -> None:
    people.save_connection(WORKING)

    counted = [
        people.record_outage(WORKING, READ, started=NOON, now=NOON + (number + 1) * SECOND)
        for number in range(3)
    ]

    assert [True, False, False] == counted
    assert outage(people) == Outage(calls=1, since=NOON + SECOND, at=NOON + SECOND)


def test_an_answer_deletes_the_outage(people: DynamoPeople) -> None:
    people.save_connection(WORKING)
    people.record_outage(WORKING, READ, started=NOON, now=NOON)

    people.end_outage(stored(people), READ)

    assert stored(people) == WORKING


def test_of_concurrent_probes_one_begins(people: DynamoPeople) -> None:
    people.save_connection(WORKING)
    people.record_outage(WORKING, READ, started=NOON, now=NOON)
    read = stored(people)

    began = [people.begin_probe(read, READ, now=NOON + SECOND) for _ in range(3)]

    assert [True, False, False] == began
    assert outage(people) == Outage(calls=1, since=NOON, at=NOON + SECOND)


def test_a_connection_without_an_outage_cannot_be_probed(people: DynamoPeople) -> None:
    people.save_connection(WORKING)

    assert not people.begin_probe(WORKING, READ, now=NOON)


def test_reconnecting_deletes_the_outage(people: DynamoPeople) -> None:
    people.save_connection(WORKING)
    people.record_outage(WORKING, READ, started=NOON, now=NOON)

    people.save_connection(WORKING)

    assert outage(people) is None


def test_an_outage_of_a_removed_connection_is_not_stored(people: DynamoPeople) -> None:
    assert not people.record_outage(WORKING, READ, started=NOON, now=NOON)
    people.end_outage(WORKING, READ)

    assert people.person("coach-1").connections == ()


def test_an_answer_to_one_kind_of_call_leaves_the_outage_of_the_other(people: DynamoPeople) -> None:
    people.save_connection(WORKING)
    people.record_outage(WORKING, READ, started=NOON, now=NOON)
    people.record_outage(WORKING, WRITE, started=NOON, now=NOON + SECOND)

    people.end_outage(stored(people), READ)

    after = stored(people)
    assert after.read_outage is None
    assert after.write_outage == Outage(calls=1, since=NOON + SECOND, at=NOON + SECOND)
