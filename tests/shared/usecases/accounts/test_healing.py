from collections.abc import Mapping
from datetime import timedelta

import pytest

from shared.domain.errors import ProviderUnavailable
from tests.support.account_harness import AccountHarness
from tests.support.memory import MemoryQueue
from tests.support.platform import COACH, NOW
from tests.support.token_fakes import tokens_of


class FailingQueue(MemoryQueue):
    """A queue that rejects what it is sent until it is repaired."""

    is_broken = True

    def send(self, event_ids: Mapping[str, str]) -> None:
        if self.is_broken:
            raise ProviderUnavailable("the queue does not respond")
        super().send(event_ids)


def test_a_connected_calendar_queues_what_could_not_be_removed() -> None:
    harness = AccountHarness()
    harness.people.record_left_over(COACH.user_id, "s1", until=NOW)

    connection = harness.sign_in().connection

    assert [{"s1"}] == [set(each) for each in harness.queue.sent]
    assert frozenset() == harness.people.left_overs(COACH.user_id)
    assert (None, NOW) == (connection.heal_from, connection.connected_at)


def test_a_queue_that_fails_does_not_prevent_the_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    harness, queue = AccountHarness(), FailingQueue()
    harness.healing._queue = queue
    harness.people.record_left_over(COACH.user_id, "s1", until=NOW)

    connection = harness.sign_in().connection

    assert NOW == connection.heal_from
    assert {"s1"} == harness.people.left_overs(COACH.user_id)
    assert ["sessions not queued yet"] == [each.message for each in caplog.records]


def test_the_token_refresh_queues_the_sessions_that_were_left_out() -> None:
    harness, queue = AccountHarness(), FailingQueue()
    harness.healing._queue = queue
    harness.people.record_left_over(COACH.user_id, "s1", until=NOW)
    harness.sign_in()
    queue.is_broken = False
    now = NOW + timedelta(minutes=5)
    tokens = tokens_of(
        harness.people,
        harness.vault,
        store=harness.store,
        oauth=harness.oauth,
        now=lambda: now,
        heal=lambda connection: harness.healing.heal(connection, now=now),
    )

    tokens.refresh_due()
    tokens.refresh_due()

    assert [{"s1"}] == [set(each) for each in queue.sent]
    assert [None] == [each.heal_from for each in harness.of()]
