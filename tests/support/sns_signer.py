"""A simulated SNS with its own key and certificate."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from shared.domain.errors import SignatureInvalid

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOPIC = "arn:aws:sns:eu-central-1:123456789012:calendar-service-mail"
CERTIFICATE_URL = (
    "https://sns.eu-central-1.amazonaws.com"
    "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
)
SIGNED: Mapping[str, tuple[str, ...]] = {
    # Amazon SNS developer guide, "Verifying the signatures of Amazon SNS messages".
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}
SHA = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - as SNS does


def message(kind: str = "Notification", **changes: Any) -> dict[str, Any]:
    """Return an unsigned HTTP request body as SNS sends it."""
    body = {
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Message": '{"eventType":"Send"}',
        "Timestamp": "2026-11-23T08:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    }
    if kind == "Notification":
        body["Subject"] = "Amazon SES Email Event Notification"
        body["UnsubscribeURL"] = "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe"
    else:
        body["Token"] = "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f7948a98bac386edfe3"
        body["SubscribeURL"] = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription"
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs like SNS and serves its certificate; `fetched` lists the requested URLs."""

    key: rsa.RSAPrivateKey
    pem: bytes
    fetched: list[str] = field(default_factory=list)

    def signed(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return the message signed with its SignatureVersion."""
        kind = "Notification" if body["Type"] == "Notification" else "SubscriptionConfirmation"
        names = SIGNED[kind]
        text = "".join(f"{name}\n{body[name]}\n" for name in names if name in body)
        digest = SHA[body["SignatureVersion"]]
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), digest)
        return {**body, "Signature": base64.b64encode(signature).decode()}

    def fetch(self, url: str) -> bytes:
        """Return the certificate, only for URLs of SNS."""
        self.fetched.append(url)
        if not url.startswith("https://sns."):
            raise SignatureInvalid(f"{url} is not a certificate URL.")
        return self.pem


def signer(*, until: timedelta = timedelta(days=30)) -> Signer:
    """Return a signer whose certificate is valid from one day before `NOW` to `NOW` + `until`."""
    return Signer(_key(), certificate(_key(), until=until))


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def other_key() -> rsa.RSAPrivateKey:
    """Return a key that SNS does not use."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    start: timedelta = timedelta(days=-1),
    until: timedelta = timedelta(days=30),
) -> bytes:
    """Return a certificate of the key as PEM; its validity is relative to `NOW`."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    result = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW + start)
        .not_valid_after(NOW + until)
        .sign(key, hashes.SHA256())
    )
    return result.public_bytes(serialization.Encoding.PEM)
