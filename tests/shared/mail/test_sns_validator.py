"""Comparison with Amazon's own validator of SNS messages, sns-validator on npm."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import InvalidRequest, SignatureInvalid
from shared.mail.signatures import SnsVerifier
from tests.support.lambda_events import names, payload
from tests.support.sns_signer import NOW, TOPIC, Signer, message, other_key, signer

SCRIPT = Path(__file__).parents[2] / "contract" / "sns-validator" / "validate.js"
VERSIONS = ("1", "2")
KINDS = ("Notification", "SubscriptionConfirmation")
SUBJECTS = (None, "", "Subject", "Ünïcode ✓")

Body = dict[str, Any]


@pytest.fixture(scope="module")
def sns() -> Signer:
    """A simulated SNS that signs messages."""
    return signer()


def accepted_by_amazon(sns: Signer, bodies: Iterable[Body]) -> list[bool]:
    """Return whether Amazon's validator accepts each message."""
    node = shutil.which("node")
    assert node, "install node"
    assert (SCRIPT.parent / "node_modules").exists(), "run `make setup`"
    request = json.dumps({"certificate": sns.pem.decode(), "messages": list(bodies)})
    process = subprocess.run(  # noqa: S603 - our own script
        [node, str(SCRIPT)], input=request, capture_output=True, text=True, check=True, timeout=60
    )
    return [each is None for each in json.loads(process.stdout)]


def accepted_by_us(sns: Signer, bodies: Iterable[Body]) -> list[bool]:
    """Return whether our verifier accepts each message."""
    return [is_accepted(sns, each) for each in bodies]


def is_accepted(sns: Signer, body: Body) -> bool:
    try:
        SnsVerifier(topics=[TOPIC], fetch=sns.fetch).verified(body, now=NOW)
    except (SignatureInvalid, InvalidRequest):
        return False
    return True


def valid(sns: Signer) -> list[Body]:
    """Return messages of each type and version, as HTTP bodies and as Lambda payloads."""
    texts = [
        payload("ses_notifications", each)["Records"][0]["Sns"]["Message"]
        for each in names("ses_notifications")
    ]
    messages = [
        message(SignatureVersion=version, Message=text) for version in VERSIONS for text in texts
    ]
    messages += [
        message(SignatureVersion=version, Subject=subject, Message="Zeile\nZeile ✓ 𝄞")
        for version in VERSIONS
        for subject in SUBJECTS
    ]
    messages += [message("SubscriptionConfirmation", SignatureVersion=each) for each in VERSIONS]
    signed = [sns.signed(each) for each in messages]
    return signed + [as_in_lambda(each) for each in signed if each["Type"] == "Notification"]


def as_in_lambda(body: Body) -> Body:
    rest = {name: value for name, value in body.items() if name != "SigningCertURL"}
    return {"Subject": None, **rest, "SigningCertUrl": body["SigningCertURL"]}


def tampered(sns: Signer) -> list[Body]:
    """Return messages with each field changed or removed, or signed with another key."""
    messages: list[Body] = []
    for version in VERSIONS:
        for kind in KINDS:
            body = sns.signed(message(kind, SignatureVersion=version))
            signed = [each for each in body if each not in {"SigningCertURL", "UnsubscribeURL"}]
            messages += [{**body, name: "AAAA" + body[name][4:]} for name in signed]
            messages += [without(body, name) for name in signed]
            messages.append({**body, "SignatureVersion": "2" if version == "1" else "1"})
            messages.append({**body, "SignatureVersion": "3"})
            messages.append(Signer(other_key(), sns.pem).signed(without(body, "Signature")))
        messages.append(
            {**sns.signed(message(SignatureVersion=version, Subject=None)), "Subject": ""}
        )
        messages.append(
            {**sns.signed(message(SignatureVersion=version, Subject="")), "Subject": None}
        )
    other_urls = ("https://evil.example/x.pem", "http://sns.eu-central-1.amazonaws.com/x.pem", "")
    return messages + [sns.signed(message(SigningCertURL=each)) for each in other_urls]


def without(body: Body, name: str) -> Body:
    return {each: value for each, value in body.items() if each != name}


def test_both_accept_messages_signed_by_sns(sns: Signer) -> None:
    bodies = valid(sns)

    assert [True] * len(bodies) == accepted_by_us(sns, bodies)
    assert [True] * len(bodies) == accepted_by_amazon(sns, bodies)


def test_both_reject_tampered_messages(sns: Signer) -> None:
    bodies = tampered(sns)

    assert [False] * len(bodies) == accepted_by_us(sns, bodies)
    assert [False] * len(bodies) == accepted_by_amazon(sns, bodies)


def test_the_end_of_a_subscription_is_verified_as_in_amazons_guide(sns: Signer) -> None:
    # This validator leaves out the token, unlike Amazon's guide and its other validators.
    body = message("UnsubscribeConfirmation")
    with_token = sns.signed(body)
    without_token = {**sns.signed(without(body, "Token")), "Token": body["Token"]}

    assert [True, False] == accepted_by_us(sns, [with_token, without_token])
    assert [False, True] == accepted_by_amazon(sns, [with_token, without_token])


def test_our_verifier_is_stricter(sns: Signer) -> None:
    bodies = [
        sns.signed(message(TopicArn=TOPIC.replace("123456789012", "999999999999"))),
        sns.signed(message(Timestamp="2026-11-22T08:00:00.000Z")),
        sns.signed(
            message(SigningCertURL="https://sns.s3-us-west-2.amazonaws.com/SimpleNotification.pem")
        ),
        sns.signed(message(SigningCertURL="https://sns.us-east-1.amazonaws.com/x.pem")),
    ]

    assert [False] * len(bodies) == accepted_by_us(sns, bodies)
    assert [True] * len(bodies) == accepted_by_amazon(sns, bodies)
