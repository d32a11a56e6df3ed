"""Replays: every change since then is delivered once more, page by page."""

from datetime import timedelta

import pytest

from shared.domain.webhook import WebhookStatus
from shared.domain.webhook_delivery import DeliveryTask, ReplayTask
from shared.usecases.webhooks.webhook_fan_out import REPLAY_PAGE, WebhookReplayer
from shared.usecases.webhooks.webhook_registry import WebhookChange
from tests.support.domain_events import MemoryChangeList
from tests.support.webhook_harness import ADMIN, START, URL, WebhookHarness, event

COUNT = 2 * REPLAY_PAGE + 10


@pytest.fixture
def harness() -> WebhookHarness:
    return WebhookHarness()


@pytest.fixture
def changes() -> MemoryChangeList:
    return MemoryChangeList()


def replayed(
    harness: WebhookHarness, changes: MemoryChangeList, *, since: timedelta, hours: int = 0
) -> list[DeliveryTask]:
    """Replay what happened since that long ago, after so many hours; return the deliveries."""
    harness.now += timedelta(hours=hours)
    replayer = WebhookReplayer(store=harness.store, queue=harness.queue, changes=changes)
    (webhook,) = harness.store.webhooks()
    before = len(harness.queue.texts)
    harness.webhooks.replay(ADMIN, webhook.id, harness.now - since, now=harness.now)
    done = before
    while done < len(harness.queue.texts):
        task = harness.queue.tasks[done]
        done += 1
        if isinstance(task, ReplayTask):
            replayer.replay_next(task, now=harness.now)
    return [each for each in harness.queue.tasks[before:] if isinstance(each, DeliveryTask)]


def test_every_change_is_queued_once_however_many_there_are(
    harness: WebhookHarness, changes: MemoryChangeList
) -> None:
    harness.register()
    events = [event(number) for number in range(COUNT)]
    changes.add_events(events, now=START)

    tasks = replayed(harness, changes, since=timedelta(hours=1), hours=1)

    assert [each.envelope.id for each in tasks] == [each.id for each in events]


def test_what_happened_over_an_hour_before_is_left_out(
    harness: WebhookHarness, changes: MemoryChangeList
) -> None:
    harness.register()
    old, late, new = (
        event(number, at=START - timedelta(minutes=minutes))
        for number, minutes in enumerate((61, 59, 0))
    )
    changes.add_events([old, late, new], now=START)

    tasks = replayed(harness, changes, since=timedelta(0))

    assert [each.envelope.id for each in tasks] == [late.id, new.id]


def test_a_replay_sends_only_the_types_that_the_webhook_takes(
    harness: WebhookHarness, changes: MemoryChangeList
) -> None:
    harness.register(URL, "session.cancelled")
    changes.add_events([event()], now=START)

    assert replayed(harness, changes, since=timedelta(hours=1)) == []


def test_what_was_delivered_is_delivered_once_more_and_only_once(
    harness: WebhookHarness, changes: MemoryChangeList
) -> None:
    harness.register()
    changes.add_events([event()], now=START)
    (first,) = harness.publish(event())
    harness.deliver(first)

    (task,) = replayed(harness, changes, since=timedelta(hours=2), hours=1)
    for _ in range(2):
        harness.deliver(task)

    headers = [each.headers for each in harness.receivers.requests]
    assert [each["Calendar-Attempt"] for each in headers] == ["1", "2"]
    assert len({each["Calendar-Delivery-Id"] for each in headers}) == 1


def test_a_replay_for_a_disabled_webhook_queues_nothing(
    harness: WebhookHarness, changes: MemoryChangeList
) -> None:
    webhook = harness.register()
    disabling = WebhookChange(status=WebhookStatus.DISABLED)
    harness.webhooks.change_webhook(ADMIN, webhook.id, disabling, now=START)
    changes.add_events([event()], now=START)

    assert replayed(harness, changes, since=timedelta(hours=1)) == []
