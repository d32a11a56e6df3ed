"""A server that does not answer delays the copies of its own user, and costs few calls."""

from datetime import timedelta

import pytest

from shared.domain.connection import Provider
from shared.domain.copy import CopyContent, CopyRef
from shared.ports import Account
from shared.usecases.accounts.faults import SHORT_TIMEOUT
from shared.usecases.copies.copy_writer import WRITE_TIMEOUT
from tests.support import request_faults
from tests.support.faulty_calendar import FaultyCalendar, MemoryProviders
from tests.support.mail_harness import MailHarness
from tests.support.sync_harness import SyncHarness

MINUTE = timedelta(minutes=1)


@pytest.fixture
def harness() -> SyncHarness:
    """Forty sessions of Eve, whose server never answers, and one of Ann."""
    harness = SyncHarness()
    harness.connect("eve", "e1")
    harness.connect("ann", "a1")
    for number in range(40):
        harness.book(f"e{number}", ("eve",))
    harness.book("s1", ("ann",))
    harness.calendar.fail("e1", *[request_faults.TIMES_OUT] * 1000)
    return harness


def calls(harness: SyncHarness, name: str = "e1") -> int:
    return sum(account == name for _, account in harness.calendar.calls)


def deliver_all(harness: SyncHarness) -> None:
    """Deliver the message of each of Eve's sessions once, a second apart."""
    for number in range(40):
        harness.deliver(f"e{number}")
        harness.advance(timedelta(seconds=1))


def test_after_three_unanswered_calls_the_server_is_called_at_growing_intervals(
    harness: SyncHarness,
) -> None:
    for _ in range(15):  # ten minutes, with 600 deliveries
        deliver_all(harness)

    # Calls 1 to 3 in the first three seconds, then probes after 15, 30, 60, 120, 240 and 300 s.
    assert calls(harness) in {7, 8, 9}
    assert {f"e{number}" for number in range(40)} <= harness.memory.unsynced.keys()


def test_a_suspended_copy_makes_no_attempt_and_no_request(harness: SyncHarness) -> None:
    for number in range(3):
        harness.deliver(f"e{number}")

    wait = harness.deliver("e9")

    assert wait is not None
    assert wait >= timedelta(seconds=15)
    assert ("e9", "e1") not in harness.memory.copies
    assert calls(harness) == 3


def test_the_copies_of_others_are_written(harness: SyncHarness) -> None:
    deliver_all(harness)

    assert harness.deliver("s1") is None
    assert harness.copy_titles() == ["Coaching"]


def test_when_the_server_answers_again_every_copy_is_written(harness: SyncHarness) -> None:
    deliver_all(harness)
    harness.calendar.clear_faults()

    harness.advance(10 * MINUTE)
    for number in range(40):
        harness.drain(f"e{number}")

    assert all(harness.copy_titles("e1", f"e{number}") for number in range(40))
    connection = harness.connection("eve", "e1")
    assert connection
    assert connection.write_outage is None


def test_of_parallel_copies_only_one_probes(harness: SyncHarness) -> None:
    for number in range(3):
        harness.deliver(f"e{number}")
    harness.advance(timedelta(seconds=16))
    stale = harness.people.person("eve")
    before = calls(harness)
    harness.deliver("e7")

    class Stale:
        """People as they were read before the probe."""

        def person(self, user_id: str) -> object:
            return stale if user_id == "eve" else harness.people.person(user_id)

        def __getattr__(self, name: str) -> object:
            return getattr(harness.people, name)

    wait = harness.worker(people=Stale()).reconcile("e8", now=harness.at)

    assert wait == timedelta(seconds=10)
    assert calls(harness) == before + 1
    assert harness.copy("e1", "e8").attempts == 0


def test_an_answer_of_any_kind_ends_the_outage(harness: SyncHarness) -> None:
    harness.calendar.clear_faults()
    harness.calendar.fail(
        "e1",
        request_faults.TIMES_OUT,
        request_faults.TIMES_OUT,
        request_faults.REJECTED,
        request_faults.TIMES_OUT,
    )

    for number in range(4):
        harness.deliver(f"e{number}")

    connection = harness.connection("eve", "e1")
    assert connection
    assert connection.write_outage
    assert connection.write_outage.calls == 1


def test_a_server_that_names_the_time_to_return_has_no_outage(harness: SyncHarness) -> None:
    harness.calendar.clear_faults()
    harness.calendar.fail("e1", *[request_faults.too_many(MINUTE)] * 5)

    for number in range(5):
        harness.deliver(f"e{number}")

    connection = harness.connection("eve", "e1")
    assert connection
    assert connection.write_outage is None
    assert calls(harness) == 5


def test_reconnecting_ends_the_suspension(harness: SyncHarness) -> None:
    deliver_all(harness)
    harness.calendar.clear_faults()

    harness.connect("eve", "e1")

    assert harness.deliver("e9") is None


def test_a_suspension_is_counted_once(harness: SyncHarness) -> None:
    deliver_all(harness)

    assert harness.meter.counts["ConnectionsSuspended", "apple"] == 1


def test_a_call_after_an_unanswered_one_gets_less_time(harness: SyncHarness) -> None:
    timeouts: list[timedelta] = []

    class Recording(FaultyCalendar):
        def create_copy(
            self, account: Account, content: CopyContent, *, timeout: timedelta
        ) -> CopyRef:
            timeouts.append(timeout)
            return super().create_copy(account, content, timeout=timeout)

    calendar = Recording(now=lambda: harness.at)
    calendar.fail("e1", *[request_faults.TIMES_OUT] * 4)
    worker = harness.worker(providers=MemoryProviders({Provider.APPLE: calendar}))

    for number in range(3):
        worker.reconcile(f"e{number}", now=harness.at)
    harness.advance(timedelta(seconds=15))
    worker.reconcile("e3", now=harness.at)

    assert [WRITE_TIMEOUT, SHORT_TIMEOUT, SHORT_TIMEOUT, WRITE_TIMEOUT] == timeouts


def test_the_caldav_calendars_of_one_user_are_written_one_after_the_other() -> None:
    harness = SyncHarness()
    first, second = harness.connect("ann", "a1"), harness.connect("ann", "a2")
    harness.book()
    with harness.write_lock.of(first):
        harness.deliver()
        calls_during = list(harness.calendar.calls)
    harness.drain()

    assert first.write_lane == second.write_lane
    assert calls_during == []
    assert harness.copy_titles("a1") == harness.copy_titles("a2") == ["Coaching"]


def test_mail_is_sent_before_a_slow_copy_is_written() -> None:
    harness = MailHarness()
    harness.connect("eve", "e1")
    harness.book(users=("eve", "ann"))
    mails: list[list[str]] = []

    class Slow(FaultyCalendar):
        def create_copy(
            self, account: Account, content: CopyContent, *, timeout: timedelta
        ) -> CopyRef:
            mails.append(harness.mails_to("ann"))
            return super().create_copy(account, content, timeout=timeout)

    slow = Slow(now=lambda: harness.at)
    harness.worker(providers=MemoryProviders({Provider.APPLE: slow})).reconcile(
        "s1", now=harness.at
    )

    assert [["REQUEST 0"]] == mails
    assert harness.mails_to("eve") == []


def test_a_calendar_disconnected_between_mail_and_copies_is_replaced_by_mail() -> None:
    harness = MailHarness()
    harness.connect("ann", "a1")
    harness.book()

    class Disconnecting:
        """Ann disconnects her calendar between the read for mail and that for copies."""

        reads = 0

        def find_with_copies(self, event_id: str) -> object:
            self.reads += 1
            if self.reads == 2:
                harness.people.remove_connection("ann", "a1")
            return harness.events.find_with_copies(event_id)

        def __getattr__(self, name: str) -> object:
            return getattr(harness.events, name)

    harness.worker(events=Disconnecting()).reconcile("s1", now=harness.at)

    assert harness.mails_to("ann") == ["REQUEST 0"]


def test_a_change_between_mail_and_copies_is_not_marked_as_settled() -> None:
    harness = MailHarness()
    harness.book()

    class Changing:
        """The event moves between the read for mail and that for copies."""

        reads = 0

        def find_with_copies(self, event_id: str) -> object:
            self.reads += 1
            if self.reads == 2:
                harness.move()
            return harness.events.find_with_copies(event_id)

        def __getattr__(self, name: str) -> object:
            return getattr(harness.events, name)

    harness.worker(events=Changing()).reconcile("s1", now=harness.at)

    assert "s1" in harness.memory.unsynced
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert harness.deliver() is None
    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 1"]
    assert "s1" not in harness.memory.unsynced


def test_copies_are_written_even_if_the_mail_step_raises() -> None:
    harness = MailHarness()
    harness.connect("ann", "a1")
    harness.book()

    class Broken:
        def guest_list(self, session_id: str) -> object:
            raise RuntimeError(session_id)

        def __getattr__(self, name: str) -> object:
            return getattr(harness.invites, name)

    with pytest.raises(RuntimeError):
        harness.worker(invites=Broken()).reconcile("s1", now=harness.at)

    assert harness.copy_titles() == ["Coaching"]
