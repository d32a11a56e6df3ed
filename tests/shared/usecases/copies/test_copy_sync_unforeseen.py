"""An error that no code expects holds up one copy, and neither other copies nor mail."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.copy import Copy, CopyState
from tests.support.mail_harness import MailHarness
from tests.support.memory import MemoryBookings, MemoryEvents, MemoryPeople
from tests.support.request_faults import Effect, RequestFault


def raising(error: BaseException, effect: Effect = Effect.NEVER) -> RequestFault:
    """Return a request that raises the error."""
    return RequestFault(lambda: error, effect)


@pytest.fixture
def harness() -> MailHarness:
    """A session of Ann and Bob, who have calendars, and Cyd, who gets mail as does a guest."""
    harness = MailHarness()
    harness.connect("ann", "a1")
    harness.connect("bob", "b1")
    harness.book(users=("ann", "bob", "cyd"))
    harness.invite_guests("gus")
    return harness


def mailed(harness: MailHarness) -> dict[str, list[str]]:
    return {name: harness.mails_to(name) for name in ("cyd", "gus")}


INVITED = {"cyd": ["REQUEST 0"], "gus": ["REQUEST 0"]}


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), TypeError("x"), RecursionError("x"), OverflowError("x"), KeyError("x")],
    ids=lambda error: type(error).__name__,
)
def test_a_poisoned_calendar_holds_up_its_own_copy_only(
    harness: MailHarness, error: Exception
) -> None:
    harness.calendar.fail("a1", raising(error))

    wait = harness.deliver()

    assert wait == timedelta(seconds=2)
    assert harness.state("a1") is CopyState.PENDING
    assert harness.copy("a1").error
    assert harness.state("b1") is CopyState.SYNCED
    assert mailed(harness) == INVITED


def test_the_copy_is_retried_with_growing_waits_until_the_calendar_works(
    harness: MailHarness,
) -> None:
    harness.calendar.fail("a1", *[raising(ValueError("x"))] * 4)

    waits = harness.drain()

    assert [timedelta(seconds=each) for each in (2, 4, 8, 16)] == waits
    assert harness.copy_titles("a1") == ["Coaching"]
    assert mailed(harness) == INVITED


def test_a_copy_written_before_the_error_is_not_written_twice(harness: MailHarness) -> None:
    harness.calendar.fail("a1", raising(ValueError("x"), Effect.AT_ONCE))
    harness.deliver()
    assert harness.copy("a1").unsettled_until

    harness.cancel()
    harness.drain()

    assert harness.copy_titles("a1") == []
    assert harness.state("a1") is CopyState.REMOVED


def test_a_poisoned_calendar_does_not_hold_up_a_cancellation(harness: MailHarness) -> None:
    harness.drain()
    harness.cancel()
    harness.calendar.fail("a1", *[raising(TypeError("x"))] * 2)

    harness.deliver()

    assert harness.state("b1") is CopyState.REMOVED
    assert harness.mails_to("gus")[-1] == "CANCEL 1"
    assert harness.mails_to("cyd")[-1] == "CANCEL 1"


def test_an_unforeseen_error_is_logged_and_counted(
    harness: MailHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.calendar.fail("a1", raising(ValueError("private title")))

    harness.deliver()

    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    fields = vars(record)
    assert ("s1", "a1", "copy") == (fields["event_id"], fields["connection_id"], fields["work"])
    assert "faulty_calendar.py" in fields["traceback"]
    assert "private title" not in str(fields)
    assert harness.meter.counts["UnforeseenErrors", "copy"] == 1
    assert harness.meter.counts["CopiesWritten", "later", "apple"] == 1


class UnwritableRecord(MemoryEvents):
    """A store that cannot write the record of Ann's copy."""

    def save_copy(self, copy: Copy) -> Copy:
        if copy.connection_id == "a1":
            raise ValueError("the item is too large")
        return super().save_copy(copy)


def test_a_record_that_cannot_be_written_holds_up_its_own_copy_only(harness: MailHarness) -> None:
    worker = harness.worker(events=UnwritableRecord(harness.memory))

    wait = worker.reconcile("s1", now=harness.at)

    assert wait == timedelta(seconds=2)
    assert harness.state("b1") is CopyState.SYNCED
    assert mailed(harness) == INVITED
    assert harness.meter.counts["CopiesWritten", "later", "apple"] == 1


class BrokenHolds(MemoryBookings):
    """A store that cannot release the holds of earlier times."""

    def release_stale_holds(self, event_id: str) -> Any:
        raise TypeError(event_id)


@pytest.mark.parametrize("error", [MemoryError(), None], ids=["a copy", "the step before"])
def test_mail_is_sent_even_if_the_step_before_it_raises(
    harness: MailHarness, error: BaseException | None
) -> None:
    worker = harness.worker()
    if error is None:
        worker = harness.worker(bookings=BrokenHolds(harness.memory))
    else:
        harness.calendar.fail("a1", raising(error))

    with pytest.raises((MemoryError, TypeError)):
        worker.reconcile("s1", now=harness.at)

    assert mailed(harness) == INVITED


def test_a_failure_to_read_a_connection_again_holds_up_its_own_copy_only(
    harness: MailHarness,
) -> None:
    class ForgetfulPeople(MemoryPeople):
        def mark_connection(self, *_: Any, **__: Any) -> bool:
            raise ValueError("unwritable")

    harness.revoke("ann", "a1")
    worker = harness.worker(people=ForgetfulPeople(harness.memory))

    assert worker.reconcile("s1", now=harness.at) == timedelta(seconds=2)
    assert harness.state("b1") is CopyState.SYNCED
    assert mailed(harness) == INVITED
