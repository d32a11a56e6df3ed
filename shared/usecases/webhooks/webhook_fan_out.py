"""Queues domain events for the webhooks that take them, and the changes of a replay."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.domain_event import DomainEvent
from shared.domain.webhook import Webhook
from shared.domain.webhook_delivery import DeliveryTask, EnvelopeText, ReplayTask
from shared.ports import ChangeList, EventSink
from shared.ports.webhooks import WebhookQueue, WebhookStore

REPLAY_PAGE = 200
_PUBLISHED_LATE = timedelta(hours=1)
"""A replay includes what happened that long before, because events are published with a delay."""


class WebhookFanOut(EventSink):
    """Queues one delivery per event and webhook, so that no receiver delays another."""

    def __init__(self, *, store: WebhookStore, queue: WebhookQueue) -> None:
        self._store = store
        self._queue = queue

    @override
    def publish(self, events: Sequence[DomainEvent]) -> None:
        """Queue the deliveries, in one wave of requests.

        Raises:
            CalendarServiceError: when not all are on the queue; it is safe to publish all again.
        """
        if events and (webhooks := self._store.webhooks()):
            tasks = [task for each in webhooks for task in _tasks(each, events)]
            self._queue.enqueue(tasks)


class WebhookReplayer:
    """Carries out replays, one page of changes per call."""

    def __init__(self, *, store: WebhookStore, queue: WebhookQueue, changes: ChangeList) -> None:
        self._store = store
        self._queue = queue
        self._changes = changes

    def replay_next(self, task: ReplayTask, *, now: datetime) -> None:
        """Queue the deliveries of a page of changes, and the replay of the next page."""
        webhook = self._store.find_webhook(task.webhook_id)
        if webhook is None or not webhook.is_active:
            return
        after = task.after
        if after is None:
            after = self._changes.first_since(task.since, now=now) - 1
        page = self._changes.read(after, at_most=REPLAY_PAGE)
        earliest = task.since - _PUBLISHED_LATE
        events = [event for _, event in page if event.occurred_at >= earliest]
        self._queue.enqueue(_tasks(webhook, events, replayed_at=task.replayed_at))
        if len(page) == REPLAY_PAGE:
            self._queue.enqueue([replace(task, after=page[-1][0])])


def _tasks(
    webhook: Webhook, events: Sequence[DomainEvent], *, replayed_at: datetime | None = None
) -> list[DeliveryTask]:
    return [
        DeliveryTask(webhook_id=webhook.id, envelope=_text_of(each), replayed_at=replayed_at)
        for each in events
        if webhook.takes(each.type)
    ]


def _text_of(event: DomainEvent) -> EnvelopeText:
    return EnvelopeText(
        id=event.id, type=event.type.value, occurred_at=event.occurred_at, body=event.text
    )
