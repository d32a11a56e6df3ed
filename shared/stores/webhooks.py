"""Webhooks in the connections table: registrations, deliveries and places."""

import base64
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from typing_extensions import override

from shared.domain.errors import LostRace
from shared.domain.webhook import (
    PLACES,
    DisabledReason,
    Webhook,
    WebhookSecret,
    WebhookStatus,
)
from shared.domain.webhook_delivery import (
    DeliveryTask,
    ReceiverAnswer,
    WebhookDelivery,
    WebhookDeliveryStatus,
)
from shared.ports.webhooks import WebhookStore
from shared.stores.attributes import InstantAttribute, TextsAttribute
from shared.stores.rows import Row
from shared.stores.table import PK, SK, Item, Key
from shared.stores.tables import Tables

_WEBHOOKS = "webhooks"
_WEBHOOK_PREFIX, _DELIVERY_PREFIX, _PLACE_PREFIX = "webhook#", "delivery#", "place#"
_KEPT = timedelta(days=8)
"""A day longer than a delivery may be replayed."""


class WebhookRow(Row):
    """pk = `webhooks`, sk = `webhook#<id>`; `secrets` are ciphertext."""

    url = UnicodeAttribute()
    types = TextsAttribute()
    description = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    secrets = JSONAttribute()
    created_at = InstantAttribute()
    failures = NumberAttribute()
    failing_since = InstantAttribute(null=True)
    retry_at = InstantAttribute(null=True)
    disabled_at = InstantAttribute(null=True)
    disabled_reason = UnicodeAttribute(null=True)
    row_version = NumberAttribute()


class WebhookDeliveryRow(Row):
    """pk = `webhook#<id>`, sk = `delivery#<time of the domain event>#<its id>`."""

    type = UnicodeAttribute()
    started_at = InstantAttribute()
    status = UnicodeAttribute()
    attempts = NumberAttribute()
    failures = NumberAttribute()
    attempted_at = InstantAttribute(null=True)
    next_at = InstantAttribute(null=True)
    replayed_at = InstantAttribute(null=True)
    status_code = NumberAttribute(null=True)
    problem = UnicodeAttribute(null=True)
    milliseconds = NumberAttribute()
    expires_at = NumberAttribute()


class WebhookPlaceRow(Row):
    """pk = `webhook#<id>`, sk = `place#<number>`: a delivery under way."""

    until = InstantAttribute()
    expires_at = NumberAttribute()


class DynamoWebhooks(WebhookStore):
    """All webhooks in one partition, and a partition per webhook for its deliveries."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def webhooks(self) -> tuple[Webhook, ...]:
        items = self._table.query(_WEBHOOKS, SK.startswith(_WEBHOOK_PREFIX))
        return tuple(sorted(map(_webhook, items), key=lambda each: (each.created_at, each.id)))

    @override
    def find_webhook(self, webhook_id: str) -> Webhook | None:
        item = self._table.get(_webhook_key(webhook_id))
        return _webhook(item) if item else None

    @override
    def save_webhook(self, webhook: Webhook) -> Webhook:
        row = _webhook_row(webhook)
        same = WebhookRow.row_version == webhook.row_version
        if not self._table.put(row, same if webhook.row_version else PK.does_not_exist()):
            raise LostRace(f"webhook {webhook.id} has changed; read it again")
        return _webhook(row.serialize())

    @override
    def delete_webhook(self, webhook_id: str) -> bool:
        return self._table.delete(_webhook_key(webhook_id))

    @override
    def find_delivery(self, task: DeliveryTask) -> WebhookDelivery | None:
        sk = _delivery_sk(task.envelope.occurred_at, task.envelope.id)
        item = self._table.get((f"{_WEBHOOK_PREFIX}{task.webhook_id}", sk))
        return _delivery(item) if item else None

    @override
    def save_delivery(self, delivery: WebhookDelivery) -> bool:
        fewer = WebhookDeliveryRow.attempts < delivery.attempts
        return self._table.put(_delivery_row(delivery), PK.does_not_exist() | fewer)

    @override
    def deliveries_before(
        self, webhook_id: str, cursor: str | None, *, at_most: int
    ) -> tuple[tuple[str, WebhookDelivery], ...]:
        start, end = _DELIVERY_PREFIX, f"{_DELIVERY_PREFIX}{cursor or '~'}"
        items = self._table.query(
            f"{_WEBHOOK_PREFIX}{webhook_id}",
            SK.between(start, end),
            newest_first=True,
            page_size=at_most + 1,
        )
        found = ((_cursor(item), item) for item in items)
        return tuple(
            (key, _delivery(item))
            for key, item in islice((each for each in found if each[0] != cursor), at_most)
        )

    @override
    def take_place(self, webhook_id: str, *, until: datetime, now: datetime) -> int | None:
        pk = f"{_WEBHOOK_PREFIX}{webhook_id}"
        taken = {
            item["sk"]["S"]
            for item in self._table.query(pk, SK.startswith(_PLACE_PREFIX))
            if WebhookPlaceRow.from_raw_data(dict(item)).until >= now
        }
        for place in range(PLACES):
            sk = f"{_PLACE_PREFIX}{place}"
            if sk not in taken:
                expiry = int((until + timedelta(days=1)).timestamp())
                row = WebhookPlaceRow(pk, sk, until=until, expires_at=expiry)
                if self._table.put(row, PK.does_not_exist() | (WebhookPlaceRow.until < now)):
                    return place
        return None

    @override
    def return_place(self, webhook_id: str, place: int, *, until: datetime) -> None:
        key = f"{_WEBHOOK_PREFIX}{webhook_id}", f"{_PLACE_PREFIX}{place}"
        self._table.delete(key, WebhookPlaceRow.until == until)


def _webhook_key(webhook_id: str) -> Key:
    return _WEBHOOKS, f"{_WEBHOOK_PREFIX}{webhook_id}"


def _webhook_row(webhook: Webhook) -> WebhookRow:
    pk, sk = _webhook_key(webhook.id)
    return WebhookRow(
        pk,
        sk,
        url=webhook.url,
        types=webhook.types,
        description=webhook.description,
        status=webhook.status.value,
        secrets=[_secret_fields(each) for each in webhook.secrets],
        created_at=webhook.created_at,
        failures=webhook.failures,
        failing_since=webhook.failing_since,
        retry_at=webhook.retry_at,
        disabled_at=webhook.disabled_at,
        disabled_reason=webhook.disabled_reason and webhook.disabled_reason.value,
        row_version=webhook.row_version + 1,
    )


def _webhook(item: Item) -> Webhook:
    row = WebhookRow.from_raw_data(dict(item))
    return Webhook(
        id=row.sk.removeprefix(_WEBHOOK_PREFIX),
        url=row.url,
        types=tuple(row.types),
        description=row.description,
        status=WebhookStatus(row.status),
        secrets=tuple(_secret(each) for each in row.secrets),
        created_at=row.created_at,
        failures=int(row.failures),
        failing_since=row.failing_since,
        retry_at=row.retry_at,
        disabled_at=row.disabled_at,
        disabled_reason=DisabledReason(row.disabled_reason) if row.disabled_reason else None,
        row_version=int(row.row_version),
    )


def _secret_fields(secret: WebhookSecret) -> dict[str, Any]:
    return {
        "sealed": base64.b64encode(secret.sealed).decode(),
        "until": secret.until.isoformat() if secret.until else None,
    }


def _secret(fields: dict[str, Any]) -> WebhookSecret:
    until = datetime.fromisoformat(fields["until"]) if fields["until"] else None
    return WebhookSecret(base64.b64decode(fields["sealed"]), until)


def _delivery_row(delivery: WebhookDelivery) -> WebhookDeliveryRow:
    last = delivery.attempted_at or delivery.started_at
    return WebhookDeliveryRow(
        f"{_WEBHOOK_PREFIX}{delivery.webhook_id}",
        _delivery_sk(delivery.occurred_at, delivery.envelope_id),
        type=delivery.type,
        started_at=delivery.started_at,
        status=delivery.status.value,
        attempts=delivery.attempts,
        failures=delivery.failures,
        attempted_at=delivery.attempted_at,
        next_at=delivery.next_at,
        replayed_at=delivery.replayed_at,
        status_code=delivery.answer.status_code,
        problem=delivery.answer.problem,
        milliseconds=delivery.answer.milliseconds,
        expires_at=int((last + _KEPT).timestamp()),
    )


def _delivery(item: Item) -> WebhookDelivery:
    row = WebhookDeliveryRow.from_raw_data(dict(item))
    occurred_at, _, envelope_id = _cursor(item).partition("#")
    code = row.status_code
    return WebhookDelivery(
        webhook_id=row.pk.removeprefix(_WEBHOOK_PREFIX),
        envelope_id=envelope_id,
        type=row.type,
        occurred_at=datetime.fromisoformat(occurred_at),
        started_at=row.started_at,
        status=WebhookDeliveryStatus(row.status),
        attempts=int(row.attempts),
        failures=int(row.failures),
        attempted_at=row.attempted_at,
        next_at=row.next_at,
        replayed_at=row.replayed_at,
        answer=ReceiverAnswer(
            None if code is None else int(code), row.problem, int(row.milliseconds)
        ),
    )


def _delivery_sk(occurred_at: datetime, envelope_id: str) -> str:
    return f"{_DELIVERY_PREFIX}{occurred_at.isoformat()}#{envelope_id}"


def _cursor(item: Item) -> str:
    sk: str = item["sk"]["S"]
    return sk.removeprefix(_DELIVERY_PREFIX)
