"""Messages of SNS: their shape, and proof over HTTP that a topic of ours sent them.

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

FRESH = timedelta(hours=1)
"""How old a message over HTTP may be: SNS retries no longer."""
CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of ours its clock may be."""


class SnsType(StrEnum):
    """What a message is for."""

    NOTIFICATION = "Notification"
    SUBSCRIPTION_CONFIRMATION = "SubscriptionConfirmation"
    UNSUBSCRIBE_CONFIRMATION = "UnsubscribeConfirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsMessage:
    """One message; `text` is what was published, `fields` are the strings as they came."""

    type: SnsType
    topic_arn: str
    message_id: str
    text: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)

    @property
    def token(self) -> str:
        """What confirms a subscription; empty in a notification."""
        return self.fields.get("Token", "")


_REQUIRED = ("Type", "MessageId", "TopicArn", "Message", "Timestamp")
_OPTIONAL = ("Subject", "SubscribeURL", "Token", "SignatureVersion", "Signature")
_CERTIFICATE_URL = ("SigningCertURL", "SigningCertUrl")
"""As spelled in HTTP bodies and in Lambda payloads."""
_KNOWN = (*_REQUIRED, *_OPTIONAL, *_CERTIFICATE_URL)
_TO_CONFIRM = ("Token", "SubscribeURL")
_SIGNED = {
    SnsType.NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        (SnsType.SUBSCRIPTION_CONFIRMATION, SnsType.UNSUBSCRIBE_CONFIRMATION),
        ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_SUFFIX = {"aws-cn": "amazonaws.com.cn"}


def sns_message(body: Mapping[str, Any]) -> SnsMessage:
    """Return the message in an HTTP body or in the `Sns` of a Lambda record.

    A null field counts as absent (a Lambda payload says so), an empty one does not.

    Raises:
        InvalidRequest: naming each field that is missing or no text.
    """
    given = {name: value for name, value in body.items() if value is not None}
    if problems := _problems(given):
        told = "; ".join(f"{each.field} {each.message}" for each in problems[:3])
        raise InvalidRequest(f"Send the message of SNS as it is: {told}.", problems)
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
    no_text = [
        FieldProblem(name, "must be text")
        for name in _KNOWN
        if name in given and not isinstance(given[name], str)
    ]
    if not missing and not no_text and kind not in list(SnsType):
        return [FieldProblem("Type", f"must be one of {', '.join(SnsType)}")]
    return missing + no_text


def check_topic(message: SnsMessage, topics: Collection[str]) -> None:
    """Let messages of these topics pass.

    Raises:
        SignatureInvalid: the message is of another topic, whoever signed it.
    """
    if message.topic_arn not in topics:
        raise SignatureInvalid(
            "The message's TopicArn is none of this stack's topics; check SES_TOPIC_ARNS."
        )


def string_to_sign(message: SnsMessage) -> bytes:
    """Return what SNS has signed: the fields that are there, in its order, each name on a line.

    Raises:
        SignatureInvalid: a field is no Unicode text, or breaks the lines.
    """
    parts: list[str] = []
    for name in _SIGNED[message.type]:
        value = message.fields.get(name)
        if value is None:
            continue
        if name != "Message" and "\n" in value:
            raise SignatureInvalid(f"The message's {name} has a line break; SNS sends none there.")
        parts += (name, value)
    try:
        return "".join(f"{each}\n" for each in parts).encode()
    except UnicodeEncodeError as error:
        raise SignatureInvalid("The message is no Unicode text; send it as SNS sent it.") from error


def certificate_url(message: SnsMessage) -> str:
    """Return where the signer's certificate is, if that is SNS itself in the topic's region.

    The whole address is compared: nothing may stand before, between or after its parts, since
    hosts such as sns.s3-us-west-2.amazonaws.com are anybody's.

    Raises:
        SignatureInvalid: it is anywhere else, or two spellings of the field are not the same.
    """
    told = {message.fields[name] for name in _CERTIFICATE_URL if name in message.fields}
    _, partition, _, region, *_ = message.topic_arn.split(":")
    host = f"sns.{region}.{_SUFFIX.get(partition, 'amazonaws.com')}"
    pattern = rf"https://{re.escape(host)}/SimpleNotificationService-[0-9a-zA-Z]+\.pem"
    url = told.pop() if len(told) == 1 else ""
    if re.fullmatch(pattern, url):
        return url
    raise SignatureInvalid(
        f"The message's SigningCertURL must be https://{host}/SimpleNotificationService-....pem."
    )


def check_fresh(message: SnsMessage, *, now: datetime) -> None:
    """Let messages of the last hour pass.

    Raises:
        SignatureInvalid: the message is older, of the future, or does not say.
    """
    try:
        sent = datetime.strptime(message.fields["Timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(
            tzinfo=UTC
        )
    except ValueError as error:
        raise SignatureInvalid(
            "The message's Timestamp is not like 2026-11-23T08:00:00.000Z; send it as SNS sent it."
        ) from error
    if not now - FRESH <= sent <= now + CLOCK_SKEW:
        raise SignatureInvalid(
            f"The message's Timestamp is not of the last {FRESH}; check the clocks, "
            "and let SNS send it again."
        )
