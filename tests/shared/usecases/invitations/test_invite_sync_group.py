"""A large group session from booking to cancellation: three providers, mail and guests."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.connection import Provider
from tests.support import request_faults
from tests.support.faulty_calendar import MemoryProviders
from tests.support.mail_harness import THROTTLED, MailHarness, address

COACH = "coach"
GOOGLE = tuple(f"google-{n}" for n in range(10))
OUTLOOK = tuple(f"outlook-{n}" for n in range(10))
BY_MAIL = tuple(f"mail-{n}" for n in range(10))
GUESTS = tuple(f"guest-{n}" for n in range(5))
ALL = (COACH, *GOOGLE, *OUTLOOK, *BY_MAIL, *GUESTS)


@pytest.fixture
def harness() -> MailHarness:
    """One coach, thirty learners and five guests; nothing is synced yet."""
    harness = MailHarness()
    harness.providers = MemoryProviders(dict.fromkeys(Provider, harness.calendar))
    harness.sync = harness.worker()
    for name, provider in (
        (COACH, Provider.APPLE),
        *((each, Provider.GOOGLE) for each in GOOGLE),
        *((each, Provider.OUTLOOK) for each in OUTLOOK),
    ):
        harness.connect(name, f"{name}-1", provider=provider)
    harness.book(users=(*GOOGLE, *OUTLOOK, *BY_MAIL), coach_ids=(COACH,))
    harness.invite_guests(*GUESTS)
    return harness


def entries(harness: MailHarness) -> Counter[int]:
    return Counter(harness.entries(each) for each in ALL)


def test_all_participants_are_invited_moved_and_cancelled_once(harness: MailHarness) -> None:
    seen: list[Any] = []
    for change in (None, harness.move, harness.cancel):
        if change:
            harness.advance(timedelta(hours=1))
            change()
        assert harness.drain() == []
        seen.append((entries(harness), len(harness.mail.sent), len(harness.calendar.calls)))

    assert seen == [
        (Counter({1: 36}), 15, 21),
        (Counter({1: 36}), 30, 42),
        (Counter({0: 36}), 45, 63),
    ]
    assert {tuple(harness.mails_to(each)) for each in (*BY_MAIL, *GUESTS)} == {
        ("REQUEST 0", "REQUEST 1", "CANCEL 2")
    }
    assert harness.calendar.mails_sent == 0


def test_failing_recipients_do_not_delay_others_and_are_reached_in_the_end(
    harness: MailHarness,
) -> None:
    for name in BY_MAIL[:3]:
        harness.mail.fail(address(name), *[THROTTLED] * 4)
    for name in GOOGLE[:2]:
        harness.calendar.fail(f"{name}-1", request_faults.ERROR_503)
    harness.revoke(OUTLOOK[0], f"{OUTLOOK[0]}-1")
    harness.calendar.fail(f"{OUTLOOK[1]}-1", request_faults.REJECTED)

    first = harness.deliver()
    reached = entries(harness)[1]
    harness.drain()

    assert first is not None
    assert reached >= 36 - 7
    assert entries(harness) == Counter({1: 36})
    assert [harness.mails_to(each) for each in OUTLOOK[:2]] == [["REQUEST 0"]] * 2
