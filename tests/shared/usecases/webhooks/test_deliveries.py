"""Deliveries to webhooks: signed, repeated for 24 hours, and each within its webhook's share."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.webhook import (
    PLACES,
    RETRY_FOR,
    DisabledReason,
    Webhook,
    WebhookStatus,
    signature,
)
from shared.domain.webhook_delivery import (
    DeliveryTask,
    ReceiverAnswer,
    WebhookDeliveryStatus,
    task_of,
    task_text,
)
from shared.usecases.webhooks.webhook_registry import WebhookChange
from tests.support.webhook_harness import (
    ADMIN,
    BROKEN,
    FINE,
    START,
    URL,
    WebhookHarness,
    event,
)

OTHER = "https://other.example.com/"
SECONDS = 20


@pytest.fixture
def harness() -> WebhookHarness:
    return WebhookHarness()


def test_the_body_is_the_envelope_and_the_signature_fits(harness: WebhookHarness) -> None:
    created = harness.webhooks.register(ADMIN, url=URL, types=(), description=None, now=START)
    (task,) = harness.publish(event())

    assert harness.deliver(task) is None

    (request,) = harness.receivers.requests
    assert json.loads(request.body) == event().as_json()
    assert created.secret is not None
    assert request.headers["Calendar-Signature"] == signature(
        request.body, [created.secret], now=START
    )
    assert request.headers["Calendar-Attempt"] == "1"
    assert request.headers["Calendar-Delivery-Id"] == harness.delivery(task).id


def test_a_webhook_is_sent_only_the_types_it_takes(harness: WebhookHarness) -> None:
    harness.register(URL, "session.cancelled")
    every = harness.register(OTHER)

    tasks = harness.publish(event())

    assert [each.webhook_id for each in tasks] == [every.id]


def test_every_attempt_of_a_delivery_has_the_same_id_and_the_next_number(
    harness: WebhookHarness,
) -> None:
    harness.register()
    answers = iter([BROKEN, BROKEN, FINE])
    harness.receivers.answers[URL] = lambda: next(answers)
    (task,) = harness.publish(event())

    harness.run(task)

    headers = [each.headers for each in harness.receivers.requests]
    assert [each["Calendar-Attempt"] for each in headers] == ["1", "2", "3"]
    assert len({each["Calendar-Delivery-Id"] for each in headers}) == 1
    assert harness.delivery(task).status is WebhookDeliveryStatus.DELIVERED


def test_during_a_rotation_both_secrets_sign_until_the_old_one_ends(
    harness: WebhookHarness,
) -> None:
    webhook = harness.register()
    rotation = WebhookChange(rotates_secret=True, keep_secrets=timedelta(hours=1))
    harness.webhooks.change_webhook(ADMIN, webhook.id, rotation, now=START)

    first, second = harness.publish(event(1), event(2))
    harness.deliver(first)
    harness.now += timedelta(hours=1)
    harness.deliver(second)

    counts = [
        each.headers["Calendar-Signature"].count("v1=") for each in harness.receivers.requests
    ]
    assert counts == [2, 1]


def test_a_delivery_that_keeps_failing_ends_after_24_hours_and_disables_its_webhook(
    harness: WebhookHarness,
) -> None:
    webhook = harness.register()
    harness.receivers.answers[URL] = lambda: BROKEN
    (task,) = harness.publish(event())

    attempts = harness.run(task)

    assert harness.now - START == RETRY_FOR
    assert attempts == 31
    assert harness.delivery(task).status is WebhookDeliveryStatus.FAILED
    disabled = harness.store.stored[webhook.id]
    assert disabled.status is WebhookStatus.DISABLED
    assert disabled.disabled_reason is DisabledReason.FAILING
    assert harness.meter.counts["WebhooksDisabled",] == 1


def test_an_event_that_the_receiver_rejects_does_not_disable_a_webhook_that_takes_others(
    harness: WebhookHarness,
) -> None:
    webhook = harness.register()
    rejected, *others = harness.publish(*(event(number) for number in range(40)))

    while True:
        harness.receivers.answers[URL] = lambda: BROKEN
        wait = harness.deliver(rejected)
        if wait is None:
            break
        harness.receivers.answers[URL] = lambda: FINE
        harness.deliver(others.pop())
        harness.now += wait

    assert harness.delivery(rejected).status is WebhookDeliveryStatus.FAILED
    assert harness.store.stored[webhook.id].is_active


def test_after_five_failures_in_a_row_other_deliveries_wait_without_a_request(
    harness: WebhookHarness,
) -> None:
    harness.register()
    harness.receivers.answers[URL] = lambda: BROKEN
    *failing, waiting = harness.publish(*(event(number) for number in range(6)))
    for each in failing:
        harness.deliver(each)

    wait = harness.deliver(waiting)

    assert wait == timedelta(seconds=10)
    assert len(harness.receivers.requests) == 5


def test_one_success_ends_the_failures(harness: WebhookHarness) -> None:
    webhook = harness.register()
    harness.receivers.answers[URL] = lambda: BROKEN
    *failing, later = harness.publish(*(event(number) for number in range(6)))
    for each in failing:
        harness.deliver(each)
    harness.receivers.answers[URL] = lambda: FINE
    harness.now += timedelta(seconds=10)

    harness.deliver(later)

    assert harness.store.stored[webhook.id].failing_since is None
    assert harness.deliver(failing[0]) is None


def test_a_slow_receiver_occupies_only_its_share_and_delays_no_other(
    harness: WebhookHarness,
) -> None:
    harness.register(URL)
    harness.register(OTHER)
    tasks = harness.publish(*(event(number) for number in range(PLACES + 2)))
    slow = [each for each in tasks if is_for(each, URL, harness)]
    quick = [each for each in tasks if is_for(each, OTHER, harness)]
    arrived, released = threading.Semaphore(0), threading.Event()

    def answer_late() -> ReceiverAnswer:
        arrived.release()
        assert released.wait(SECONDS)
        return FINE

    harness.receivers.answers[URL] = answer_late
    with ThreadPoolExecutor(PLACES) as pool:
        running = [pool.submit(harness.deliver, each) for each in slow[:PLACES]]
        assert all(arrived.acquire(timeout=SECONDS) for _ in running)

        postponed = [harness.deliver(each) for each in slow[PLACES:]]
        delivered = [harness.deliver(each) for each in quick]
        released.set()
        results = [each.result(SECONDS) for each in running]

    assert all(postponed)
    assert delivered == [None] * len(quick)
    assert results == [None] * PLACES
    assert [harness.run(each) for each in slow[PLACES:]] == [1, 1]


def is_for(task: DeliveryTask, url: str, harness: WebhookHarness) -> bool:
    return harness.store.stored[task.webhook_id].url == url


def test_a_crashed_worker_gives_its_place_back_after_a_while(harness: WebhookHarness) -> None:
    webhook = harness.register()
    until = START + timedelta(seconds=30)
    taken = [harness.store.take_place(webhook.id, until=until, now=START) for _ in range(PLACES)]
    (task,) = harness.publish(event())

    assert None not in taken
    assert harness.deliver(task) is not None
    harness.now = until
    assert harness.deliver(task) is None


def test_the_wait_for_a_place_grows_with_the_number_of_receives(harness: WebhookHarness) -> None:
    webhook = harness.register()
    for _ in range(PLACES):
        harness.store.take_place(webhook.id, until=START + timedelta(days=1), now=START)
    (task,) = harness.publish(event())

    waits = [harness.deliver(task, receives=each) for each in (1, 10, 400)]

    assert waits == [timedelta(seconds=10), timedelta(seconds=100), timedelta(minutes=20)]


def test_an_event_that_is_published_again_is_not_delivered_again(harness: WebhookHarness) -> None:
    harness.register()
    (first,) = harness.publish(event())
    harness.deliver(first)

    (second,) = harness.publish(event())
    harness.deliver(second)

    assert len(harness.receivers.requests) == 1


def test_a_deleted_or_disabled_webhook_gets_nothing_more(harness: WebhookHarness) -> None:
    deleted, disabled = harness.register(URL), harness.register(OTHER)
    tasks = harness.publish(event())
    harness.webhooks.unregister(ADMIN, deleted.id)
    disabling = WebhookChange(status=WebhookStatus.DISABLED)
    harness.webhooks.change_webhook(ADMIN, disabled.id, disabling, now=START)

    assert [harness.deliver(each) for each in tasks] == [None, None]
    assert harness.receivers.requests == []
    assert harness.publish(event(2)) == []


def test_an_enabled_webhook_starts_without_its_old_failures(harness: WebhookHarness) -> None:
    webhook = harness.register()
    harness.receivers.answers[URL] = lambda: BROKEN
    harness.run(harness.publish(event())[0])

    enabling = WebhookChange(status=WebhookStatus.ACTIVE)
    enabled = harness.webhooks.change_webhook(ADMIN, webhook.id, enabling, now=harness.now).webhook

    assert (enabled.status, enabled.failures, enabled.failing_since) == ("ACTIVE", 0, None)
    assert (enabled.disabled_at, enabled.disabled_reason) == (None, None)


@given(
    steps=st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60),
    order=st.permutations(range(6)),
)
@settings(max_examples=25)
def test_in_any_order_and_with_any_repetition_each_event_arrives_and_the_newest_version_is_known(
    steps: Sequence[tuple[int, bool]], order: Sequence[int]
) -> None:
    harness = WebhookHarness()
    harness.register()
    tasks = harness.publish(*(event(version=version) for version in range(1, 7)))

    for number, succeeds in steps:
        harness.receivers.answers[URL] = (lambda: FINE) if succeeds else (lambda: BROKEN)
        harness.deliver(tasks[number])
        harness.now += timedelta(seconds=20)
    harness.receivers.answers[URL] = lambda: FINE
    for number in order:
        harness.run(tasks[number])

    received = [json.loads(each.body) for each in harness.receivers.requests]
    newest = 0
    for envelope in received:
        newest = max(newest, envelope["subjectVersion"])
    assert {each["id"] for each in received} == {each.envelope.id for each in tasks}
    assert newest == 6


def test_a_task_is_read_back_from_its_text_unchanged(harness: WebhookHarness) -> None:
    harness.register()
    (task,) = harness.publish(event())
    replayed = replace(task, replayed_at=START)

    assert [task_of(task_text(each)) for each in (task, replayed)] == [task, replayed]


def test_a_webhook_is_suspended_for_at_most_an_hour() -> None:
    webhook = Webhook(id="w", url=URL, secrets=(), created_at=START)
    now: datetime = START
    for _ in range(20):
        webhook = webhook.failed(now, now=now)
        now += timedelta(minutes=1)

    assert webhook.retry_at is not None
    assert webhook.retry_at - now <= timedelta(hours=1)
