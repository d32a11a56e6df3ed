"""The delivery of one domain event to one webhook, and the messages of the webhook queue."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.webhook import RETRY_FOR, wait_after


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeText:
    """A domain event as it is sent: `body` is the text of its envelope in JSON."""

    id: str
    type: str
    occurred_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTask:
    """A message of the queue: deliver the envelope. A replay delivers it even if it was before."""

    webhook_id: str
    envelope: EnvelopeText
    replayed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTask:
    """A message of the queue: queue the changes of `since` and later.

    `after` is the position in the change list up to which they are queued already.
    """

    webhook_id: str
    since: datetime
    replayed_at: datetime
    after: int | None = None


WebhookTask = DeliveryTask | ReplayTask


class WebhookDeliveryStatus(StrEnum):
    """What became of a delivery."""

    PENDING = "PENDING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class ReceiverAnswer:
    """What a receiver answered: its status, if any, and what was wrong, None for success."""

    status_code: int | None = None
    problem: str | None = None
    milliseconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """The record of one delivery; `answer` is the newest one.

    `started_at` is the time of the first attempt, or of the first one after a replay, which was
    requested at `replayed_at`.
    """

    webhook_id: str
    envelope_id: str
    type: str
    occurred_at: datetime
    started_at: datetime
    status: WebhookDeliveryStatus = WebhookDeliveryStatus.PENDING
    attempts: int = 0
    attempted_at: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    replayed_at: datetime | None = None
    answer: ReceiverAnswer = ReceiverAnswer()

    @property
    def id(self) -> str:
        """The id that every attempt has in the header Calendar-Delivery-Id."""
        return delivery_id(self.webhook_id, self.envelope_id)

    def is_settled(self, task: DeliveryTask) -> bool:
        """Return whether the task has nothing left to do."""
        if self.status is WebhookDeliveryStatus.PENDING:
            return False
        return not self._is_replayed_by(task)

    def begun(self, task: DeliveryTask, *, now: datetime) -> "WebhookDelivery":
        """Return it before an attempt of the task: a replay of one that is over starts again."""
        if not self._is_replayed_by(task):
            return self
        replayed = replace(self, replayed_at=task.replayed_at)
        if self.status is WebhookDeliveryStatus.PENDING:
            return replayed
        pending = WebhookDeliveryStatus.PENDING
        return replace(replayed, status=pending, started_at=now, next_at=None, failures=0)

    def _is_replayed_by(self, task: DeliveryTask) -> bool:
        """Whether the task is a replay of which there was no attempt."""
        if task.replayed_at is None:
            return False
        return self.replayed_at is None or self.replayed_at < task.replayed_at

    def attempted(self, answer: ReceiverAnswer, *, now: datetime) -> "WebhookDelivery":
        """Return it after one more attempt: delivered, to be retried, or failed for good."""
        done = replace(self, attempts=self.attempts + 1, attempted_at=now, answer=answer)
        if answer.problem is None:
            return replace(done, status=WebhookDeliveryStatus.DELIVERED, next_at=None)
        end = self.started_at + RETRY_FOR
        if now >= end:
            return replace(done, status=WebhookDeliveryStatus.FAILED, next_at=None)
        failures = self.failures + 1
        return replace(done, failures=failures, next_at=min(now + wait_after(failures), end))

    def wait(self, now: datetime) -> timedelta | None:
        """Return how long to wait before the next attempt, None if there is none or it is due."""
        return self.next_at - now if self.next_at and self.next_at > now else None


def first_delivery(task: DeliveryTask, *, now: datetime) -> WebhookDelivery:
    """Return the record of a task that was never attempted."""
    return WebhookDelivery(
        webhook_id=task.webhook_id,
        envelope_id=task.envelope.id,
        type=task.envelope.type,
        occurred_at=task.envelope.occurred_at,
        started_at=now,
    )


def delivery_id(webhook_id: str, envelope_id: str) -> str:
    """Return the id of a delivery, which is the same for every attempt and replay."""
    return hashlib.sha256(f"{webhook_id}#{envelope_id}".encode()).hexdigest()[:32]


def task_text(task: WebhookTask) -> str:
    """Return the body of the queue's message."""
    return json.dumps(asdict(task), default=datetime.isoformat, separators=(",", ":"))


def task_of(text: str) -> WebhookTask:
    """Return the task in the body of a message.

    Raises:
        ValueError, KeyError, TypeError: when it is not the text of a task.
    """
    fields = json.loads(text)
    replayed_at = _instant(fields.pop("replayed_at"))
    if "envelope" not in fields:
        since = datetime.fromisoformat(fields.pop("since"))
        if replayed_at is None:
            raise ValueError("a replay has the time of its request")
        return ReplayTask(**fields, since=since, replayed_at=replayed_at)
    envelope = fields.pop("envelope")
    occurred_at = datetime.fromisoformat(envelope.pop("occurred_at"))
    text_of = EnvelopeText(**envelope, occurred_at=occurred_at)
    return DeliveryTask(**fields, envelope=text_of, replayed_at=replayed_at)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
