"""The metrics of mails. Dimensions have few values and contain no ids."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState
from shared.usecases.invitations.delivery import Delivery
from tests.support import mail_harness
from tests.support.invite_memory import HookedInvites
from tests.support.limit_counts import MemorySuppressions
from tests.support.mail_harness import MailHarness
from tests.support.mailed import invite, notification
from tests.support.meter import FakeMeter


def fates(meter: FakeMeter) -> dict[str, int]:
    """Return the counts of mails by fate."""
    return {key[1]: number for key, number in meter.counts.items() if key[0] == "Invites"}


@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([], {"accepted": 1}),
        ([mail_harness.THROTTLED], {"put_off": 1, "accepted": 1}),
        ([mail_harness.REJECTED], {"refused": 1}),
    ],
    ids=["accepted", "throttled", "rejected"],
)
def test_mails_are_counted_by_the_response_of_ses(
    failures: list[Any], expected: dict[str, int]
) -> None:
    harness = MailHarness()
    harness.book()
    harness.mail.fail(mail_harness.address("ann"), *failures)

    harness.drain()

    assert expected == fates(harness.meter)


def test_each_notification_of_ses_is_counted_once() -> None:
    meter, store = FakeMeter(), HookedInvites(invite())
    delivery = Delivery(
        invites=store, suppressions=MemorySuppressions(), pause=lambda _: None, meter=meter
    )

    for state in (DeliveryState.DELIVERED, DeliveryState.DELIVERED, DeliveryState.COMPLAINT):
        delivery.record(notification(state))

    assert {"delivered": 1, "complaint": 1} == fates(meter)


def test_no_dimension_is_a_person_an_event_or_a_connection() -> None:
    harness = MailHarness()
    harness.connect("bob", "b1")
    harness.book(users=("ann", "bob"))
    harness.drain()
    harness.change(status=EventStatus.CANCELLED)
    harness.advance(timedelta(hours=1))
    harness.drain()
    harness.sweep()

    values = {text for key in harness.meter.counts for text in key}
    assert values
    assert not values & {"ann", "bob", "b1", "s1"}
    assert not [text for text in values if "@" in text]
