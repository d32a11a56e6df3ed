"""Webhooks: their storage, their queue, and the requests to receivers."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.webhook import Webhook
from shared.domain.webhook_delivery import (
    DeliveryTask,
    ReceiverAnswer,
    WebhookDelivery,
    WebhookTask,
)


class WebhookStore(Protocol):
    """Webhooks, the records of their deliveries, and the places of deliveries under way."""

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return every webhook, in one request."""
        ...

    def find_webhook(self, webhook_id: str) -> Webhook | None:
        """Return the webhook, or None."""
        ...

    def save_webhook(self, webhook: Webhook) -> Webhook:
        """Store the webhook and return it with its next `row_version`; version 0 is a new one.

        Raises:
            LostRace: when the stored webhook has changed since `row_version` was read.
        """
        ...

    def delete_webhook(self, webhook_id: str) -> bool:
        """Delete the webhook; return whether there was one."""
        ...

    def find_delivery(self, task: DeliveryTask) -> WebhookDelivery | None:
        """Return the record of the delivery of that envelope to that webhook, or None."""
        ...

    def save_delivery(self, delivery: WebhookDelivery) -> bool:
        """Store the record, unless one with as many attempts is stored; return whether it was."""
        ...

    def deliveries_before(
        self, webhook_id: str, cursor: str | None, *, at_most: int
    ) -> tuple[tuple[str, WebhookDelivery], ...]:
        """Return (cursor, record) of the deliveries before the cursor, the newest events first."""
        ...

    def take_place(self, webhook_id: str, *, until: datetime, now: datetime) -> int | None:
        """Take one of the webhook's `PLACES` until `until`, at most; None if all are taken.

        The places are the share of the workers that one webhook may occupy.
        """
        ...

    def return_place(self, webhook_id: str, place: int, *, until: datetime) -> None:
        """Return a place that was taken until then."""
        ...


class WebhookQueue(Protocol):
    """The queue of deliveries and replays, in no order."""

    def enqueue(self, tasks: Sequence[WebhookTask]) -> None:
        """Enqueue each task. It is safe to repeat this after an error."""
        ...

    def postpone(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for `wait` before it is delivered again."""
        ...


class WebhookReceiver(Protocol):
    """Sends requests to receivers, which are public https addresses."""

    def check_address(self, url: str) -> None:
        """Check that this service may connect to the URL.

        Raises:
            ServerUrlNotAllowed: when it may not.
        """
        ...

    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> ReceiverAnswer:
        """Send the body and return the answer within 10 seconds. Never raises."""
        ...
