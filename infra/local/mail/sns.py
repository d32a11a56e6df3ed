"""Messages of an SNS topic, truly signed, in the forms SNS hands them over in.

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
# The service's clock may be set to any year, and the certificate is to be good in all of them.
_BEGINNING, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Message = Mapping[str, str]


class Topic:
    """A topic with a key and a certificate of its own, made with it."""

    def __init__(self, name: str = "calendar-service-ses") -> None:
        self.arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = _certificate(self._key)
        self.certificate_url = f"{_HOST}/SimpleNotificationService-{secrets.token_hex(16)}.pem"

    @property
    def environment(self) -> dict[str, str]:
        """What leads handlers to trust this topic: its ARN, and for a worker its certificate."""
        return {"SES_TOPIC_ARNS": self.arn, CERTIFICATE: self.certificate}

    def signed(self, text: str, *, at: datetime) -> Message:
        """Return a notification that carries the text, signed with signature version 2."""
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
        """Return what SNS invokes a function with; two names differ from those over HTTP."""
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
        """Return headers and body of the POST that SNS sends to an HTTP(S) subscription."""
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
        .not_valid_before(_BEGINNING)
        .not_valid_after(_END)
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()
