"""Response data about webhooks and their deliveries."""

from datetime import datetime

from typing_extensions import TypedDict

from shared.api.instants import zulu
from shared.api.response_fields import InstantText
from shared.domain.webhook import DisabledReason, Webhook, WebhookStatus
from shared.domain.webhook_delivery import (
    ReceiverAnswer,
    WebhookDelivery,
    WebhookDeliveryStatus,
)
from shared.usecases.webhooks.webhook_registry import DeliveryPage, WebhookWithSecret


class WebhookSecretOut(TypedDict):
    """An active signing secret, without its value; expiresAt is null for the newest one."""

    expiresAt: InstantText | None


class WebhookOut(TypedDict):
    """A webhook."""

    id: str
    url: str
    types: list[str]
    description: str | None
    status: WebhookStatus
    disabledReason: DisabledReason | None
    disabledAt: InstantText | None
    failingSince: InstantText | None
    secrets: list[WebhookSecretOut]
    createdAt: InstantText


class WebhookWithSecretOut(WebhookOut):
    """A webhook and its new secret, or null."""

    secret: str | None


class DeletedWebhookOut(TypedDict):
    """The id of a deleted webhook."""

    id: str


class WebhookAnswerOut(TypedDict):
    """The outcome of a test."""

    delivered: bool
    statusCode: int | None
    problem: str | None
    durationMs: int


class WebhookReplayOut(TypedDict):
    """A replay that was queued."""

    id: str
    since: InstantText


class WebhookDeliveryOut(TypedDict):
    """A delivery."""

    id: str
    eventId: str
    type: str
    occurredAt: InstantText
    status: WebhookDeliveryStatus
    attempts: int
    lastAttemptAt: InstantText | None
    nextAttemptAt: InstantText | None
    statusCode: int | None
    problem: str | None
    durationMs: int


class WebhookDeliveryPageOut(TypedDict):
    """A page of deliveries and the cursor of the next one."""

    deliveries: list[WebhookDeliveryOut]
    cursor: str | None


def webhook_out(webhook: Webhook, *, now: datetime) -> WebhookOut:
    """Return the contract's Webhook."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": list(webhook.types),
        "description": webhook.description,
        "status": webhook.status,
        "disabledReason": webhook.disabled_reason,
        "disabledAt": _zulu(webhook.disabled_at),
        "failingSince": _zulu(webhook.failing_since),
        "secrets": [{"expiresAt": _zulu(each.until)} for each in webhook.signing(now)],
        "createdAt": zulu(webhook.created_at),
    }


def with_secret_out(stored: WebhookWithSecret, *, now: datetime) -> WebhookWithSecretOut:
    """Return the contract's WebhookWithSecret."""
    return {**webhook_out(stored.webhook, now=now), "secret": stored.secret}


def answer_out(answer: ReceiverAnswer) -> WebhookAnswerOut:
    """Return the contract's WebhookAnswer."""
    return {
        "delivered": answer.problem is None,
        "statusCode": answer.status_code,
        "problem": answer.problem,
        "durationMs": answer.milliseconds,
    }


def delivery_page_out(page: DeliveryPage) -> WebhookDeliveryPageOut:
    """Return the contract's WebhookDeliveryPage."""
    return {
        "deliveries": [_delivery_out(each) for each in page.deliveries],
        "cursor": page.cursor,
    }


def _delivery_out(delivery: WebhookDelivery) -> WebhookDeliveryOut:
    return {
        "id": delivery.id,
        "eventId": delivery.envelope_id,
        "type": delivery.type,
        "occurredAt": zulu(delivery.occurred_at),
        "status": delivery.status,
        "attempts": delivery.attempts,
        "lastAttemptAt": _zulu(delivery.attempted_at),
        "nextAttemptAt": _zulu(delivery.next_at),
        "statusCode": delivery.answer.status_code,
        "problem": delivery.answer.problem,
        "durationMs": delivery.answer.milliseconds,
    }


def _zulu(instant: datetime | None) -> str | None:
    return zulu(instant) if instant else None
