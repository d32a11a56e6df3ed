"""Webhooks, deliveries and places in the connections table."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import LostRace
from shared.domain.webhook import PLACES, DisabledReason, Webhook, WebhookSecret, WebhookStatus
from shared.domain.webhook_delivery import (
    DeliveryTask,
    EnvelopeText,
    ReceiverAnswer,
    WebhookDelivery,
    WebhookDeliveryStatus,
    first_delivery,
)
from shared.stores.tables import Tables
from shared.stores.webhooks import DynamoWebhooks
from tests.support.store_samples import NOON

WEBHOOK = Webhook(
    id="w-1",
    url="https://platform.example.com/events?tenant=7",
    secrets=(WebhookSecret(b"\x00new\xff"), WebhookSecret(b"old", NOON + timedelta(hours=1))),
    created_at=NOON,
)
FULL = replace(
    WEBHOOK,
    id="w-2",
    types=("session.booked", "copy.failed"),
    description="records",
    status=WebhookStatus.DISABLED,
    failures=31,
    failing_since=NOON,
    retry_at=NOON + timedelta(hours=1),
    disabled_at=NOON + timedelta(days=1),
    disabled_reason=DisabledReason.FAILING,
    created_at=NOON + timedelta(minutes=1),
)
CALLERS = 12


@pytest.fixture
def store(tables: Tables) -> DynamoWebhooks:
    return DynamoWebhooks(tables)


def task(number: int = 1) -> DeliveryTask:
    envelope = EnvelopeText(
        id=f"evt_{number}",
        type="session.booked",
        occurred_at=NOON + timedelta(seconds=number),
        body="{}",
    )
    return DeliveryTask(webhook_id="w-1", envelope=envelope)


def attempted(number: int = 1) -> WebhookDelivery:
    answer = ReceiverAnswer(500, "status 500", 12)
    return first_delivery(task(number), now=NOON).attempted(answer, now=NOON)


@pytest.mark.parametrize("webhook", [WEBHOOK, FULL], ids=["new", "disabled"])
def test_a_webhook_is_read_back_unchanged(store: DynamoWebhooks, webhook: Webhook) -> None:
    saved = store.save_webhook(webhook)

    assert replace(webhook, row_version=1) == saved
    assert saved == store.find_webhook(webhook.id)


def test_all_webhooks_are_listed_the_oldest_first(store: DynamoWebhooks) -> None:
    for each in (FULL, WEBHOOK):
        store.save_webhook(each)

    assert [each.id for each in store.webhooks()] == ["w-1", "w-2"]


def test_of_two_changes_of_the_same_version_one_is_rejected(store: DynamoWebhooks) -> None:
    saved = store.save_webhook(WEBHOOK)
    store.save_webhook(replace(saved, failures=1))

    with pytest.raises(LostRace):
        store.save_webhook(replace(saved, failures=2))
    with pytest.raises(LostRace):
        store.save_webhook(WEBHOOK)


def test_a_change_of_a_deleted_webhook_does_not_store_it_again(store: DynamoWebhooks) -> None:
    saved = store.save_webhook(WEBHOOK)

    assert store.delete_webhook(WEBHOOK.id)
    assert not store.delete_webhook(WEBHOOK.id)
    with pytest.raises(LostRace):
        store.save_webhook(saved)
    assert store.webhooks() == ()


def test_a_delivery_is_read_back_unchanged(store: DynamoWebhooks) -> None:
    first = attempted()
    second = first.attempted(ReceiverAnswer(204, None, 3), now=NOON + timedelta(seconds=10))

    for each in (first, second):
        assert store.save_delivery(each)
        assert each == store.find_delivery(task())
    assert second.status is WebhookDeliveryStatus.DELIVERED
    assert store.find_delivery(task(2)) is None


def test_a_record_with_as_many_attempts_is_not_replaced(store: DynamoWebhooks) -> None:
    delivered = first_delivery(task(), now=NOON).attempted(ReceiverAnswer(204), now=NOON)
    store.save_delivery(delivered)

    assert not store.save_delivery(attempted())
    assert delivered == store.find_delivery(task())


def test_deliveries_are_listed_in_pages_and_the_newest_first(store: DynamoWebhooks) -> None:
    for number in range(5):
        store.save_delivery(attempted(number))

    first = store.deliveries_before("w-1", None, at_most=3)
    rest = store.deliveries_before("w-1", first[-1][0], at_most=3)

    listed = [delivery.envelope_id for _, delivery in (*first, *rest)]
    assert listed == ["evt_4", "evt_3", "evt_2", "evt_1", "evt_0"]
    assert store.deliveries_before("w-2", None, at_most=3) == ()


def test_only_so_many_places_are_taken_at_once(store: DynamoWebhooks) -> None:
    until = NOON + timedelta(seconds=30)
    with ThreadPoolExecutor(CALLERS) as pool:
        taking = [
            pool.submit(store.take_place, "w-1", until=until, now=NOON) for _ in range(CALLERS)
        ]
        taken = [place for each in taking if (place := each.result()) is not None]

    # Callers at the same moment may all try the same places, so fewer may be taken.
    assert len(taken) == len(set(taken)) <= PLACES
    assert taken
    assert store.take_place("w-2", until=until, now=NOON) == 0


def test_a_place_is_free_again_when_it_is_returned_or_its_time_is_over(
    store: DynamoWebhooks,
) -> None:
    until = NOON + timedelta(seconds=30)
    taken = [store.take_place("w-1", until=until, now=NOON) for _ in range(PLACES + 1)]

    assert taken == [*range(PLACES), None]
    store.return_place("w-1", 2, until=until)
    assert store.take_place("w-1", until=until, now=NOON) == 2
    later = until + timedelta(seconds=1)
    assert store.take_place("w-1", until=later + timedelta(seconds=30), now=later) == 0
    store.return_place("w-1", 0, until=until)
    assert store.take_place("w-1", until=later + timedelta(seconds=30), now=later) == 1


def test_the_items_of_deliveries_expire(store: DynamoWebhooks, tables: Tables) -> None:
    store.save_delivery(attempted())
    store.take_place("w-1", until=NOON, now=NOON)

    items = list(tables.connections.query("webhook#w-1", None))

    expiries = [int(each["expires_at"]["N"]) - int(NOON.timestamp()) for each in items]
    assert expiries == [8 * 86_400, 86_400]
