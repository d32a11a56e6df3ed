"""SNS notifications over HTTP: signed ones are recorded, others change nothing."""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared import wiring
from shared.domain.invite import DeliveryState
from tests.support.api import ApiResponse
from tests.support.lambda_events import payload
from tests.support.mailed import invite, notification
from tests.support.service import (
    NOW,
    FixedClock,
    call_api,
    dump,
    fresh_id,
    installed,
    no_writes,
)
from tests.support.sns_signer import TOPIC, Signer, message, other_key, signer

PATH = "/api/v1/ses/notifications"
FOREIGN = TOPIC.replace("123456789012", "999999999999")


@pytest.fixture(scope="module")
def sns(environment: Mapping[str, str]) -> Iterator[Signer]:
    """An SNS simulator whose topic and certificate the service trusts."""
    with installed({**environment, "SES_TOPIC_ARNS": TOPIC}):
        made = signer()
        wiring.set_certificates(made.fetch)
        yield made
        wiring.set_certificates(None)


def sent(body: Mapping[str, Any]) -> ApiResponse:
    return call_api("POST", PATH, raw=json.dumps(body).encode())


def published(name: str, event_id: str = "session-1") -> str:
    """Return the SES event of one of the payloads, tagged with `event_id`."""
    text = str(payload("ses_notifications", name)["Records"][0]["Sns"]["Message"])
    return text.replace("session-1", event_id)


def mailed() -> str:
    """Return the id of an event whose only invite has been mailed."""
    event_id = fresh_id()
    wiring.invite_store().save_invite(replace(invite(), event_id=event_id))
    return event_id


def status(event_id: str) -> DeliveryState:
    (stored,) = wiring.invite_store().invites(event_id)
    return stored.status


@pytest.mark.parametrize("version", ["1", "2"])
def test_a_signed_notification_is_recorded_once_however_often_it_arrives(
    sns: Signer, version: str
) -> None:
    event_id = mailed()
    text = published("delivery", event_id)
    body = sns.signed(message(Message=text, SignatureVersion=version))

    responses = [sent(body).status for _ in range(3)]

    assert [200] * 3 == responses
    assert status(event_id) is DeliveryState.DELIVERED


@pytest.mark.usefixtures("sns")
def test_concurrent_repeats_change_the_record_once() -> None:
    delivered = notification(DeliveryState.DELIVERED, event_id=mailed())

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(wiring.delivery().record, [delivered] * 4))

    assert ["changed", "known", "known", "known"] == sorted(outcomes)


@pytest.mark.usefixtures("sns")
def test_concurrent_different_notifications_are_all_stored() -> None:
    event_id = mailed()
    delivered = [notification(state, event_id=event_id) for state in list(DeliveryState)[1:5]]

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(wiring.delivery().record, delivered))

    (stored,) = wiring.invite_store().invites(event_id)
    assert ["changed"] * 4 == outcomes
    assert list(DeliveryState)[1:5] == [state for state, _ in stored.attempts[0].seen]


def test_a_late_notification_is_accepted_and_does_not_change_the_status(sns: Signer) -> None:
    event_id = mailed()

    for name in ("bounce_permanent", "delivery", "send", "delivery_delay"):
        body = sns.signed(message(Message=published(name, event_id)))
        assert sent(body).status == 200

    assert status(event_id) is DeliveryState.BOUNCED


@pytest.mark.parametrize("name", ["subscription", "open", "complaint_not_spam", "topic_set_up"])
def test_a_notification_without_a_delivery_status_is_accepted(sns: Signer, name: str) -> None:
    body = sns.signed(message(Message=published(name)))

    with no_writes():
        assert sent(body).status == 200


def test_a_notification_about_an_unknown_mail_is_accepted(sns: Signer) -> None:
    text = published("delivery", fresh_id()).replace("010701a2b3c4d5e6", "unknown")
    body = sns.signed(message(Message=text))

    with no_writes():
        assert sent(body).status == 200


def resigned(**changes: Any) -> Callable[[Signer], dict[str, Any]]:
    return lambda sns: sns.signed(message(Message=published("complaint"), **changes))


def tampered(**changes: Any) -> Callable[[Signer], dict[str, Any]]:
    return lambda sns: {**sns.signed(message(Message=published("complaint"))), **changes}


FORGED: dict[str, Callable[[Signer], dict[str, Any]]] = {
    "no signature": lambda _: message(Message=published("complaint")),
    "a changed message": tampered(Message=published("bounce_permanent")),
    "another key": lambda sns: Signer(other_key(), sns.pem).signed(
        message(Message=published("complaint"))
    ),
    "another topic": resigned(TopicArn=FOREIGN),
    "a subscription to another topic": lambda sns: sns.signed(
        message("SubscriptionConfirmation", TopicArn=FOREIGN)
    ),
    "a certificate on another host": resigned(SigningCertURL="https://evil.example/x.pem"),
    "a bucket": resigned(
        SigningCertURL="https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-a.pem"
    ),
    "an old message": resigned(Timestamp="2026-11-23T06:59:59.000Z"),
    "a message of the future": resigned(Timestamp="2026-11-23T09:00:00.000Z"),
    "version 3": tampered(SignatureVersion="3"),
}


@pytest.mark.parametrize("what", FORGED)
def test_a_message_that_sns_did_not_sign_is_rejected_and_changes_nothing(
    sns: Signer, what: str
) -> None:
    before = dump()

    response = sent(FORGED[what](sns))

    assert (403, "SIGNATURE_INVALID") == (response.status, response.code)
    assert before == dump()


@pytest.mark.parametrize("what", ["another topic", "a bucket", "an old message"])
def test_no_certificate_is_fetched_for_a_message_that_cannot_be_valid(
    sns: Signer, what: str
) -> None:
    body = FORGED[what](sns)
    wiring.set_certificates(None)
    try:
        assert sent(body).status == 403
    finally:
        wiring.set_certificates(sns.fetch)


def test_a_replay_an_hour_later_is_rejected(sns: Signer) -> None:
    body = sns.signed(message(Message=published("complaint")))
    clock = wiring.set_clock(FixedClock(NOW + timedelta(minutes=61)))
    try:
        with no_writes():
            assert sent(body).status == 403
    finally:
        wiring.set_clock(clock)


@pytest.mark.parametrize("text", ["nonsense", "[]", '{"eventType":"Sent"}', '{"mail":{}}'])
def test_a_signed_message_that_cannot_be_parsed_is_malformed(sns: Signer, text: str) -> None:
    with no_writes():
        response = sent(sns.signed(message(Message=text)))

    assert (400, "VALIDATION_ERROR") == (response.status, response.code)


def test_an_ended_subscription_is_not_confirmed_again(sns: Signer) -> None:
    with no_writes():
        assert sent(sns.signed(message("UnsubscribeConfirmation"))).status == 200


def confirmations() -> list[dict[str, Any]]:
    """Collect the SNS API's confirmations from now on, and let them succeed."""
    confirmed: list[dict[str, Any]] = []
    client = wiring.adapters.clients().get("sns")

    def agree(params: dict[str, Any], **_: Any) -> object:
        confirmed.append(params)
        return _Http(), {"SubscriptionArn": f"{TOPIC}:1"}

    client.meta.events.register("before-call.sns.ConfirmSubscription", agree)
    return confirmed


class _Http:
    status_code = 200


def test_a_subscription_is_confirmed_through_the_sns_api(sns: Signer) -> None:
    confirmed, body = confirmations(), message("SubscriptionConfirmation")
    evil = {**body, "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription"}
    forged = {**sns.signed(body), "Token": "x"}

    statuses = [sent(each).status for each in (sns.signed(body), sns.signed(evil), forged)]

    assert [200, 200, 403] == statuses
    bodies = [each["body"] for each in confirmed]
    assert [(TOPIC, body["Token"])] * 2 == [(each["TopicArn"], each["Token"]) for each in bodies]
