"""Composition of domain events, the change list and webhooks."""

from functools import cache
from typing import TYPE_CHECKING

from shared.settings import settings
from shared.wiring import adapters
from shared.wiring.clock import jitter, pause
from shared.wiring.limits import webhook_limits

if TYPE_CHECKING:
    from shared.ports import EventSink
    from shared.ports.webhooks import WebhookQueue, WebhookReceiver, WebhookStore
    from shared.usecases.publishing.change_feed import ChangeFeed
    from shared.usecases.publishing.publisher import Publisher
    from shared.usecases.webhooks.webhook_deliverer import WebhookDeliverer
    from shared.usecases.webhooks.webhook_fan_out import WebhookFanOut, WebhookReplayer
    from shared.usecases.webhooks.webhook_registry import Webhooks
    from shared.usecases.webhooks.webhook_sender import WebhookSender


@cache
def publisher() -> "Publisher":
    """The publication of domain events from stream records."""
    from shared.aws.bus import SqsDeadRecords
    from shared.stores.stream_images import StreamImages
    from shared.usecases.publishing.publisher import Publisher

    return Publisher(
        records=StreamImages(shows_guests=settings().event_guest_addresses),
        changes=adapters.change_list(),
        sinks=(_event_bus(), webhook_fan_out()),
        dead=SqsDeadRecords(settings().dead_records_queue_url, adapters.clients()),
        meter=adapters.meter(),
    )


@cache
def change_feed() -> "ChangeFeed":
    """The walk through the change list."""
    from shared.usecases.publishing.change_feed import ChangeFeed

    return ChangeFeed(adapters.change_list())


@cache
def _event_bus() -> "EventSink":
    from shared.aws.bus import EventBridgeBus

    return EventBridgeBus(settings().event_bus_name, adapters.clients(), pause=pause)


@cache
def webhooks() -> "Webhooks":
    """The operations on webhooks."""
    from shared.usecases.webhooks.webhook_registry import Webhooks

    return Webhooks(
        store=_webhook_store(),
        queue=webhook_queue(),
        receiver=_webhook_receiver(),
        sender=_webhook_sender(),
        vault=adapters.vault(),
        limits=webhook_limits(),
        pause=pause,
    )


@cache
def webhook_fan_out() -> "WebhookFanOut":
    """The sink that queues domain events for webhooks."""
    from shared.usecases.webhooks.webhook_fan_out import WebhookFanOut

    return WebhookFanOut(store=_webhook_store(), queue=webhook_queue())


@cache
def webhook_deliverer() -> "WebhookDeliverer":
    """The worker that makes deliveries."""
    from shared.usecases.webhooks.webhook_deliverer import WebhookDeliverer

    return WebhookDeliverer(
        store=_webhook_store(),
        sender=_webhook_sender(),
        meter=adapters.meter(),
        jitter=jitter,
        pause=pause,
    )


@cache
def webhook_replayer() -> "WebhookReplayer":
    """The worker that carries out replays."""
    from shared.usecases.webhooks.webhook_fan_out import WebhookReplayer

    return WebhookReplayer(
        store=_webhook_store(), queue=webhook_queue(), changes=adapters.change_list()
    )


@cache
def webhook_queue() -> "WebhookQueue":
    """The queue of deliveries and replays."""
    from shared.aws.webhook_queue import SqsWebhookQueue

    return SqsWebhookQueue(settings().webhook_queue_url, adapters.clients())


@cache
def _webhook_store() -> "WebhookStore":
    from shared.stores.webhooks import DynamoWebhooks

    return DynamoWebhooks(adapters.tables())


@cache
def _webhook_receiver() -> "WebhookReceiver":
    from shared.providers.webhook_receiver import HttpWebhookReceiver

    return HttpWebhookReceiver(allows_loopback=settings().stage == "local")


@cache
def _webhook_sender() -> "WebhookSender":
    from shared.usecases.webhooks.webhook_sender import WebhookSender

    return WebhookSender(receiver=_webhook_receiver(), vault=adapters.vault())
