import base64
import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.domain.errors import InvalidRequest, SignatureInvalid
from shared.mail.signatures import CERTIFICATES, SnsVerifier
from tests.shared.mail.test_sns import FORGED
from tests.support.sns_signer import (
    CERTIFICATE_URL,
    NOW,
    TOPIC,
    Signer,
    certificate,
    message,
    other_key,
    signer,
)

KINDS = ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation")
OTHER_TOPIC = "arn:aws:sns:eu-central-1:999999999999:other"


@pytest.fixture
def sns() -> Signer:
    """A simulated SNS that signs messages."""
    return signer()


def verifier(fetch: Callable[[str], bytes]) -> SnsVerifier:
    return SnsVerifier(topics=[TOPIC], fetch=fetch)


def rejection(
    body: dict[str, Any], fetch: Callable[[str], bytes], now: timedelta = timedelta()
) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        verifier(fetch).verified(body, now=NOW + now)
    return caught.value.message


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_signed_by_sns_is_accepted(sns: Signer, kind: str, version: str) -> None:
    body = sns.signed(message(kind, SignatureVersion=version))

    result = verifier(sns.fetch).verified(body, now=NOW)

    assert (kind, body["Message"]) == (result.type, result.text)


@pytest.mark.parametrize("subject", [None, "", "Ünïcode ✓"])
def test_a_subject_may_be_absent_empty_or_any_text(sns: Signer, subject: str | None) -> None:
    body = sns.signed(message(Subject=subject, Message="größer\nzwei ✓"))

    assert "größer\nzwei ✓" == verifier(sns.fetch).verified(body, now=NOW).text


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("Notification", each) for each in ("Message", "MessageId", "Subject")),
        *(
            (kind, each)
            for kind in KINDS[1:]
            for each in ("Message", "MessageId", "SubscribeURL", "Token")
        ),
    ],
)
def test_a_changed_field_breaks_the_signature(
    sns: Signer, kind: str, name: str, version: str
) -> None:
    body = sns.signed(message(kind, SignatureVersion=version))

    error = rejection({**body, name: body[name] + "x"}, sns.fetch)

    assert "signature is invalid" in error


@pytest.mark.parametrize(
    "changes",
    [
        {"Subject": None},
        {"Subject": ""},
        {"Timestamp": "2026-11-23T08:00:00.001Z"},
        {"SignatureVersion": "1"},
        {"Type": "UnsubscribeConfirmation", "Token": "T", "SubscribeURL": "U"},
        {"Signature": base64.b64encode(b"x" * 256).decode()},
        {"Signature": ""},
        {"Signature": None},
    ],
)
def test_any_other_change_breaks_the_signature(sns: Signer, changes: dict[str, Any]) -> None:
    body = sns.signed(message())

    error = rejection({**body, **changes}, sns.fetch)

    assert "signature is invalid" in error


def test_a_subject_cannot_be_added(sns: Signer) -> None:
    body = sns.signed(message(Subject=None))

    assert "signature is invalid" in rejection({**body, "Subject": ""}, sns.fetch)


@pytest.mark.parametrize("version", ["", "0", "3", "02", None])
def test_other_signature_versions_are_rejected(sns: Signer, version: str | None) -> None:
    body = {**sns.signed(message()), "SignatureVersion": version}

    assert "SignatureVersion must be 1 or 2" in rejection(body, sns.fetch)


@pytest.mark.parametrize("signature", ["!", "abc", "ä", "AAAA\n"])
def test_a_signature_that_is_not_base64_is_rejected(sns: Signer, signature: str) -> None:
    assert "not base64" in rejection({**message(), "Signature": signature}, sns.fetch)


def test_another_topic_is_rejected_before_its_valid_signature_is_checked(sns: Signer) -> None:
    body = sns.signed(message("SubscriptionConfirmation", TopicArn=OTHER_TOPIC))

    assert "SES_TOPIC_ARNS" in rejection(body, sns.fetch)
    assert [] == sns.fetched


@pytest.mark.parametrize("url", FORGED)
def test_certificates_are_fetched_only_from_sns(sns: Signer, url: str) -> None:
    body = sns.signed(message(SigningCertURL=url))

    assert "SigningCertURL must be" in rejection(body, sns.fetch)
    assert [] == sns.fetched


@pytest.mark.parametrize("age", [timedelta(minutes=61), timedelta(minutes=-6)])
def test_an_old_or_future_message_is_rejected_before_its_signature_is_checked(
    sns: Signer, age: timedelta
) -> None:
    assert "older than 1:00:00" in rejection(sns.signed(message()), sns.fetch, age)
    assert [] == sns.fetched


def test_a_body_that_is_not_a_message_is_an_invalid_request(sns: Signer) -> None:
    with pytest.raises(InvalidRequest):
        verifier(sns.fetch).verified({}, now=NOW)


def test_a_signature_with_another_key_is_invalid(sns: Signer) -> None:
    forger = Signer(other_key(), sns.pem)

    assert "signature is invalid" in rejection(forger.signed(message()), sns.fetch)


@pytest.mark.parametrize(
    ("start", "until"), [(timedelta(seconds=1), timedelta(1)), (timedelta(-2), timedelta(-1))]
)
def test_a_certificate_is_accepted_only_in_its_validity_period(
    sns: Signer, start: timedelta, until: timedelta
) -> None:
    pem = certificate(sns.key, start=start, until=until)

    error = rejection(sns.signed(message()), lambda _: pem)

    assert "certificate is not valid now" in error


def test_a_cached_certificate_expires_too(sns: Signer) -> None:
    pem = certificate(sns.key, until=timedelta(minutes=10))
    check = verifier(lambda _: pem)
    check.verified(sns.signed(message()), now=NOW)

    with pytest.raises(SignatureInvalid, match="not valid now"):
        check.verified(sns.signed(message()), now=NOW + timedelta(minutes=11))


@pytest.mark.parametrize(
    "pem",
    [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_a_file_that_is_not_a_certificate_is_rejected(sns: Signer, pem: bytes) -> None:
    assert "not a certificate" in rejection(sns.signed(message()), lambda _: pem)


def test_a_certificate_without_an_rsa_key_is_rejected(sns: Signer) -> None:
    pem = certificate(ec.generate_private_key(ec.SECP256R1()))

    assert "no RSA key" in rejection(sns.signed(message()), lambda _: pem)


def test_a_certificate_with_an_unknown_kind_of_key_is_rejected(sns: Signer) -> None:
    p256, unknown = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030163")
    der = ssl.PEM_cert_to_DER_cert(certificate(ec.generate_private_key(ec.SECP256R1())).decode())
    pem = ssl.DER_cert_to_PEM_cert(der.replace(p256, unknown)).encode()

    assert "no usable key" in rejection(sns.signed(message()), lambda _: pem)


def test_a_certificate_is_fetched_once(sns: Signer) -> None:
    check = verifier(sns.fetch)

    for _ in range(3):
        check.verified(sns.signed(message()), now=NOW)

    assert [CERTIFICATE_URL] == sns.fetched


def test_only_the_most_recently_used_certificates_are_cached(sns: Signer) -> None:
    check = verifier(sns.fetch)
    first, *others = (
        CERTIFICATE_URL.replace("-0123", f"-{number:04}") for number in range(CERTIFICATES + 1)
    )

    for url in (first, *others[:-1], first, others[-1], first, others[0]):
        check.verified(sns.signed(message(SigningCertURL=url)), now=NOW)

    assert [first, *others, others[0]] == sns.fetched


def test_an_invalid_certificate_file_is_fetched_again(sns: Signer) -> None:
    files: list[bytes] = [b"garbage", sns.pem]
    check = verifier(lambda _: files.pop(0))
    with pytest.raises(SignatureInvalid):
        check.verified(sns.signed(message()), now=NOW)

    assert "Notification" == check.verified(sns.signed(message()), now=NOW).type
