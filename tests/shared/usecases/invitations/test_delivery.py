from collections.abc import Callable
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from shared.domain.errors import LostRace
from shared.domain.invite import DeliveryState, Notification
from shared.ports import InviteStore
from shared.usecases.invitations.delivery import TRIES, Delivery, NotificationOutcome
from tests.support.invite_memory import HookedInvites
from tests.support.limit_counts import MemorySuppressions
from tests.support.mailed import attempt, invite, notification
from tests.support.meter import FakeMeter

SENT, DELIVERED = DeliveryState.SENT, DeliveryState.DELIVERED
BOUNCED = DeliveryState.BOUNCED


def delivery(
    store: InviteStore,
    pauses: list[int] | None = None,
    suppressions: MemorySuppressions | None = None,
) -> Delivery:
    waited = pauses if pauses is not None else []
    return Delivery(
        invites=store,
        suppressions=suppressions or MemorySuppressions(),
        pause=waited.append,
        meter=FakeMeter(),
    )


def status(store: HookedInvites) -> list[DeliveryState]:
    return [each.status for each in store.invites("session-1")[0].attempts]


def test_a_notification_may_arrive_before_the_message_id_is_stored() -> None:
    store = HookedInvites(invite())

    outcome = delivery(store).record(notification(SENT))

    assert outcome is NotificationOutcome.CHANGED
    assert [SENT] == status(store)
    assert ("session-1", invite().id) == store.find_by_message("m-1")


@pytest.mark.parametrize("state", DeliveryState)
def test_only_a_complaint_suppresses_the_address(state: DeliveryState) -> None:
    suppressions = MemorySuppressions()
    complaint = notification(state)

    delivery(HookedInvites(invite()), suppressions=suppressions).record(complaint)

    is_complaint = state is DeliveryState.COMPLAINT
    assert suppressions.since == ({invite().id: complaint.at} if is_complaint else {})


def test_a_repeated_complaint_does_not_suppress_an_address_that_an_admin_has_cleared() -> None:
    store, suppressions = HookedInvites(invite()), MemorySuppressions()
    delivery(store, suppressions=suppressions).record(notification(DeliveryState.COMPLAINT))
    suppressions.lift_suppression(invite().id)

    delivery(store, suppressions=suppressions).record(notification(DeliveryState.COMPLAINT))

    assert suppressions.since == {}


def test_a_complaint_about_a_mail_of_another_service_suppresses_nothing() -> None:
    suppressions = MemorySuppressions()
    unknown = notification(DeliveryState.COMPLAINT, event_id="other", message_id="other")

    delivery(HookedInvites(invite()), suppressions=suppressions).record(unknown)

    assert suppressions.since == {}


def test_without_tags_a_mail_is_found_by_its_id() -> None:
    store = HookedInvites(invite(attempt(message_id="m-1"), attempt(2, message_id="m-2")))
    untagged = notification(BOUNCED, event_id=None, invite_id=None, attempt=None)

    assert delivery(store).record(untagged) is NotificationOutcome.CHANGED
    assert [BOUNCED, DeliveryState.PENDING] == status(store)


def test_tags_of_an_unknown_invite_fall_back_to_the_message_id() -> None:
    store = HookedInvites(invite(attempt(message_id="m-1")))

    assert (
        delivery(store).record(notification(SENT, invite_id="gone")) is NotificationOutcome.CHANGED
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": None, "invite_id": None, "attempt": None},
        {"event_id": "other"},
        {"invite_id": "other"},
        {"attempt": 2},
    ],
)
def test_notifications_about_other_mail_are_ignored(changes: dict[str, Any]) -> None:
    store = HookedInvites(invite())

    outcome = delivery(store).record(notification(SENT, message_id="m-9", **changes))

    assert outcome is NotificationOutcome.UNKNOWN_MAIL
    assert store.saves == 0


def test_a_repeated_notification_writes_nothing() -> None:
    store = HookedInvites(invite())
    first = delivery(store).record(notification(DELIVERED))

    again = [delivery(store).record(notification(DELIVERED)) for _ in range(3)]

    assert first is NotificationOutcome.CHANGED
    assert [NotificationOutcome.KNOWN] * 3 == again
    assert store.saves == 1


def test_notifications_have_the_same_result_in_every_order() -> None:
    life = [
        notification(SENT, 1),
        notification(DeliveryState.DELAYED, 2, diagnostic="busy"),
        notification(DELIVERED, 3),
        notification(BOUNCED, 4, bounce_type="Permanent/General", diagnostic="unknown"),
        notification(SENT, 5, attempt=2, message_id="m-2"),
    ]

    ends = {end(order) for order in permutations(life)}

    assert len(ends) == 1
    (only,) = ends
    assert (BOUNCED, SENT) == only


def end(order: tuple[Notification, ...]) -> tuple[DeliveryState, ...]:
    store = HookedInvites(invite(attempt(), attempt(2)))
    for each in order:
        delivery(store).record(each)
    return tuple(status(store))


def concurrent_writes(store: HookedInvites, number: int) -> Callable[[], None]:
    """Return a hook that writes first, that many times."""
    left = [number]

    def write() -> None:
        if left[0] > 0:
            left[0] -= 1
            stored = store.invites("session-1")[0]
            store._invites["session-1", stored.id] = replace(
                stored, row_version=stored.row_version + 1
            )

    return write


def test_a_lost_race_is_retried_after_a_pause() -> None:
    store, pauses = HookedInvites(invite()), list[int]()
    store.before_save = concurrent_writes(store, 3)

    outcome = delivery(store, pauses).record(notification(SENT))

    assert outcome is NotificationOutcome.CHANGED
    assert [1, 2, 3] == pauses
    assert [SENT] == status(store)


def test_too_many_lost_races_raise_lost_race() -> None:
    store, pauses = HookedInvites(invite()), list[int]()
    store.before_save = concurrent_writes(store, TRIES)

    with pytest.raises(LostRace, match="Retry later"):
        delivery(store, pauses).record(notification(SENT))

    assert TRIES - 1 == len(pauses)
    assert store.saves == 0


def test_a_concurrent_notification_is_not_lost() -> None:
    store = HookedInvites(invite())
    other = [notification(BOUNCED, bounce_type="Permanent/General")]

    def record_first() -> None:
        if other:
            delivery(store).record(other.pop())

    store.before_save = record_first

    delivery(store).record(notification(DELIVERED))

    stored = store.invites("session-1")[0].attempts[0]
    assert [BOUNCED, {DELIVERED, BOUNCED}] == [stored.status, {state for state, _ in stored.seen}]
