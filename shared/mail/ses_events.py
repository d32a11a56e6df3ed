"""Parsing SES notifications: events of a configuration set and identity feedback.

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
"""The plain text that SES publishes when a topic becomes an event destination."""

LONGEST_DIAGNOSTIC = 500
LONGEST_MESSAGE_ID = 200
LONGEST_TAG = 256

_UNCHANGED = "Forward the message exactly as SES published it."

_SILENT = frozenset({"Subscription", "Open", "Click", "AmazonSnsSubscriptionSucceeded"})
"""Event types that carry no delivery status."""

_OBJECTS: Mapping[str, tuple[DeliveryState, str]] = {
    # The delivery status of each event type, and the name of its sub-object.
    "Send": (DeliveryState.SENT, "send"),
    "DeliveryDelay": (DeliveryState.DELAYED, "deliveryDelay"),
    "Delivery": (DeliveryState.DELIVERED, "delivery"),
    "Rendering Failure": (DeliveryState.FAILED, "failure"),
    "Reject": (DeliveryState.REJECTED, "reject"),
    "Bounce": (DeliveryState.BOUNCED, "bounce"),
    "Complaint": (DeliveryState.COMPLAINT, "complaint"),
}


class NotificationUnreadable(InvalidRequest):
    """A message on the SES topic is not a notification this service can parse."""


def notification_from_ses(text: str) -> Notification | None:
    """Parse a message of the SES topic; return None if it has no delivery status.

    Subscription preferences, opens, clicks, "not-spam" complaints and the message SES publishes
    when a topic is set up have none. Event, invite and attempt come from the mail's tags, never
    from the address, which a bounce may spell differently; identity feedback, and mail that this
    service did not send, have no tags. `diagnostic` is one line.

    Raises:
        NotificationUnreadable: when the JSON, the event type or a field is not as SES documents.
    """
    if text.strip() == TOPIC_VALIDATED:
        return None
    event = _parsed(text)
    kind = _one_line(event.get("eventType", event.get("notificationType"))) or "nothing"
    if kind in _SILENT or (kind == "Complaint" and _is_not_spam(event)):
        return None
    if kind not in _OBJECTS:
        raise NotificationUnreadable(
            f"SES sent an event of type {kind}, which this service does not know; "
            "remove it from the configuration set or add it to the service."
        )
    return _notification(event, kind)


def _notification(event: Mapping[str, Any], kind: str) -> Notification:
    state, name = _OBJECTS[kind]
    mail, details = _object(event, "mail"), _object(event, name)
    bounce_type, diagnostic = _DETAILS[kind](details)
    event_id, invite, attempt = _tags(mail)
    return Notification(
        state=state,
        message_id=_message_id(mail),
        # The sub-object has the time of the event, the mail the time it was sent.
        at=_instant(details["timestamp"] if "timestamp" in details else mail.get("timestamp")),
        event_id=event_id,
        invite_id=invite,
        attempt=attempt,
        bounce_type=bounce_type,
        diagnostic=diagnostic,
    )


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        event = json.loads(text, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise NotificationUnreadable(f"The SES message is not JSON. {_UNCHANGED}") from error
    if not isinstance(event, dict):
        raise NotificationUnreadable(f"The SES message is not a JSON object. {_UNCHANGED}")
    return event


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _object(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = event.get(name)
    if not isinstance(value, dict):
        raise NotificationUnreadable(f"The SES event has no object {name!r}. {_UNCHANGED}")
    return value


def _message_id(mail: Mapping[str, Any]) -> str:
    value = mail.get("messageId")
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= LONGEST_MESSAGE_ID
        or not (value.isascii() and value.isprintable())
    ):
        raise NotificationUnreadable(f"The SES event has no valid mail.messageId. {_UNCHANGED}")
    return value


def _instant(value: Any) -> datetime:
    try:
        return _aware(datetime.fromisoformat(value)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotificationUnreadable(
            f"The SES event has the invalid timestamp {_one_line(value)!r}. {_UNCHANGED}"
        ) from error


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("no UTC offset")
    return instant


def _tags(mail: Mapping[str, Any]) -> tuple[str, str, int] | tuple[None, None, None]:
    value = mail.get("tags")
    tags = value if isinstance(value, dict) else {}
    event_id, invite, attempt = (_tag(tags.get(name)) for name in ("event", "invite", "attempt"))
    if not (event_id and invite and attempt) or not (attempt.isascii() and attempt.isdigit()):
        return None, None, None
    return event_id, invite, int(attempt)


def _tag(values: Any) -> str | None:
    match values:
        case [str(value)] if len(value) <= LONGEST_TAG and value.isprintable():
            return value
    return None


def _is_not_spam(event: Mapping[str, Any]) -> bool:
    """Whether a recipient moved the mail out of the junk folder, the opposite of a complaint."""
    return bool(_object(event, "complaint").get("complaintFeedbackType") == "not-spam")


BounceDetails = tuple[str | None, str | None]
"""Bounce type and diagnostic."""


def _no_details(_: Mapping[str, Any]) -> BounceDetails:
    return None, None


def _bounce_details(bounce: Mapping[str, Any]) -> BounceDetails:
    kind, sub_type = (_one_line(bounce.get(name)) for name in ("bounceType", "bounceSubType"))
    if not kind or not sub_type:
        raise NotificationUnreadable(f"The SES bounce has no type or subtype. {_UNCHANGED}")
    diagnostic = _first_text(bounce.get("bouncedRecipients"), "diagnosticCode", "status", "action")
    return f"{kind}/{sub_type}", diagnostic


def _complaint_details(complaint: Mapping[str, Any]) -> BounceDetails:
    """Subtype OnAccountSuppressionList: after an earlier complaint SES did not send this mail."""
    sub_type = complaint.get("complaintSubType")
    return _one_line(sub_type), _one_line(complaint.get("complaintFeedbackType"))


def _delay_details(delay: Mapping[str, Any]) -> BounceDetails:
    diagnostic = _first_text(delay.get("delayedRecipients"), "diagnosticCode", "status")
    return None, diagnostic or _one_line(delay.get("delayType"))


def _first_text(recipients: Any, *names: str) -> str | None:
    """Return the first of these fields that the only recipient has."""
    match recipients:
        case [dict(first), *_]:
            return next((text for name in names if (text := _one_line(first.get(name)))), None)
    return None


_DETAILS: Mapping[str, Callable[[Mapping[str, Any]], BounceDetails]] = {
    "Send": _no_details,
    "DeliveryDelay": _delay_details,
    "Delivery": _no_details,
    "Rendering Failure": lambda failure: (None, _one_line(failure.get("errorMessage"))),
    "Reject": lambda reject: (None, _one_line(reject.get("reason"))),
    "Bounce": _bounce_details,
    "Complaint": _complaint_details,
}


def _one_line(value: Any) -> str | None:
    """Return external text as one line of printable characters, cut to a maximum length."""
    if not isinstance(value, str):
        return None
    printable = "".join(_printable(value[: 4 * LONGEST_DIAGNOSTIC]))
    return " ".join(printable.split())[:LONGEST_DIAGNOSTIC].strip() or None


def _printable(text: str) -> Sequence[str]:
    return [each if each.isprintable() else " " for each in text]
