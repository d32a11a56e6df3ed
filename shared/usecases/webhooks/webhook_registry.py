"""Webhooks: registering, changing, testing and replaying them, for Admins and services."""

import base64
import binascii
import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from shared.domain.caller import Caller
from shared.domain.errors import (
    CalendarServiceError,
    FieldProblem,
    Forbidden,
    InvalidRequest,
    NotFound,
)
from shared.domain.limits import WEBHOOKS
from shared.domain.retry import Pause, retries_lost_races
from shared.domain.webhook import ROTATION, DisabledReason, Webhook, WebhookSecret, WebhookStatus
from shared.domain.webhook_delivery import (
    EnvelopeText,
    ReceiverAnswer,
    ReplayTask,
    WebhookDelivery,
)
from shared.ports import Vault
from shared.ports.webhooks import WebhookQueue, WebhookReceiver, WebhookStore
from shared.usecases.people.limits import Limits
from shared.usecases.webhooks.webhook_sender import WebhookSender, seal

REPLAYABLE = timedelta(days=7)
"""How long changes are kept."""

TEST_TYPE = "webhook.test"
"""The type of the event that a test sends. It is not published."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - not a secret
_SECRET_BYTES = 32

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChange:
    """What to change: None leaves a value, and an empty description deletes it.

    A rotation keeps the old secrets for `keep_secrets`.
    """

    url: str | None = None
    types: tuple[str, ...] | None = None
    description: str | None = None
    status: WebhookStatus | None = None
    rotates_secret: bool = False
    keep_secrets: timedelta = ROTATION


class WebhookWithSecret(NamedTuple):
    """A webhook, and its newest secret if this request has created it."""

    webhook: Webhook
    secret: str | None


class DeliveryPage(NamedTuple):
    """Deliveries, those of the newest events first, and the cursor of the next page."""

    deliveries: tuple[WebhookDelivery, ...]
    cursor: str | None


def _overtaken() -> CalendarServiceError:
    return CalendarServiceError("A webhook kept changing; repeat the request.")


class Webhooks:
    """The operations on webhooks. Each needs an Admin's rights on events."""

    def __init__(
        self,
        *,
        store: WebhookStore,
        queue: WebhookQueue,
        receiver: WebhookReceiver,
        sender: WebhookSender,
        vault: Vault,
        limits: Limits,
        pause: Pause,
    ) -> None:
        self._store = store
        self._queue = queue
        self._receiver = receiver
        self._sender = sender
        self._vault = vault
        self._limits = limits
        self._pause = pause

    def list_webhooks(self, caller: Caller) -> tuple[Webhook, ...]:
        """Return every webhook, the oldest first.

        Raises:
            Forbidden: when the caller has no Admin's rights on events.
        """
        _check_rights(caller)
        return self._store.webhooks()

    def register(
        self,
        caller: Caller,
        *,
        url: str,
        types: Sequence[str],
        description: str | None,
        now: datetime,
    ) -> WebhookWithSecret:
        """Store a webhook with a new secret, which no other request returns.

        Raises:
            Forbidden: when the caller has no Admin's rights on events.
            ServerUrlNotAllowed: when the URL is not a public https address.
            TooManyRequests: when there are too many webhooks.
        """
        _check_rights(caller)
        self._receiver.check_address(url)
        self._limits.check(WEBHOOKS, len(self._store.webhooks()) + 1)
        webhook_id, secret = str(uuid.uuid4()), _new_secret()
        webhook = Webhook(
            id=webhook_id,
            url=url,
            types=tuple(dict.fromkeys(types)),
            description=description,
            secrets=(WebhookSecret(seal(self._vault, webhook_id, secret)),),
            created_at=now,
        )
        return WebhookWithSecret(self._store.save_webhook(webhook), secret)

    def change_webhook(
        self, caller: Caller, webhook_id: str, change: WebhookChange, *, now: datetime
    ) -> WebhookWithSecret:
        """Store the change.

        Raises:
            Forbidden, ServerUrlNotAllowed: as `register`.
            NotFound: when there is no webhook with that id.
        """
        _check_rights(caller)
        if change.url is not None:
            self._receiver.check_address(change.url)
        secret = _new_secret() if change.rotates_secret else None
        return WebhookWithSecret(self._change(webhook_id, change, secret, now=now), secret)

    def unregister(self, caller: Caller, webhook_id: str) -> None:
        """Delete a webhook. Deliveries that wait are dropped.

        Raises:
            Forbidden, NotFound: as `change_webhook`.
        """
        _check_rights(caller)
        if not self._store.delete_webhook(webhook_id):
            raise _not_found()

    def send_test(self, caller: Caller, webhook_id: str, *, now: datetime) -> ReceiverAnswer:
        """Send an event of type webhook.test at once and return the receiver's answer.

        It works for a disabled webhook too, and its outcome changes nothing.

        Raises:
            Forbidden, NotFound: as `change_webhook`.
        """
        _check_rights(caller)
        webhook = self._found(webhook_id)
        return self._sender.send(webhook, _test_envelope(webhook, now), attempt=1, now=now)

    def replay(self, caller: Caller, webhook_id: str, since: datetime, *, now: datetime) -> None:
        """Queue the delivery of every change since then, also of those delivered before.

        Raises:
            Forbidden, NotFound: as `change_webhook`.
            InvalidRequest: when `since` is in the future, or older than 7 days.
        """
        _check_rights(caller)
        webhook = self._found(webhook_id)
        if not now - REPLAYABLE <= since <= now:
            problem = FieldProblem("since", "must be within the last 7 days")
            raise InvalidRequest("Changes are kept for 7 days. Choose a later since.", [problem])
        self._queue.enqueue([ReplayTask(webhook_id=webhook.id, since=since, replayed_at=now)])

    def list_deliveries(
        self, caller: Caller, webhook_id: str, *, cursor: str | None, limit: int
    ) -> DeliveryPage:
        """Return a page of the deliveries of the last days, those of the newest events first.

        Raises:
            Forbidden, NotFound: as `change_webhook`.
            InvalidRequest: when the cursor is not one of a page.
        """
        _check_rights(caller)
        webhook = self._found(webhook_id)
        found = self._store.deliveries_before(webhook.id, _position(cursor), at_most=limit + 1)
        last = found[limit - 1][0] if len(found) > limit else None
        return DeliveryPage(
            tuple(delivery for _, delivery in found[:limit]), _cursor_at(last) if last else None
        )

    @retries_lost_races(_overtaken)
    def _change(
        self, webhook_id: str, change: WebhookChange, secret: str | None, *, now: datetime
    ) -> Webhook:
        webhook = _changed(self._found(webhook_id), change, now=now)
        if secret is not None:
            sealed = seal(self._vault, webhook_id, secret)
            webhook = webhook.rotated(sealed, until=now + change.keep_secrets, now=now)
        return self._store.save_webhook(webhook)

    def _found(self, webhook_id: str) -> Webhook:
        webhook = self._store.find_webhook(webhook_id)
        if webhook is None:
            raise _not_found()
        return webhook


def _check_rights(caller: Caller) -> None:
    if not caller.manages_events:
        raise Forbidden("Only an Admin or a service with the scope events:write may do this.")


def _not_found() -> NotFound:
    return NotFound("There is no webhook with that id.")


def _new_secret() -> str:
    return SECRET_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def _changed(webhook: Webhook, change: WebhookChange, *, now: datetime) -> Webhook:
    changed = replace(
        webhook,
        url=_new(change.url, webhook.url),
        types=_new(change.types, webhook.types),
        description=_new(change.description, webhook.description) or None,
    )
    if changed.url != webhook.url:
        changed = changed.recovered()
    if change.status is WebhookStatus.ACTIVE:
        return changed.enabled()
    if change.status is WebhookStatus.DISABLED:
        return changed.disabled(DisabledReason.REQUESTED, now=now)
    return changed


def _new(value: T | None, old: T) -> T:
    return old if value is None else value


def _test_envelope(webhook: Webhook, now: datetime) -> EnvelopeText:
    event_id = str(uuid.uuid4())
    envelope = {
        "id": event_id,
        "type": TEST_TYPE,
        "schemaVersion": 1,
        "occurredAt": now.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "subject": {"kind": "webhook", "id": webhook.id},
        "subjectVersion": webhook.row_version,
        "data": {},
    }
    body = json.dumps(envelope, separators=(",", ":"))
    return EnvelopeText(id=event_id, type=TEST_TYPE, occurred_at=now, body=body)


def _cursor_at(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


def _position(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        instant, _, event_id = text.decode("ascii").partition("#")
        datetime.fromisoformat(instant)
    except (binascii.Error, ValueError) as error:
        problem = FieldProblem("cursor", "is not the cursor of a page")
        raise InvalidRequest("Use the cursor of the previous page.", [problem]) from error
    return f"{instant}#{event_id}"
