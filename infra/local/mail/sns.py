"""Signed messages of an SNS topic, in the formats for Lambda and for HTTP.

Shapes and signature: the SNS developer guide, "Parsing Amazon SNS message formats" and "Verifying
the signatures of Amazon SNS messages".
"""

import base64
import json
import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from infra.local.aws import REGION
from infra.local.mail.events import ACCOUNT, instant
from infra.local.worker import CERTIFICATE

_SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBJECT = "Amazon SES Email Event Notification"
_HOST = f"https://sns.{REGION}.amazonaws.com"
# The service's clock can be set to any year, so the certificate must always be valid.
_VALID_FROM, _VALID_TO = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Message = Mapping[str, str]


class Topic:
    """A topic with its own key and certificate."""

    def __init__(self, name: str = "calendar-service-ses") -> None:
        self.arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _certificate(self._key)
        self.certificate_url = f"{_HOST}/SimpleNotificationService-{secrets.token_hex(16)}.pem"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make handlers trust this topic: its ARN and its certificate."""
        return {"SES_TOPIC_ARNS": self.arn, CERTIFICATE: self.certificate}

    def signed(self, text: str, *, at: datetime) -> Message:
        """Return a notification with that text, signed with signature version 2."""
        message = {
            "Type": "Notification",
            "MessageId": str(uuid.uuid4()),
            "TopicArn": self.arn,
            "Subject": _SUBJECT,
            "Message": text,
            "Timestamp": instant(at),
            "SignatureVersion": "2",
            "SigningCertURL": self.certificate_url,
            "UnsubscribeURL": f"{_HOST}/?Action=Unsubscribe&SubscriptionArn={self._subscription}",
        }
        signature = self._key.sign(_to_sign(message), padding.PKCS1v15(), hashes.SHA256())
        return {**message, "Signature": base64.b64encode(signature).decode()}

    def lambda_payload(self, message: Message) -> dict[str, Any]:
        """Return the payload of a Lambda subscription; two field names differ from HTTP."""
        renamed = {"SigningCertURL": "SigningCertUrl", "UnsubscribeURL": "UnsubscribeUrl"}
        record = {renamed.get(name, name): value for name, value in message.items()}
        return {
            "Records": [
                {
                    "EventSource": "aws:sns",
                    "EventVersion": "1.0",
                    "EventSubscriptionArn": self._subscription,
                    "Sns": {**record, "MessageAttributes": {}},
                }
            ]
        }

    def http_form(self, message: Message) -> tuple[dict[str, str], bytes]:
        """Return the headers and body of SNS's POST to an HTTP(S) subscription."""
        headers = {
            "content-type": "text/plain; charset=UTF-8",
            "user-agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": message["Type"],
            "x-amz-sns-message-id": message["MessageId"],
            "x-amz-sns-topic-arn": message["TopicArn"],
            "x-amz-sns-subscription-arn": self._subscription,
        }
        return headers, json.dumps(message, indent=2).encode()

    @property
    def _subscription(self) -> str:
        return f"{self.arn}:{uuid.uuid5(uuid.NAMESPACE_URL, self.certificate_url)}"


def _to_sign(message: Message) -> bytes:
    return "".join(f"{name}\n{message[name]}\n" for name in _SIGNED).encode()


def _certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID_FROM)
        .not_valid_after(_VALID_TO)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()
