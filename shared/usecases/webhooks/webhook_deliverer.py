"""Delivers domain events to webhooks: one attempt per call, within the webhook's share."""

from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.errors import CalendarServiceError
from shared.domain.retry import Pause, retries_lost_races
from shared.domain.webhook import Webhook
from shared.domain.webhook_delivery import (
    DeliveryTask,
    ReceiverAnswer,
    WebhookDelivery,
    first_delivery,
)
from shared.ports import Meter, Metric
from shared.ports.webhooks import WebhookStore
from shared.usecases.webhooks.webhook_sender import WebhookSender

PLACE_HELD = timedelta(seconds=30)
"""How long a crashed worker keeps its place; an attempt takes at most 10 seconds."""

_LONGEST_POSTPONEMENT = timedelta(minutes=10)
_SHORTEST_POSTPONEMENT = timedelta(seconds=2)
_POSTPONED_PER_RECEIVE = timedelta(seconds=5)


def _overtaken() -> CalendarServiceError:
    return CalendarServiceError("A webhook kept changing; the delivery is tried again.")


class WebhookDeliverer:
    """Makes the attempts. A webhook occupies at most `PLACES` workers, however slow it is."""

    def __init__(
        self,
        *,
        store: WebhookStore,
        sender: WebhookSender,
        meter: Meter,
        jitter: Callable[[timedelta], timedelta],
        pause: Pause,
    ) -> None:
        self._store = store
        self._sender = sender
        self._meter = meter
        self._jitter = jitter
        self._pause = pause

    def deliver(
        self, task: DeliveryTask, *, receives: int, clock: Callable[[], datetime]
    ) -> timedelta | None:
        """Make an attempt if one is due; return how long to wait for the next, None if done.

        `receives` is how often the queue has delivered the task.
        """
        now = clock()
        webhook = self._store.find_webhook(task.webhook_id)
        if webhook is None or not webhook.takes(task.envelope.type):
            return None
        delivery = self._store.find_delivery(task) or first_delivery(task, now=now)
        if delivery.is_settled(task):
            return None
        due_at = max(filter(None, (delivery.next_at, webhook.retry_at)), default=now)
        if due_at > now:
            return due_at - now
        return self._in_place(webhook, task, delivery, receives=receives, clock=clock)

    def _in_place(
        self,
        webhook: Webhook,
        task: DeliveryTask,
        delivery: WebhookDelivery,
        *,
        receives: int,
        clock: Callable[[], datetime],
    ) -> timedelta | None:
        now = clock()
        until = now + PLACE_HELD
        place = self._store.take_place(webhook.id, until=until, now=now)
        if place is None:
            self._count("postponed")
            return self._postponement(receives)
        try:
            pending = delivery.begun(task, now=now)
            answer = self._sender.send(
                webhook, task.envelope, attempt=pending.attempts + 1, now=now
            )
        finally:
            self._store.return_place(webhook.id, place, until=until)
        ended = clock()
        attempted = pending.attempted(answer, now=ended)
        self._store.save_delivery(attempted)
        self._count("failed" if answer.problem else "delivered")
        if answer.problem is None and not webhook.failures:
            return None
        health = self._record_health(webhook.id, answer, started=now, now=ended)
        return attempted.wait(ended) if health and health.is_active else None

    @retries_lost_races(_overtaken)
    def _record_health(
        self, webhook_id: str, answer: ReceiverAnswer, *, started: datetime, now: datetime
    ) -> Webhook | None:
        webhook = self._store.find_webhook(webhook_id)
        if webhook is None or not webhook.is_active:
            return webhook
        if answer.problem is None:
            return self._store.save_webhook(webhook.recovered())
        failed = self._store.save_webhook(webhook.failed(started, now=now))
        if not failed.is_active:
            self._meter.count(Metric.WEBHOOKS_DISABLED)
        return failed

    def _postponement(self, receives: int) -> timedelta:
        """Return a random wait that is longer the more often the task was postponed."""
        longest = min(_POSTPONED_PER_RECEIVE * max(receives, 1), _LONGEST_POSTPONEMENT)
        return max(self._jitter(2 * longest), _SHORTEST_POSTPONEMENT)

    def _count(self, outcome: str) -> None:
        self._meter.count(Metric.WEBHOOK_DELIVERIES, outcome=outcome)
