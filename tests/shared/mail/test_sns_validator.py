"""Amazon's own validator of SNS messages, sns-validator on npm, as a second opinion."""

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
    """An SNS."""
    return signer()


def theirs(sns: Signer, bodies: Iterable[Body]) -> list[bool]:
    """Whether Amazon's validator takes each message."""
    node = shutil.which("node")
    assert node, "install node"
    assert (SCRIPT.parent / "node_modules").exists(), "run `make setup`"
    asked = json.dumps({"certificate": sns.pem.decode(), "messages": list(bodies)})
    done = subprocess.run(  # noqa: S603 - our own script
        [node, str(SCRIPT)], input=asked, capture_output=True, text=True, check=True, timeout=60
    )
    return [each is None for each in json.loads(done.stdout)]


def ours(sns: Signer, bodies: Iterable[Body]) -> list[bool]:
    """Whether ours does."""
    return [holds(sns, each) for each in bodies]


def holds(sns: Signer, body: Body) -> bool:
    try:
        SnsVerifier(topics=[TOPIC], fetch=sns.fetch).verified(body, now=NOW)
    except (SignatureInvalid, InvalidRequest):
        return False
    return True


def valid(sns: Signer) -> list[Body]:
    """Messages of each type and version, over HTTP and as a Lambda payload spells them."""
    texts = [
        payload("ses_notifications", each)["Records"][0]["Sns"]["Message"]
        for each in names("ses_notifications")
    ]
    found = [
        message(SignatureVersion=version, Message=text) for version in VERSIONS for text in texts
    ]
    found += [
        message(SignatureVersion=version, Subject=subject, Message="Zeile\nZeile ✓ 𝄞")
        for version in VERSIONS
        for subject in SUBJECTS
    ]
    found += [message("SubscriptionConfirmation", SignatureVersion=each) for each in VERSIONS]
    signed = [sns.signed(each) for each in found]
    return signed + [as_in_lambda(each) for each in signed if each["Type"] == "Notification"]


def as_in_lambda(body: Body) -> Body:
    left = {name: value for name, value in body.items() if name != "SigningCertURL"}
    return {"Subject": None, **left, "SigningCertUrl": body["SigningCertURL"]}


def tampered(sns: Signer) -> list[Body]:
    """Each field of each type and version changed or left out, and what others have signed."""
    found: list[Body] = []
    for version in VERSIONS:
        for kind in KINDS:
            body = sns.signed(message(kind, SignatureVersion=version))
            signed = [each for each in body if each not in {"SigningCertURL", "UnsubscribeURL"}]
            found += [{**body, name: "AAAA" + body[name][4:]} for name in signed]
            found += [without(body, name) for name in signed]
            found.append({**body, "SignatureVersion": "2" if version == "1" else "1"})
            found.append({**body, "SignatureVersion": "3"})
            found.append(Signer(other_key(), sns.pem).signed(without(body, "Signature")))
        found.append({**sns.signed(message(SignatureVersion=version, Subject=None)), "Subject": ""})
        found.append({**sns.signed(message(SignatureVersion=version, Subject="")), "Subject": None})
    elsewhere = ("https://evil.example/x.pem", "http://sns.eu-central-1.amazonaws.com/x.pem", "")
    return found + [sns.signed(message(SigningCertURL=each)) for each in elsewhere]


def without(body: Body, name: str) -> Body:
    return {each: value for each, value in body.items() if each != name}


def test_both_take_what_sns_has_signed(sns: Signer) -> None:
    bodies = valid(sns)

    assert [True] * len(bodies) == ours(sns, bodies)
    assert [True] * len(bodies) == theirs(sns, bodies)


def test_both_refuse_what_somebody_has_changed(sns: Signer) -> None:
    bodies = tampered(sns)

    assert [False] * len(bodies) == ours(sns, bodies)
    assert [False] * len(bodies) == theirs(sns, bodies)


def test_the_end_of_a_subscription_is_signed_as_amazons_guide_says(sns: Signer) -> None:
    # Their validator leaves the token out of it, against Amazon's guide and its other validators.
    body = message("UnsubscribeConfirmation")
    by_the_guide = sns.signed(body)
    without_token = {**sns.signed(without(body, "Token")), "Token": body["Token"]}

    assert [True, False] == ours(sns, [by_the_guide, without_token])
    assert [False, True] == theirs(sns, [by_the_guide, without_token])


def test_ours_asks_for_more(sns: Signer) -> None:
    bodies = [
        sns.signed(message(TopicArn=TOPIC.replace("123456789012", "999999999999"))),
        sns.signed(message(Timestamp="2026-11-22T08:00:00.000Z")),
        sns.signed(
            message(SigningCertURL="https://sns.s3-us-west-2.amazonaws.com/SimpleNotification.pem")
        ),
        sns.signed(message(SigningCertURL="https://sns.us-east-1.amazonaws.com/x.pem")),
    ]

    assert [False] * len(bodies) == ours(sns, bodies)
    assert [True] * len(bodies) == theirs(sns, bodies)
