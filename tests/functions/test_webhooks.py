"""Webhooks over the API and the queue, with a receiver on this machine."""

import base64
import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from functions.webhooks.delivery import lambda_handler
from infra.local.sync_queue import LocalSyncQueue, split
from infra.local.worker import LambdaContext
from shared import wiring
from shared.aws.encryption import DecryptionFailed
from shared.domain.webhook import signature
from shared.wiring.adapters import change_list
from tests.support.loopback_http import (
    ReceivedRequest,
    loopback_server,
    read_request,
    send_response,
)
from tests.support.secret_search import kinds_in, text_of
from tests.support.service import NOW, admin, back_end, call_api, dump
from tests.support.webhook_harness import event

pytestmark = pytest.mark.usefixtures("service")

WEBHOOKS = "/api/v1/webhooks"
URL = "https://platform.example/events?tenant=7"


class LoopbackReceiver:
    """A receiver of webhooks that answers with a status which tests set."""

    def __init__(self) -> None:
        self.status = 204
        self.requests: list[ReceivedRequest] = []
        self.url = ""

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Record the request and answer."""
        self.requests.append(read_request(handler))
        send_response(handler, self.status, {}, b"")


@pytest.fixture
def receiver() -> Iterator[LoopbackReceiver]:
    started = LoopbackReceiver()
    with loopback_server(started.serve) as url:
        started.url = f"{url}/events"
        yield started


@pytest.fixture(autouse=True)
def no_webhooks(environment: Mapping[str, str]) -> Iterator[None]:
    """Delete what a test has registered: every webhook of the account gets every event."""
    yield
    for each in call_api("GET", WEBHOOKS, admin()).data:
        call_api("DELETE", f"{WEBHOOKS}/{each['id']}", admin())
    deliver_all(environment)


def register(**changes: Any) -> Any:
    response = call_api("POST", WEBHOOKS, back_end(), body={"url": URL, **changes})
    assert response.status == 201
    return response.data


def deliver_all(environment: Mapping[str, str]) -> None:
    """Have every message that can be received carried out once."""
    queue = LocalSyncQueue(environment, setting="WEBHOOK_QUEUE_URL")
    while payloads := queue.receive(at_most=10):
        for each in payloads:
            context: Any = LambdaContext("webhooks_delivery", "request-1", seconds=30)
            done, _ = split(each, lambda_handler(each, context))
            queue.delete(done)


def test_a_webhook_is_returned_in_full_and_its_secret_only_once() -> None:
    created = register(types=["Session.Booked", "session.booked"], description="records")

    assert created.pop("secret").startswith("whsec_")
    assert created == {
        "id": created["id"],
        "url": URL,
        "types": ["session.booked"],
        "description": "records",
        "status": "ACTIVE",
        "disabledReason": None,
        "disabledAt": None,
        "failingSince": None,
        "secrets": [{"expiresAt": None}],
        "createdAt": "2026-11-23T08:00:00Z",
    }
    assert created in call_api("GET", WEBHOOKS, admin()).data  # other tests register some too


def test_a_secret_is_stored_encrypted_and_bound_to_its_webhook() -> None:
    created = register()

    stored = [each for items in dump().values() for each in items]
    assert kinds_in(text_of(stored), {"secret": {created["secret"]}}) == set()
    (item,) = [each for each in stored if each["pk"]["S"] == "webhooks"]
    (sealed,) = json.loads(item["secrets"]["S"])
    ciphertext, owner = base64.b64decode(sealed["sealed"]), "#webhooks"
    vault = wiring.vault()
    opened = vault.open(ciphertext, user_id=owner, connection_id=created["id"])
    assert opened == created["secret"]
    with pytest.raises(DecryptionFailed):
        vault.open(ciphertext, user_id=owner, connection_id="another")


def test_a_change_leaves_what_it_does_not_name() -> None:
    path = f"{WEBHOOKS}/{register(description='records')['id']}"

    changed = call_api("PUT", path, admin(), body={"types": ["copy.failed"]}).data
    cleared = call_api("PUT", path, admin(), body={"description": None}).data
    rotated = call_api("PUT", path, admin(), body={"rotateSecret": True}).data

    assert (changed["description"], changed["types"]) == ("records", ["copy.failed"])
    assert (changed["secret"], cleared["description"]) == (None, None)
    assert rotated["secrets"] == [{"expiresAt": None}, {"expiresAt": "2026-11-24T08:00:00Z"}]


@pytest.mark.parametrize(
    "url",
    ["http://platform.example.com/", "https://10.0.0.8/", "https://platform.example.com:8443/", ""],
)
def test_an_address_that_is_not_public_https_is_rejected(url: str) -> None:
    response = call_api("POST", WEBHOOKS, admin(), body={"url": url})

    assert response.status == 400
    assert response.code in {"SERVER_URL_NOT_ALLOWED", "VALIDATION_ERROR"}
    assert call_api("GET", WEBHOOKS, admin()).data == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"url": URL, "types": ["session.unknown"]},
        {"url": URL, "types": "session.booked"},
        {"url": None},
        {"url": f"https://platform.example.com/{'a' * 3000}"},
    ],
)
def test_an_invalid_body_is_rejected(body: Any) -> None:
    assert call_api("POST", WEBHOOKS, admin(), body=body).code == "VALIDATION_ERROR"


@pytest.mark.parametrize("hours", [-1, 169, "24", 1.5])
def test_old_secrets_are_kept_for_a_week_at_most(hours: Any) -> None:
    path = f"{WEBHOOKS}/{register()['id']}"

    rotation = {"rotateSecret": True, "keepSecretsHours": hours}
    response = call_api("PUT", path, admin(), body=rotation)

    assert response.code == "VALIDATION_ERROR"


def test_a_published_event_is_delivered_with_a_valid_signature(
    receiver: LoopbackReceiver, environment: Mapping[str, str]
) -> None:
    created = register(url=receiver.url)
    wiring.webhook_fan_out().publish([event()])

    deliver_all(environment)

    (request,) = receiver.requests
    assert json.loads(request.body) == event().as_json()
    assert request.headers["calendar-signature"] == signature(
        request.body, [created["secret"]], now=NOW
    )
    page = call_api("GET", f"{WEBHOOKS}/{created['id']}/deliveries", admin()).data
    (delivery,) = page["deliveries"]
    assert delivery.pop("durationMs") >= 0
    assert delivery == {
        "id": request.headers["calendar-delivery-id"],
        "eventId": event().id,
        "type": "session.booked",
        "occurredAt": "2026-11-23T08:00:00Z",
        "status": "DELIVERED",
        "attempts": 1,
        "lastAttemptAt": "2026-11-23T08:00:00Z",
        "nextAttemptAt": None,
        "statusCode": 204,
        "problem": None,
    }
    assert page["cursor"] is None


def test_a_receiver_that_fails_delays_no_other(
    receiver: LoopbackReceiver, environment: Mapping[str, str]
) -> None:
    failing = register(url="http://127.0.0.1:9/")
    redirecting = LoopbackReceiver()
    redirecting.status = 302
    with loopback_server(redirecting.serve) as url:
        register(url=url)
        register(url=receiver.url)
        wiring.webhook_fan_out().publish([event()])

        deliver_all(environment)

    assert len(receiver.requests) == len(redirecting.requests) == 1
    page = call_api("GET", f"{WEBHOOKS}/{failing['id']}/deliveries", admin()).data
    assert [(each["status"], each["nextAttemptAt"]) for each in page["deliveries"]] == [
        ("PENDING", "2026-11-23T08:00:10Z")
    ]


def test_a_test_returns_the_answer_of_the_receiver(receiver: LoopbackReceiver) -> None:
    path = f"{WEBHOOKS}/{register(url=receiver.url)['id']}/test"

    fine = call_api("POST", path, admin()).data
    receiver.status = 500
    broken = call_api("POST", path, admin()).data

    assert (fine["delivered"], fine["statusCode"], fine["problem"]) == (True, 204, None)
    assert (broken["delivered"], broken["problem"]) == (False, "status 500")
    assert [json.loads(each.body)["type"] for each in receiver.requests] == ["webhook.test"] * 2


def test_a_replay_delivers_what_was_delivered_before(
    receiver: LoopbackReceiver, environment: Mapping[str, str]
) -> None:
    created = register(url=receiver.url)
    change_list().add_events([event()], now=NOW)
    wiring.webhook_fan_out().publish([event()])
    deliver_all(environment)

    path = f"{WEBHOOKS}/{created['id']}/replay"
    response = call_api("POST", path, admin(), body={"since": "2026-11-23T08:00:00Z"})
    deliver_all(environment)

    assert response.status == 202
    # A replay also delivers what other tests have added to the list.
    own = [each for each in receiver.requests if json.loads(each.body)["id"] == event().id]
    ids = [each.headers["calendar-delivery-id"] for each in own]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_a_replay_of_more_than_seven_days_is_rejected() -> None:
    path = f"{WEBHOOKS}/{register()['id']}/replay"

    response = call_api("POST", path, admin(), body={"since": "2026-11-15T08:00:00Z"})

    assert (response.status, response.code) == (400, "VALIDATION_ERROR")
