"""What SES reports of a mail, out of its JSON: events of a configuration set, identity feedback.

Source: Amazon SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS"
and "Amazon SNS notification contents for Amazon SES".
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from shared.domain.errors import InvalidRequest
from shared.domain.invite import DeliveryState, Notification

TOPIC_VALIDATED = "Successfully validated SNS topic for Amazon SES event publishing."
"""What SES publishes, as plain text, when a topic becomes the destination of its events."""

LONGEST_DIAGNOSTIC = 500
LONGEST_MESSAGE_ID = 200
LONGEST_TAG = 256

_SILENT = frozenset({"Subscription", "Open", "Click", "AmazonSnsSubscriptionSucceeded"})
"""What SES publishes on purpose and what says nothing of whether a mail arrived."""

_OBJECTS: Mapping[str, tuple[DeliveryState, str]] = {
    # How a type names its sub-object, and which state it tells.
    "Send": (DeliveryState.SENT, "send"),
    "DeliveryDelay": (DeliveryState.DELAYED, "deliveryDelay"),
    "Delivery": (DeliveryState.DELIVERED, "delivery"),
    "Rendering Failure": (DeliveryState.FAILED, "failure"),
    "Reject": (DeliveryState.REJECTED, "reject"),
    "Bounce": (DeliveryState.BOUNCED, "bounce"),
    "Complaint": (DeliveryState.COMPLAINT, "complaint"),
}


class NotificationUnreadable(InvalidRequest):
    """SES, or somebody in its name, published what this service cannot read."""


def notification_from_ses(text: str) -> Notification | None:
    """Return what a message of SES's topic tells of a mail, or None when it tells nothing.

    Nothing is told by a subscription preference, an open or a click, by "not-spam", and by what
    SES says once when a topic is set up. The event, invite and attempt are those of the mail's tags
    and never looked up by address, which a bounce may spell otherwise; identity feedback, and a
    mail that is none of ours, have none. `diagnostic` is one line.

    Raises:
        NotificationUnreadable: the JSON, its type, or a field is not what SES documents.
    """
    if text.strip() == TOPIC_VALIDATED:
        return None
    event = _parsed(text)
    kind = _one_line(event.get("eventType", event.get("notificationType"))) or "nothing"
    if kind in _SILENT or (kind == "Complaint" and _is_not_spam(event)):
        return None
    if kind not in _OBJECTS:
        raise NotificationUnreadable(
            f"SES reports an event of type {kind}, which this service does not know; "
            "take it out of the configuration set or teach it to the service."
        )
    return _notification(event, kind)


def _notification(event: Mapping[str, Any], kind: str) -> Notification:
    state, name = _OBJECTS[kind]
    mail, details = _object(event, "mail"), _object(event, name)
    bounce_type, diagnostic = _WORDS[kind](details)
    event_id, invite, attempt = _tags(mail)
    return Notification(
        state=state,
        message_id=_message_id(mail),
        # The sub-object says when it happened, the mail when it was sent.
        at=_instant(details["timestamp"] if "timestamp" in details else mail.get("timestamp")),
        event_id=event_id,
        invite_id=invite,
        attempt=attempt,
        bounce_type=bounce_type,
        diagnostic=diagnostic,
    )


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        event = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise NotificationUnreadable("SES's message is not JSON; read it as it came.") from error
    if not isinstance(event, dict):
        raise NotificationUnreadable("SES's message is not one JSON object; read it as it came.")
    return event


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    if not isinstance(found, dict):
        raise NotificationUnreadable(f"SES's event has no object {name!r}; read it as it came.")
    return found


def _message_id(mail: Mapping[str, Any]) -> str:
    found = mail.get("messageId")
    if (
        not isinstance(found, str)
        or not 0 < len(found) <= LONGEST_MESSAGE_ID
        or not (found.isascii() and found.isprintable())
    ):
        raise NotificationUnreadable("SES's event has no mail.messageId; read it as it came.")
    return found


def _instant(value: Any) -> datetime:
    try:
        return _aware(datetime.fromisoformat(value)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotificationUnreadable(
            f"SES's event has {_one_line(value)!r} for a timestamp; read it as it came."
        ) from error


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("no UTC offset")
    return instant


def _tags(mail: Mapping[str, Any]) -> tuple[str, str, int] | tuple[None, None, None]:
    tags = mail.get("tags")
    found = tags if isinstance(tags, dict) else {}
    event_id, invite, attempt = (_tag(found.get(name)) for name in ("event", "invite", "attempt"))
    if not (event_id and invite and attempt) or not (attempt.isascii() and attempt.isdigit()):
        return None, None, None
    return event_id, invite, int(attempt)


def _tag(values: Any) -> str | None:
    match values:
        case [str(value)] if len(value) <= LONGEST_TAG and value.isprintable():
            return value
    return None


def _is_not_spam(event: Mapping[str, Any]) -> bool:
    """Whether somebody took a mail out of the junk folder, which is the contrary of a complaint."""
    return bool(_object(event, "complaint").get("complaintFeedbackType") == "not-spam")


Words = tuple[str | None, str | None]


def _no_words(_: Mapping[str, Any]) -> Words:
    return None, None


def _bounce_words(bounce: Mapping[str, Any]) -> Words:
    kind, sub_type = (_one_line(bounce.get(name)) for name in ("bounceType", "bounceSubType"))
    if not kind or not sub_type:
        raise NotificationUnreadable("SES's bounce has no type and subtype; read it as it came.")
    told = _told(bounce.get("bouncedRecipients"), "diagnosticCode", "status", "action")
    return f"{kind}/{sub_type}", told


def _complaint_words(complaint: Mapping[str, Any]) -> Words:
    """OnAccountSuppressionList: there was a complaint earlier, and SES did not send this mail."""
    sub_type = complaint.get("complaintSubType")
    return _one_line(sub_type), _one_line(complaint.get("complaintFeedbackType"))


def _delay_words(delay: Mapping[str, Any]) -> Words:
    told = _told(delay.get("delayedRecipients"), "diagnosticCode", "status")
    return None, told or _one_line(delay.get("delayType"))


def _told(recipients: Any, *names: str) -> str | None:
    """Return the first thing said of the first recipient; each mail has one."""
    match recipients:
        case [dict(first), *_]:
            return next((said for name in names if (said := _one_line(first.get(name)))), None)
    return None


_WORDS: Mapping[str, Callable[[Mapping[str, Any]], Words]] = {
    "Send": _no_words,
    "DeliveryDelay": _delay_words,
    "Delivery": _no_words,
    "Rendering Failure": lambda failure: (None, _one_line(failure.get("errorMessage"))),
    "Reject": lambda reject: (None, _one_line(reject.get("reason"))),
    "Bounce": _bounce_words,
    "Complaint": _complaint_words,
}


def _one_line(value: Any) -> str | None:
    """Return text as one bounded line of printable characters; foreign servers wrote it."""
    if not isinstance(value, str):
        return None
    shown = "".join(_shown(value[: 4 * LONGEST_DIAGNOSTIC]))
    return " ".join(shown.split())[:LONGEST_DIAGNOSTIC].strip() or None


def _shown(text: str) -> Sequence[str]:
    return [each if each.isprintable() else " " for each in text]
