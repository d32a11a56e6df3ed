from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import InvalidRequest, SignatureInvalid
from shared.mail.sns import (
    SnsType,
    certificate_url,
    check_fresh,
    check_topic,
    sns_message,
    string_to_sign,
)
from tests.support.lambda_events import payload
from tests.support.sns_signer import CERTIFICATE_URL, NOW, TOPIC, message

CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")


def test_a_notification_is_parsed() -> None:
    result = sns_message(message(Message="text"))

    assert (SnsType.NOTIFICATION, TOPIC, "text") == (result.type, result.topic_arn, result.text)
    assert result.token == ""


@pytest.mark.parametrize("kind", CONFIRMATIONS)
def test_a_confirmation_is_parsed(kind: str) -> None:
    result = sns_message(message(kind))

    assert (kind, message(kind)["Token"]) == (result.type, result.token)


def test_a_lambda_record_is_parsed_with_its_own_spelling() -> None:
    result = sns_message(payload("ses_notifications", "topic_set_up")["Records"][0]["Sns"])

    assert CERTIFICATE_URL == certificate_url(result)
    assert "Subject" not in result.fields


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(
            (kind, name)
            for kind in ("Notification", *CONFIRMATIONS)
            for name in ("Type", "MessageId", "TopicArn", "Message", "Timestamp")
        ),
        *((kind, name) for kind in CONFIRMATIONS for name in ("Token", "SubscribeURL")),
    ],
)
def test_a_missing_field_is_named(kind: str, name: str) -> None:
    body = {each: value for each, value in message(kind).items() if each != name}

    with pytest.raises(InvalidRequest) as caught:
        sns_message(body)

    assert (name, "is required") in [(one.field, one.message) for one in caught.value.problems]


@pytest.mark.parametrize("value", [7, True, [], {}, ["Notification"]])
@pytest.mark.parametrize(
    "name", ["Type", "MessageId", "Message", "TopicArn", "Subject", "Signature", "SigningCertURL"]
)
def test_a_field_that_is_not_text_is_named(name: str, value: Any) -> None:
    with pytest.raises(InvalidRequest) as caught:
        sns_message(message(**{name: value}))

    assert (name, "must be text") in [(one.field, one.message) for one in caught.value.problems]


@pytest.mark.parametrize("kind", ["", "notification", "Notification ", "Other"])
def test_another_type_is_rejected(kind: str) -> None:
    with pytest.raises(InvalidRequest, match="Type must be one of Notification"):
        sns_message(message("SubscriptionConfirmation", Type=kind))


def test_the_signed_text_has_each_name_and_value_on_its_own_line_in_order() -> None:
    body = message(Message="M", MessageId="I", Subject="S")

    expected = (
        f"Message\nM\nMessageId\nI\nSubject\nS\nTimestamp\n2026-11-23T08:00:00.000Z\n"
        f"TopicArn\n{TOPIC}\nType\nNotification\n"
    )
    assert expected.encode() == string_to_sign(sns_message(body))


@pytest.mark.parametrize("kind", CONFIRMATIONS)
def test_the_signed_text_of_a_confirmation_has_url_and_token_but_no_subject(kind: str) -> None:
    body = message(kind, Message="M", MessageId="I", SubscribeURL="U", Token="T", Subject="S")

    expected = (
        f"Message\nM\nMessageId\nI\nSubscribeURL\nU\nTimestamp\n2026-11-23T08:00:00.000Z\n"
        f"Token\nT\nTopicArn\n{TOPIC}\nType\n{kind}\n"
    )
    assert expected.encode() == string_to_sign(sns_message(body))


def test_an_absent_subject_differs_from_an_empty_one() -> None:
    absent, empty = (string_to_sign(sns_message(message(Subject=each))) for each in (None, ""))

    assert b"Subject" not in absent
    assert b"\nSubject\n\nTimestamp\n" in empty


def test_the_signed_text_of_a_notification_has_no_token() -> None:
    body = message()

    assert string_to_sign(sns_message(body)) == string_to_sign(
        sns_message({**body, "Token": "T", "SubscribeURL": "U"})
    )


@pytest.mark.parametrize("name", ["MessageId", "Subject", "Timestamp"])
def test_a_field_with_a_line_break_is_rejected(name: str) -> None:
    with pytest.raises(SignatureInvalid, match=f"{name} must not contain a line break"):
        string_to_sign(sns_message(message(**{name: "a\nTopicArn\nb"})))


def test_a_lone_surrogate_is_rejected() -> None:
    with pytest.raises(SignatureInvalid, match="not valid Unicode"):
        string_to_sign(sns_message(message(Message="\ud800")))


@pytest.mark.parametrize(
    ("topic", "host"),
    [
        ("arn:aws:sns:us-east-1:123456789012:t", "sns.us-east-1.amazonaws.com"),
        ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:t", "sns.us-gov-west-1.amazonaws.com"),
        ("arn:aws-cn:sns:cn-north-1:123456789012:t", "sns.cn-north-1.amazonaws.com.cn"),
    ],
)
def test_the_certificate_url_is_that_of_sns_in_the_region_of_the_topic(
    topic: str, host: str
) -> None:
    url = f"https://{host}/SimpleNotificationService-abc.pem"

    assert url == certificate_url(sns_message(message(TopicArn=topic, SigningCertURL=url)))


PATH = "/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem"
HOST = "sns.eu-central-1.amazonaws.com"
FORGED = [
    f"http://{HOST}{PATH}",
    f"HTTPS://{HOST}{PATH}",
    f"https://sns.s3-us-west-2.amazonaws.com{PATH}",
    f"https://s3.amazonaws.com{PATH}",
    f"https://s3.amazonaws.com/{HOST}{PATH}",
    f"https://sns.us-east-1.amazonaws.com{PATH}",
    f"https://sns.eu-central-1.amazonaws.com.cn{PATH}",
    f"https://sns.eu-central-1.amazonaws.com.evil.example{PATH}",
    f"https://evil.example/{HOST}{PATH}",
    f"https://evil.amazonaws.com{PATH}",
    f"https://snsXeu-central-1.amazonaws.com{PATH}",
    f"https://SNS.eu-central-1.amazonaws.com{PATH}",
    f"https://{HOST}.{PATH}",
    f"https://{HOST}@evil.example{PATH}",
    f"https://user@{HOST}{PATH}",
    f"https://user:password@{HOST}{PATH}",
    f"https://evil.example#{HOST}{PATH}",
    f"https://evil.example\\@{HOST}{PATH}",
    f"https://{HOST}:443{PATH}",
    f"https://{HOST}:8443{PATH}",
    f"https://{HOST}{PATH}?x=1",
    f"https://{HOST}{PATH}#x",
    f"https://{HOST}{PATH}\n",
    f"https://{HOST}\n{PATH}",
    f" https://{HOST}{PATH}",
    f"https://{HOST}{PATH} ",
    f"https://{HOST}/x{PATH}",
    f"https://{HOST}/..{PATH}",
    f"https://{HOST}/SimpleNotificationService-.pem",
    f"https://{HOST}/SimpleNotificationService-a/b.pem",
    f"https://{HOST}/SimpleNotificationService-a%2f.pem",
    f"https://{HOST}/SimpleNotificationService-ä.pem",
    f"https://{HOST}/SimpleNotificationService-abc.pem.txt",
    f"https://{HOST}/SimpleNotificationService-abcXpem",
    f"https://{HOST}/other.pem",
    f"//{HOST}{PATH}",
    f"file:///{HOST}{PATH}",
    PATH,
    "",
]


@pytest.mark.parametrize("spelling", ["SigningCertURL", "SigningCertUrl"])
@pytest.mark.parametrize("url", FORGED)
def test_certificate_urls_of_other_hosts_or_paths_are_rejected(spelling: str, url: str) -> None:
    body = {**message(SigningCertURL=None), spelling: url}

    with pytest.raises(SignatureInvalid, match=r"SigningCertURL must be https://sns\.eu-central-1"):
        certificate_url(sns_message(body))


@pytest.mark.parametrize("fields", [{}, {"SigningCertUrl": f"https://evil.example{PATH}"}])
def test_a_missing_or_ambiguous_certificate_url_is_rejected(fields: dict[str, str]) -> None:
    body = {**message(SigningCertURL=CERTIFICATE_URL if fields else None), **fields}

    with pytest.raises(SignatureInvalid):
        certificate_url(sns_message(body))


@pytest.mark.parametrize(
    "topics", [(), (f"{TOPIC}x",), (TOPIC.upper(),), (TOPIC.replace("eu-central-1", "us-east-1"),)]
)
def test_another_topic_is_rejected(topics: tuple[str, ...]) -> None:
    with pytest.raises(SignatureInvalid, match="SES_TOPIC_ARNS"):
        check_topic(sns_message(message()), topics)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("age", [timedelta(), timedelta(hours=1), timedelta(minutes=-5)])
def test_a_message_of_the_last_hour_is_accepted(age: timedelta) -> None:
    check_fresh(sns_message(message()), now=NOW + age)


@pytest.mark.parametrize(
    "age", [timedelta(hours=1) + SECOND, timedelta(days=23), timedelta(minutes=-5) - SECOND]
)
def test_old_and_future_messages_are_rejected(age: timedelta) -> None:
    with pytest.raises(SignatureInvalid, match="older than 1:00:00 or in the future"):
        check_fresh(sns_message(message()), now=NOW + age)


@pytest.mark.parametrize("text", ["", "now", "2026-11-23", "2026-11-23T08:00:00", "1795420800"])
def test_a_message_without_a_valid_timestamp_is_rejected(text: str) -> None:
    with pytest.raises(SignatureInvalid, match="must be like"):
        check_fresh(sns_message(message(Timestamp=text)), now=NOW)
