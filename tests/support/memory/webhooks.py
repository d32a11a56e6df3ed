"""Webhooks, their deliveries and their queue in memory."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.errors import LostRace
from shared.domain.webhook import PLACES, Webhook
from shared.domain.webhook_delivery import (
    DeliveryTask,
    WebhookDelivery,
    WebhookTask,
    task_of,
    task_text,
)
from shared.ports.webhooks import WebhookQueue, WebhookStore


class MemoryWebhooks(WebhookStore):
    """Webhooks in memory."""

    def __init__(self) -> None:
        self.stored: dict[str, Webhook] = {}
        self.deliveries: dict[tuple[str, datetime, str], WebhookDelivery] = {}
        self.places: dict[tuple[str, int], datetime] = {}
        self._lock = threading.RLock()

    @override
    def webhooks(self) -> tuple[Webhook, ...]:
        return tuple(sorted(self.stored.values(), key=lambda each: (each.created_at, each.id)))

    @override
    def find_webhook(self, webhook_id: str) -> Webhook | None:
        return self.stored.get(webhook_id)

    @override
    def save_webhook(self, webhook: Webhook) -> Webhook:
        with self._lock:
            stored = self.stored.get(webhook.id)
            if webhook.row_version != (stored.row_version if stored else 0):
                raise LostRace(webhook.id)
            saved = replace(webhook, row_version=webhook.row_version + 1)
            self.stored[webhook.id] = saved
            return saved

    @override
    def delete_webhook(self, webhook_id: str) -> bool:
        return self.stored.pop(webhook_id, None) is not None

    @override
    def find_delivery(self, task: DeliveryTask) -> WebhookDelivery | None:
        envelope = task.envelope
        return self.deliveries.get((task.webhook_id, envelope.occurred_at, envelope.id))

    @override
    def save_delivery(self, delivery: WebhookDelivery) -> bool:
        key = delivery.webhook_id, delivery.occurred_at, delivery.envelope_id
        with self._lock:
            stored = self.deliveries.get(key)
            if stored and stored.attempts >= delivery.attempts:
                return False
            self.deliveries[key] = delivery
            return True

    @override
    def deliveries_before(
        self, webhook_id: str, cursor: str | None, *, at_most: int
    ) -> tuple[tuple[str, WebhookDelivery], ...]:
        found = [
            (f"{instant.isoformat()}#{envelope_id}", delivery)
            for (owner, instant, envelope_id), delivery in self.deliveries.items()
            if owner == webhook_id
        ]
        before = [each for each in found if cursor is None or each[0] < cursor]
        return tuple(sorted(before, key=lambda each: each[0], reverse=True)[:at_most])

    @override
    def take_place(self, webhook_id: str, *, until: datetime, now: datetime) -> int | None:
        with self._lock:
            for place in range(PLACES):
                if self.places.get((webhook_id, place), now) <= now:
                    self.places[webhook_id, place] = until
                    return place
        return None

    @override
    def return_place(self, webhook_id: str, place: int, *, until: datetime) -> None:
        with self._lock:
            if self.places.get((webhook_id, place)) == until:
                del self.places[webhook_id, place]


class MemoryWebhookQueue(WebhookQueue):
    """A queue in memory, whose messages are the texts that SQS would carry."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.postponed: dict[str, timedelta] = {}

    @property
    def tasks(self) -> list[WebhookTask]:
        """The tasks enqueued so far."""
        return [task_of(each) for each in self.texts]

    @override
    def enqueue(self, tasks: Sequence[WebhookTask]) -> None:
        self.texts += map(task_text, tasks)

    @override
    def postpone(self, receipt_handle: str, wait: timedelta) -> None:
        self.postponed[receipt_handle] = wait
