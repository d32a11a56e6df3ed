"""SNS messages: their fields, and checks that an HTTP message comes from one of our topics.

Source: Amazon SNS developer guide, "Parsing Amazon SNS message formats" and "Verifying the
signatures of Amazon SNS messages".
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from shared.domain.errors import FieldProblem, InvalidRequest, SignatureInvalid

MAX_AGE = timedelta(hours=1)
"""The maximum age of a message over HTTP: SNS does not retry for longer."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far the SNS clock may be ahead of this service's clock."""


class SnsType(StrEnum):
    """The type of a message."""

    NOTIFICATION = "Notification"
    SUBSCRIPTION_CONFIRMATION = "SubscriptionConfirmation"
    UNSUBSCRIBE_CONFIRMATION = "UnsubscribeConfirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsMessage:
    """One message; `text` is the published text, `fields` are the unmodified fields."""

    type: SnsType
    topic_arn: str
    message_id: str
    text: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)

    @property
    def token(self) -> str:
        """The token that confirms a subscription; empty in a notification."""
        return self.fields.get("Token", "")


_REQUIRED = ("Type", "MessageId", "TopicArn", "Message", "Timestamp")
_OPTIONAL = ("Subject", "SubscribeURL", "Token", "SignatureVersion", "Signature")
_CERTIFICATE_URL = ("SigningCertURL", "SigningCertUrl")
"""The spelling in HTTP bodies and the one in Lambda payloads."""
_KNOWN = (*_REQUIRED, *_OPTIONAL, *_CERTIFICATE_URL)
_TO_CONFIRM = ("Token", "SubscribeURL")
_SIGNED = {
    SnsType.NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        (SnsType.SUBSCRIPTION_CONFIRMATION, SnsType.UNSUBSCRIBE_CONFIRMATION),
        ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_SUFFIX = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
    "aws-us-gov": "amazonaws.com",
}
"""The domain of the endpoints of each AWS partition."""


def sns_message(body: Mapping[str, Any]) -> SnsMessage:
    """Parse the message in an HTTP body or in the `Sns` field of a Lambda record.

    A null field counts as absent (Lambda payloads have nulls), an empty one does not.

    Raises:
        InvalidRequest: naming each field that is missing or not text.
    """
    given = {name: value for name, value in body.items() if value is not None}
    if problems := _problems(given):
        summary = "; ".join(f"{each.field} {each.message}" for each in problems[:3])
        raise InvalidRequest(f"Send the SNS message unchanged: {summary}.", problems)
    fields = {name: given[name] for name in _KNOWN if name in given}
    return SnsMessage(
        type=SnsType(fields["Type"]),
        topic_arn=fields["TopicArn"],
        message_id=fields["MessageId"],
        text=fields["Message"],
        fields=fields,
    )


def _problems(given: Mapping[str, Any]) -> list[FieldProblem]:
    kind = given.get("Type")
    required = _REQUIRED if kind == SnsType.NOTIFICATION else (*_REQUIRED, *_TO_CONFIRM)
    missing = [FieldProblem(name, "is required") for name in required if name not in given]
    not_text = [
        FieldProblem(name, "must be text")
        for name in _KNOWN
        if name in given and not isinstance(given[name], str)
    ]
    if not missing and not not_text and kind not in list(SnsType):
        return [FieldProblem("Type", f"must be one of {', '.join(SnsType)}")]
    return missing + not_text


def check_topic(message: SnsMessage, topics: Collection[str]) -> None:
    """Require one of these topics.

    Raises:
        SignatureInvalid: when the message comes from another topic, even with a valid signature.
    """
    if message.topic_arn not in topics:
        raise SignatureInvalid(
            "The message's TopicArn is not one of this stack's topics; check SES_TOPIC_ARNS."
        )


def string_to_sign(message: SnsMessage) -> bytes:
    """Return the bytes that SNS signed: name and value of each present field, one per line.

    Raises:
        SignatureInvalid: when a field is not valid Unicode, or contains a line break.
    """
    parts: list[str] = []
    for name in _SIGNED[message.type]:
        value = message.fields.get(name)
        if value is None:
            continue
        if name != "Message" and "\n" in value:
            raise SignatureInvalid(f"The message's {name} must not contain a line break.")
        parts += (name, value)
    try:
        return "".join(f"{each}\n" for each in parts).encode()
    except UnicodeEncodeError as error:
        raise SignatureInvalid("The message is not valid Unicode; send it unchanged.") from error


def certificate_url(message: SnsMessage) -> str:
    """Return the URL of the signing certificate, which must be that of SNS in the topic's region.

    The whole URL is matched, because anyone can own a host such as
    sns.s3-us-west-2.amazonaws.com.

    Raises:
        SignatureInvalid: when it is another URL, or the two spellings of the field differ.
    """
    urls = {message.fields[name] for name in _CERTIFICATE_URL if name in message.fields}
    _, partition, _, region, *_ = message.topic_arn.split(":")
    host = f"sns.{region}.{_SUFFIX.get(partition, 'amazonaws.com')}"
    pattern = rf"https://{re.escape(host)}/SimpleNotificationService-[0-9a-zA-Z]+\.pem"
    url = urls.pop() if len(urls) == 1 else ""
    if re.fullmatch(pattern, url):
        return url
    raise SignatureInvalid(
        f"The message's SigningCertURL must be https://{host}/SimpleNotificationService-....pem."
    )


def check_fresh(message: SnsMessage, *, now: datetime) -> None:
    """Require a timestamp of the last hour.

    Raises:
        SignatureInvalid: when the timestamp is older, in the future or invalid.
    """
    try:
        sent = datetime.strptime(message.fields["Timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(
            tzinfo=UTC
        )
    except ValueError as error:
        raise SignatureInvalid(
            "The message's Timestamp must be like 2026-11-23T08:00:00.000Z; send it unchanged."
        ) from error
    if not now - MAX_AGE <= sent <= now + CLOCK_SKEW:
        raise SignatureInvalid(
            f"The message's Timestamp is older than {MAX_AGE} or in the future; check the clock "
            "and let SNS send the message again."
        )
