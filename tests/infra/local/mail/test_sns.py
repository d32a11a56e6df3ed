import base64
import json
from datetime import UTC, datetime

import pytest
from aws_lambda_powertools.utilities.data_classes import SNSEvent
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate

from infra.local.mail.sns import Topic
from infra.local.worker import CERTIFICATE

TOPIC = Topic()
MESSAGE = TOPIC.signed('{"eventType": "Send"}', at=datetime(2026, 3, 26, 7, tzinfo=UTC))


def verify(text: str) -> None:
    key = load_pem_x509_certificate(TOPIC.certificate.encode()).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    signature = base64.b64decode(MESSAGE["Signature"])
    key.verify(signature, text.encode(), padding.PKCS1v15(), hashes.SHA256())


def signed_text(message: str) -> str:
    return (
        f"Message\n{message}\n"
        f"MessageId\n{MESSAGE['MessageId']}\n"
        "Subject\nAmazon SES Email Event Notification\n"
        "Timestamp\n2026-03-26T07:00:00.000Z\n"
        "TopicArn\narn:aws:sns:eu-central-1:123456789012:calendar-service-ses\n"
        "Type\nNotification\n"
    )


def test_the_signature_is_valid_for_its_certificate_and_message_only() -> None:
    verify(signed_text('{"eventType": "Send"}'))
    with pytest.raises(InvalidSignature):
        verify(signed_text('{"eventType": "Bounce"}'))


def test_the_certificate_has_an_aws_url() -> None:
    assert MESSAGE["SignatureVersion"] == "2"
    assert MESSAGE["SigningCertURL"].startswith(
        "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-"
    )
    assert MESSAGE["SigningCertURL"].endswith(".pem")


def test_lambda_gets_the_message_with_lambdas_field_names() -> None:
    record = SNSEvent(TOPIC.lambda_payload(MESSAGE)).record

    assert TOPIC.arn == record.sns.topic_arn
    assert MESSAGE["Message"] == record.sns.message
    assert MESSAGE["SigningCertURL"] == record.sns.signing_cert_url
    assert MESSAGE["UnsubscribeURL"] == record.sns.unsubscribe_url
    assert record.event_subscription_arn.startswith(f"{TOPIC.arn}:")
    assert "SigningCertURL" not in record.sns.raw_event


def test_http_gets_the_message_as_text() -> None:
    headers, body = TOPIC.http_form(MESSAGE)

    assert dict(MESSAGE) == json.loads(body)
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert headers["x-amz-sns-message-id"] == MESSAGE["MessageId"]
    assert headers["x-amz-sns-topic-arn"] == TOPIC.arn


def test_the_environment_makes_handlers_trust_the_topic() -> None:
    assert {
        "SES_TOPIC_ARNS": TOPIC.arn,
        CERTIFICATE: TOPIC.certificate,
    } == TOPIC.environment
