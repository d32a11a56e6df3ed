"""Addresses of tokens: stored once, and the user's coming sessions are queued."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from typing_extensions import override

from shared.domain.caller import Caller
from shared.domain.role import Role
from shared.usecases.accounts.addresses import Addresses
from tests.support.mail_harness import MailHarness, address
from tests.support.memory import MemoryQueue
from tests.support.sync_harness import START


class FailingQueue(MemoryQueue):
    """A queue whose first send fails."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = True

    @override
    def send(self, event_ids: Mapping[str, str]) -> None:
        if self.fails:
            self.fails = False
            raise ConnectionError
        super().send(event_ids)


def queued(queue: MemoryQueue) -> list[str]:
    return [event_id for sent in queue.sent for event_id in sent]


def caller(email: str | None = "own@example.org") -> Caller:
    return Caller(user_id="ann", roles=frozenset({Role.LEARNER}), email=email)


@pytest.fixture
def harness() -> MailHarness:
    """A session of Ann, of whom no address is known."""
    harness = MailHarness()
    harness.book(contacts=())
    harness.drain()
    return harness


def test_a_new_address_queues_the_coming_sessions(harness: MailHarness) -> None:
    queue = MemoryQueue()

    Addresses(people=harness.people, queue=queue).remember(caller(), now=START)
    harness.drain()

    assert queued(queue) == ["s1"]
    assert [each.address for each in harness.mail.sent] == ["own@example.org"]


def test_a_known_address_queues_nothing(harness: MailHarness) -> None:
    queue = MemoryQueue()
    Addresses(people=harness.people, queue=MemoryQueue()).remember(caller(), now=START)

    Addresses(people=harness.people, queue=queue).remember(caller(), now=START)

    assert not queue.sent


def test_a_process_stores_an_address_once(harness: MailHarness) -> None:
    addresses = Addresses(people=harness.people, queue=MemoryQueue())
    addresses.remember(caller(), now=START)
    harness.people.save_address("ann", "other@example.org", at=START)

    addresses.remember(caller(), now=START)

    assert harness.people.person("ann").email == "other@example.org"


def test_sessions_that_could_not_be_queued_are_queued_by_the_next_call(
    harness: MailHarness,
) -> None:
    queue = FailingQueue()
    addresses = Addresses(people=harness.people, queue=queue)

    addresses.remember(caller(), now=START)
    before = queued(queue)
    addresses.remember(caller(), now=START)

    assert (before, queued(queue)) == ([], ["s1"])


def test_sessions_that_are_over_are_not_queued(harness: MailHarness) -> None:
    queue = MemoryQueue()

    Addresses(people=harness.people, queue=queue).remember(caller(), now=START + timedelta(days=30))

    assert not queue.sent


def test_a_token_without_an_address_changes_nothing(harness: MailHarness) -> None:
    queue = MemoryQueue()

    Addresses(people=harness.people, queue=queue).remember(caller(None), now=START)

    assert harness.people.person("ann").email is None
    assert not queue.sent
    assert address("ann") not in {each.address for each in harness.mail.sent}


def test_a_user_who_connects_a_calendar_is_not_mailed_before_it_is_connected(
    harness: MailHarness,
) -> None:
    queue = MemoryQueue()

    Addresses(people=harness.people, queue=None).remember(caller(), now=START)
    first = harness.people.person("ann").email
    Addresses(people=harness.people, queue=None).remember(caller("b@example.org"), now=START)
    Addresses(people=harness.people, queue=queue).remember(caller(), now=START)

    assert (first, harness.people.person("ann").email) == ("own@example.org", "own@example.org")
    assert queued(queue) == ["s1"]
