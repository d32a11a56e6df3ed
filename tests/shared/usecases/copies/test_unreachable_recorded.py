"""A settled event names whom neither a calendar nor mail reaches."""

import pytest

from shared.domain.event import EventStatus
from tests.support.mail_harness import MailHarness


@pytest.fixture
def harness() -> MailHarness:
    """Participants with addresses."""
    return MailHarness()


def test_a_participant_without_calendar_and_address_is_named(harness: MailHarness) -> None:
    harness.book(users=("ann", "bob"), contacts=())
    harness.connect("ann", "work")

    harness.drain()

    assert "bob" in harness.memory.unreachable["s1"]
    assert "ann" not in harness.memory.unreachable["s1"]


def test_someone_with_an_address_is_reached(harness: MailHarness) -> None:
    harness.book(users=("ann", "bob"))

    harness.drain()

    assert harness.memory.unreachable["s1"].isdisjoint({"ann", "bob"})


def test_while_a_session_is_pending_no_one_is_named(harness: MailHarness) -> None:
    harness.book(users=("ann",), contacts=(), status=EventStatus.PENDING_APPROVAL)

    harness.drain()

    assert harness.memory.unreachable["s1"] == frozenset()
