"""Webhooks over stores in memory, and receivers that a test sets."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from typing_extensions import override

from shared.domain.caller import Caller
from shared.domain.domain_event import (
    DomainEvent,
    DomainEventType,
    EventSubject,
    SubjectKind,
    domain_event,
)
from shared.domain.errors import ServerUrlNotAllowed
from shared.domain.role import Role
from shared.domain.webhook import Webhook
from shared.domain.webhook_delivery import DeliveryTask, ReceiverAnswer, WebhookDelivery
from shared.ports.webhooks import WebhookReceiver
from shared.usecases.people.limits import Limits
from shared.usecases.webhooks.webhook_deliverer import WebhookDeliverer
from shared.usecases.webhooks.webhook_fan_out import WebhookFanOut
from shared.usecases.webhooks.webhook_registry import Webhooks
from shared.usecases.webhooks.webhook_sender import WebhookSender
from tests.support.calendar_stubs import PlainVault
from tests.support.limit_counts import limits_of
from tests.support.memory import MemoryWebhookQueue, MemoryWebhooks
from tests.support.meter import FakeMeter

START = datetime(2026, 11, 23, 8, tzinfo=UTC)
ADMIN = Caller(user_id="admin-1", roles=frozenset({Role.ADMIN}))
URL = "https://platform.example.com/events"
FINE = ReceiverAnswer(204, None, 5)
BROKEN = ReceiverAnswer(500, "status 500", 5)

Answer = Callable[[], ReceiverAnswer]


class SentRequest(NamedTuple):
    """A request that a receiver got."""

    url: str
    headers: Mapping[str, str]
    body: str


@dataclass
class FakeReceivers(WebhookReceiver):
    """Receivers by URL, each with what it answers; others answer 204."""

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[SentRequest] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @override
    def check_address(self, url: str) -> None:
        if not url.startswith("https://"):
            raise ServerUrlNotAllowed("The server's address must use https on port 443.")

    @override
    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> ReceiverAnswer:
        with self._lock:
            self.requests.append(SentRequest(url, headers, body))
        return self.answers.get(url, lambda: FINE)()


class WebhookHarness:
    """All use-cases of webhooks, with a clock that a test moves."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.now = START
        self.store = MemoryWebhooks()
        self.queue = MemoryWebhookQueue()
        self.receivers = FakeReceivers()
        self.meter = FakeMeter()
        self.vault = PlainVault()
        sender = WebhookSender(receiver=self.receivers, vault=self.vault)
        self.webhooks = Webhooks(
            store=self.store,
            queue=self.queue,
            receiver=self.receivers,
            sender=sender,
            vault=self.vault,
            limits=limits or limits_of({}),
            pause=lambda _: None,
        )
        self.fan_out = WebhookFanOut(store=self.store, queue=self.queue)
        self.deliverer = WebhookDeliverer(
            store=self.store,
            sender=sender,
            meter=self.meter,
            jitter=lambda longest: longest,
            pause=lambda _: None,
        )

    def register(self, url: str = URL, *types: str) -> Webhook:
        """Register a webhook and return it."""
        return self.webhooks.register(
            ADMIN, url=url, types=types, description=None, now=self.now
        ).webhook

    def publish(self, *events: DomainEvent) -> list[DeliveryTask]:
        """Publish the events and return the deliveries that are queued for them."""
        before = len(self.queue.texts)
        self.fan_out.publish(events)
        return [each for each in self.queue.tasks[before:] if isinstance(each, DeliveryTask)]

    def deliver(self, task: DeliveryTask, *, receives: int = 1) -> timedelta | None:
        """Have the task carried out once; return the wait for the next time."""
        return self.deliverer.deliver(task, receives=receives, clock=lambda: self.now)

    def run(self, task: DeliveryTask) -> int:
        """Have the task carried out until it is done; return how often it was attempted."""
        before = len(self.receivers.requests)
        while (wait := self.deliver(task)) is not None:
            self.now += wait
        return len(self.receivers.requests) - before

    def delivery(self, task: DeliveryTask) -> WebhookDelivery:
        """Return the record of a task's delivery."""
        found = self.store.find_delivery(task)
        assert found is not None
        return found


def event(number: int = 1, *, version: int = 1, at: datetime = START) -> DomainEvent:
    """Return the domain event of a booked session."""
    return domain_event(
        DomainEventType.SESSION_BOOKED,
        EventSubject(SubjectKind.SESSION, f"session-{number}"),
        version,
        at=at,
        data={"title": "Zoë"},
    )
