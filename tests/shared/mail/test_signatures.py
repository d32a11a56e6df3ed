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
FOREIGN = "arn:aws:sns:eu-central-1:999999999999:somebody-elses"


@pytest.fixture
def sns() -> Signer:
    """An SNS."""
    return signer()


def verifier(fetch: Callable[[str], bytes]) -> SnsVerifier:
    return SnsVerifier(topics=[TOPIC], fetch=fetch)


def refused(
    body: dict[str, Any], fetch: Callable[[str], bytes], now: timedelta = timedelta()
) -> str:
    with pytest.raises(SignatureInvalid) as caught:
        verifier(fetch).verified(body, now=NOW + now)
    return caught.value.message


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_sns_has_signed_holds(sns: Signer, kind: str, version: str) -> None:
    body = sns.signed(message(kind, SignatureVersion=version))

    found = verifier(sns.fetch).verified(body, now=NOW)

    assert (kind, body["Message"]) == (found.type, found.text)


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

    told = refused({**body, name: body[name] + "x"}, sns.fetch)

    assert "signature does not fit" in told


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
def test_any_other_change_breaks_it_too(sns: Signer, changes: dict[str, Any]) -> None:
    body = sns.signed(message())

    told = refused({**body, **changes}, sns.fetch)

    assert "signature does not fit" in told


def test_a_subject_cannot_be_added(sns: Signer) -> None:
    body = sns.signed(message(Subject=None))

    assert "signature does not fit" in refused({**body, "Subject": ""}, sns.fetch)


@pytest.mark.parametrize("version", ["", "0", "3", "02", None])
def test_other_versions_are_refused(sns: Signer, version: str | None) -> None:
    body = {**sns.signed(message()), "SignatureVersion": version}

    assert "SignatureVersion must be 1 or 2" in refused(body, sns.fetch)


@pytest.mark.parametrize("signature", ["!", "abc", "ä", "AAAA\n"])
def test_a_signature_that_is_no_base64_is_refused(sns: Signer, signature: str) -> None:
    assert "not base64" in refused({**message(), "Signature": signature}, sns.fetch)


def test_a_good_signature_of_a_foreign_topic_is_refused_unlooked_at(sns: Signer) -> None:
    body = sns.signed(message("SubscriptionConfirmation", TopicArn=FOREIGN))

    assert "SES_TOPIC_ARNS" in refused(body, sns.fetch)
    assert [] == sns.asked


@pytest.mark.parametrize("url", FORGED)
def test_nothing_is_fetched_from_anywhere_but_sns(sns: Signer, url: str) -> None:
    body = sns.signed(message(SigningCertURL=url))

    assert "SigningCertURL must be" in refused(body, sns.fetch)
    assert [] == sns.asked


@pytest.mark.parametrize("age", [timedelta(minutes=61), timedelta(minutes=-6)])
def test_a_stale_message_is_refused_unlooked_at(sns: Signer, age: timedelta) -> None:
    assert "not of the last" in refused(sns.signed(message()), sns.fetch, age)
    assert [] == sns.asked


def test_a_body_that_is_no_message_is_malformed(sns: Signer) -> None:
    with pytest.raises(InvalidRequest):
        verifier(sns.fetch).verified({}, now=NOW)


def test_somebody_elses_signature_does_not_fit(sns: Signer) -> None:
    forger = Signer(other_key(), sns.pem)

    assert "signature does not fit" in refused(forger.signed(message()), sns.fetch)


@pytest.mark.parametrize(
    ("start", "until"), [(timedelta(seconds=1), timedelta(1)), (timedelta(-2), timedelta(-1))]
)
def test_a_certificate_counts_in_its_time_only(
    sns: Signer, start: timedelta, until: timedelta
) -> None:
    pem = certificate(sns.key, start=start, until=until)

    told = refused(sns.signed(message()), lambda _: pem)

    assert "certificate is not valid now" in told


def test_a_kept_certificate_expires_too(sns: Signer) -> None:
    pem = certificate(sns.key, until=timedelta(minutes=10))
    check = verifier(lambda _: pem)
    check.verified(sns.signed(message()), now=NOW)

    with pytest.raises(SignatureInvalid, match="not valid now"):
        check.verified(sns.signed(message()), now=NOW + timedelta(minutes=11))


@pytest.mark.parametrize(
    "pem",
    [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"],
)
def test_what_is_no_certificate_is_refused(sns: Signer, pem: bytes) -> None:
    assert "no certificate" in refused(sns.signed(message()), lambda _: pem)


def test_a_certificate_of_another_kind_of_key_is_refused(sns: Signer) -> None:
    pem = certificate(ec.generate_private_key(ec.SECP256R1()))

    assert "no RSA key" in refused(sns.signed(message()), lambda _: pem)


def test_a_certificate_of_an_unknown_kind_of_key_is_refused(sns: Signer) -> None:
    p256, unknown = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030163")
    der = ssl.PEM_cert_to_DER_cert(certificate(ec.generate_private_key(ec.SECP256R1())).decode())
    pem = ssl.DER_cert_to_PEM_cert(der.replace(p256, unknown)).encode()

    assert "no usable key" in refused(sns.signed(message()), lambda _: pem)


def test_a_certificate_is_fetched_once(sns: Signer) -> None:
    check = verifier(sns.fetch)

    for _ in range(3):
        check.verified(sns.signed(message()), now=NOW)

    assert [CERTIFICATE_URL] == sns.asked


def test_few_certificates_are_kept_the_last_used_ones(sns: Signer) -> None:
    check = verifier(sns.fetch)
    first, *others = (
        CERTIFICATE_URL.replace("-0123", f"-{number:04}") for number in range(CERTIFICATES + 1)
    )

    for url in (first, *others[:-1], first, others[-1], first, others[0]):
        check.verified(sns.signed(message(SigningCertURL=url)), now=NOW)

    assert [first, *others, others[0]] == sns.asked


def test_what_could_not_be_fetched_is_asked_for_again(sns: Signer) -> None:
    answers: list[bytes] = [b"garbage", sns.pem]
    check = verifier(lambda _: answers.pop(0))
    with pytest.raises(SignatureInvalid):
        check.verified(sns.signed(message()), now=NOW)

    assert "Notification" == check.verified(sns.signed(message()), now=NOW).type
