"""A worker killed at each of its calls in turn, while it sends mail."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.support import request_faults
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.mail_harness import MailHarness

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

MOST_CALLS = 80
NAMES = ("ann", "bob", "gus")


def _break_calendar(harness: MailHarness) -> None:
    harness.revoke("bob", "b1")
    harness.move()


def _reject_copy(harness: MailHarness) -> None:
    harness.calendar.fail("b1", request_faults.REJECTED)
    harness.move()


def _reconnect(harness: MailHarness) -> None:
    _break_calendar(harness)
    harness.drain()
    harness.connect("bob", "b1")
    harness.move()


def _swap_guests(harness: MailHarness) -> None:
    harness.invite_guests("hal")


def _request_resend(harness: MailHarness) -> None:
    harness.request_resend("ann")


CHANGES: dict[str, Callable[[MailHarness], Any]] = {
    "invited": lambda harness: harness.at,
    "moved": MailHarness.move,
    "cancelled": MailHarness.cancel,
    "left": lambda harness: harness.change(learner_ids=("bob",)),
    "other guests": _swap_guests,
    "resend requested": _request_resend,
    "calendar broken": _break_calendar,
    "reconnected": _reconnect,
}


def _kill() -> None:
    raise request_faults.ProcessKilled


def _played(changes: str, hook: CallHook) -> MailHarness:
    harness = MailHarness()
    _play(harness, hook, CHANGES[changes], is_new=changes == "invited")
    return harness


def _play(
    harness: MailHarness,
    hook: CallHook,
    change: Callable[[MailHarness], Any],
    *,
    is_new: bool = False,
) -> None:
    """Ann gets mail, Bob has a calendar, Gus is a guest; the hook acts on the last worker."""
    harness.connect("bob", "b1")
    harness.book(users=("ann", "bob"))
    harness.invite_guests("gus")
    if not is_new:
        harness.drain()
    change(harness)
    healthy = harness.sync
    harness.sync = worker_with_hook(harness, hook)
    harness.deliver()
    harness.sync = healthy
    harness.drain()


def _mails(harness: MailHarness) -> Counter[tuple[str, str, int, str]]:
    return Counter(
        (each.address, each.content.method.value, each.content.sequence, each.content.digest)
        for each in harness.mail.sent
    )


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
@pytest.mark.parametrize("changes", CHANGES)
def test_a_crash_repeats_at_most_one_mail_per_recipient_and_loses_none(
    changes: str, *, after: bool
) -> None:
    whole = _played(changes, CallHook(MOST_CALLS * 10, _kill, after=after))
    points = 0
    for at in range(1, MOST_CALLS):
        hook = CallHook(at, _kill, after=after)
        harness = _played(changes, hook)
        if not hook.has_fired:
            break
        points += 1
        expected, actual = _mails(whole), _mails(harness)
        assert expected.keys() == actual.keys()
        assert all(actual[each] - count in {0, 1} for each, count in expected.items())
        assert (actual - expected).total() <= 1
        assert [whole.entries(name) for name in NAMES] == [harness.entries(name) for name in NAMES]

    assert 8 <= points < MOST_CALLS - 1


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_a_crash_around_a_rejected_copy_leaves_one_entry_by_copy_or_mail(*, after: bool) -> None:
    for at in range(1, MOST_CALLS):
        harness, hook = MailHarness(), CallHook(at, _kill, after=after)
        _play(harness, hook, _reject_copy)
        assert [1, 1, 1] == [harness.entries(name) for name in NAMES]
        assert len(harness.mails_to("bob")) in {0, 1, 2}
        if not hook.has_fired:
            break

    assert harness.mails_to("bob") == ["REQUEST 1"]


def test_every_mail_is_recorded_before_it_is_sent() -> None:
    harness = MailHarness()
    harness.book()

    class Watched:
        """A mailer that checks the record first."""

        def send(self, raw: bytes, *, to: str, tags: dict[str, str]) -> str:
            attempt = harness.attempt_of("ann")
            assert (str(attempt.number), None) == (tags["attempt"], attempt.message_id)
            return harness.mail.send(raw, to=to, tags=tags)

    harness.worker(mailer=Watched()).reconcile("s1", now=harness.at)

    assert harness.mails_to("ann") == ["REQUEST 0"]
