"""Registering, changing, testing and replaying webhooks."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.errors import (
    Forbidden,
    InvalidRequest,
    NotFound,
    ServerUrlNotAllowed,
    TooManyRequests,
)
from shared.domain.limits import WEBHOOKS
from shared.domain.role import Role
from shared.domain.webhook import MAX_SECRETS, Webhook, WebhookStatus
from shared.domain.webhook_delivery import ReplayTask
from shared.usecases.webhooks.webhook_registry import WebhookChange
from tests.support.limit_counts import limits_of
from tests.support.webhook_harness import ADMIN, BROKEN, START, URL, WebhookHarness, event

SERVICE = Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE}))
COACH = Caller(user_id="coach-1", roles=frozenset({Role.COACH, Role.LEARNER}))


@pytest.fixture
def harness() -> WebhookHarness:
    return WebhookHarness()


@pytest.fixture
def webhook(harness: WebhookHarness) -> Webhook:
    return harness.register()


def test_a_secret_is_returned_once_and_stored_encrypted(harness: WebhookHarness) -> None:
    created = harness.webhooks.register(SERVICE, url=URL, types=(), description=None, now=START)

    assert created.secret is not None
    assert created.secret.startswith("whsec_")
    assert len(created.secret) > 40
    (stored,) = harness.webhooks.list_webhooks(ADMIN)
    assert [each.sealed for each in stored.secrets] == [created.secret.encode()]
    unchanged = harness.webhooks.change_webhook(ADMIN, stored.id, WebhookChange(), now=START)
    assert unchanged.secret is None


@pytest.mark.parametrize(
    "operation",
    ["list_webhooks", "register", "change", "unregister", "send_test", "replay", "deliveries"],
)
def test_only_admins_and_services_manage_webhooks(
    harness: WebhookHarness, webhook: Webhook, operation: str
) -> None:
    webhooks = harness.webhooks
    calls: Mapping[str, Callable[[], object]] = {
        "list_webhooks": lambda: webhooks.list_webhooks(COACH),
        "register": lambda: webhooks.register(
            COACH, url=URL, types=(), description=None, now=START
        ),
        "change": lambda: webhooks.change_webhook(COACH, webhook.id, WebhookChange(), now=START),
        "unregister": lambda: webhooks.unregister(COACH, webhook.id),
        "send_test": lambda: webhooks.send_test(COACH, webhook.id, now=START),
        "replay": lambda: webhooks.replay(COACH, webhook.id, START, now=START),
        "deliveries": lambda: webhooks.list_deliveries(COACH, webhook.id, cursor=None, limit=1),
    }

    with pytest.raises(Forbidden):
        calls[operation]()

    assert harness.webhooks.list_webhooks(ADMIN) == (webhook,)
    assert harness.receivers.requests == []


def test_an_address_that_is_not_allowed_is_rejected(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    insecure = "http://platform.example.com/"

    with pytest.raises(ServerUrlNotAllowed):
        harness.register(insecure)
    with pytest.raises(ServerUrlNotAllowed):
        harness.webhooks.change_webhook(ADMIN, webhook.id, WebhookChange(url=insecure), now=START)


def test_there_may_be_only_so_many_webhooks() -> None:
    harness = WebhookHarness(limits=limits_of({WEBHOOKS: 2}))
    harness.register()
    harness.register()

    with pytest.raises(TooManyRequests):
        harness.register()


def test_a_change_leaves_other_fields_as_they_are(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    change = WebhookChange(types=("session.booked",), description="records")
    changed = harness.webhooks.change_webhook(ADMIN, webhook.id, change, now=START).webhook
    cleared = harness.webhooks.change_webhook(
        ADMIN, webhook.id, WebhookChange(description=""), now=START
    ).webhook

    assert (changed.url, changed.description) == (URL, "records")
    assert changed.types == ("session.booked",)
    assert (cleared.types, cleared.description) == (("session.booked",), None)


def test_an_unknown_webhook_is_not_found(harness: WebhookHarness) -> None:
    with pytest.raises(NotFound):
        harness.webhooks.unregister(ADMIN, "unknown")
    with pytest.raises(NotFound):
        harness.webhooks.change_webhook(ADMIN, "unknown", WebhookChange(), now=START)


def test_rotations_keep_at_most_five_secrets(harness: WebhookHarness, webhook: Webhook) -> None:
    rotation = WebhookChange(rotates_secret=True)

    secrets = {
        harness.webhooks.change_webhook(ADMIN, webhook.id, rotation, now=START).secret
        for _ in range(MAX_SECRETS + 2)
    }

    stored = harness.store.stored[webhook.id]
    assert len(secrets) == MAX_SECRETS + 2
    assert len(stored.signing(START)) == MAX_SECRETS
    assert len(stored.signing(START + timedelta(hours=24))) == 1


def test_a_rotation_can_end_the_old_secrets_at_once(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    rotation = WebhookChange(rotates_secret=True, keep_secrets=timedelta(0))

    rotated = harness.webhooks.change_webhook(ADMIN, webhook.id, rotation, now=START)

    assert rotated.secret is not None
    assert [each.sealed for each in rotated.webhook.secrets] == [rotated.secret.encode()]


def test_a_test_is_sent_at_once_and_changes_nothing(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    disabling = WebhookChange(status=WebhookStatus.DISABLED)
    disabled = harness.webhooks.change_webhook(ADMIN, webhook.id, disabling, now=START).webhook
    harness.receivers.answers[URL] = lambda: BROKEN

    answer = harness.webhooks.send_test(ADMIN, webhook.id, now=START)

    assert answer == BROKEN
    (request,) = harness.receivers.requests
    assert json.loads(request.body)["type"] == "webhook.test"
    assert harness.store.stored[webhook.id] == disabled
    assert harness.store.deliveries == {}


def test_a_replay_is_queued_for_a_time_within_seven_days(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    since = START - timedelta(days=7)

    harness.webhooks.replay(ADMIN, webhook.id, since, now=START)

    expected = ReplayTask(webhook_id=webhook.id, since=since, replayed_at=START)
    assert harness.queue.tasks == [expected]
    for outside in (since - timedelta(seconds=1), START + timedelta(seconds=1)):
        with pytest.raises(InvalidRequest):
            harness.webhooks.replay(ADMIN, webhook.id, outside, now=START)


def test_the_pages_of_deliveries_have_each_once_and_the_newest_first(
    harness: WebhookHarness, webhook: Webhook
) -> None:
    events = [event(number, at=START + timedelta(minutes=number)) for number in range(5)]
    for each in harness.publish(*events):
        harness.deliver(each)

    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor:
        page = harness.webhooks.list_deliveries(ADMIN, webhook.id, cursor=cursor, limit=2)
        pages.append([each.envelope_id for each in page.deliveries])
        cursor = page.cursor

    assert pages == [
        [events[4].id, events[3].id],
        [events[2].id, events[1].id],
        [events[0].id],
    ]


@pytest.mark.parametrize("cursor", ["", "x", "//", "Zm9v", "2026", "é"])
def test_a_cursor_of_no_page_is_rejected(
    harness: WebhookHarness, webhook: Webhook, cursor: str
) -> None:
    with pytest.raises(InvalidRequest):
        harness.webhooks.list_deliveries(ADMIN, webhook.id, cursor=cursor, limit=2)
