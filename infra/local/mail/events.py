"""The events SES publishes about a mail, and which events SES's mailbox simulator causes.

Shapes: the SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from infra.local.aws import REGION
from infra.local.mail.sent import SentMail

ACCOUNT = "123456789012"
_RETRIED_FOR = timedelta(hours=14)


class Report(StrEnum):
    """The kinds of SES report on a mail: SES's event names in lower case."""

    SEND = "send"
    DELIVERY = "delivery"
    DELAY = "delay"
    BOUNCE = "bounce"
    SUPPRESSED = "suppressed"
    COMPLAINT = "complaint"
    REJECT = "reject"


_SIMULATED = {
    "success": (Report.SEND, Report.DELIVERY),
    "bounce": (Report.SEND, Report.BOUNCE),
    "complaint": (Report.SEND, Report.DELIVERY, Report.COMPLAINT),
    "suppressionlist": (Report.SEND, Report.SUPPRESSED),
}


def simulated_reports(address: str) -> tuple[Report, ...]:
    """Return the reports that SES's mailbox simulator causes for that address, in order.

    Only the part before the @ (and before a +label) matters. Mail to any other address is reported
    as sent only.
    """
    name = address.partition("@")[0].partition("+")[0].lower()
    return _SIMULATED.get(name, (Report.SEND,))


def event(mail: SentMail, report: Report, *, recipient: str, at: datetime) -> str:
    """Return the event as JSON, for that recipient and time."""
    name, describe = _EVENTS[report]
    key = name[0].lower() + name[1:]
    return json.dumps(
        {"eventType": name, "mail": _mail(mail), key: describe(recipient, instant(at), at)}
    )


def instant(at: datetime) -> str:
    """Return an instant in AWS's format, with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _mail(mail: SentMail) -> dict[str, Any]:
    domain = mail.source.rpartition("@")[2].rstrip(">")
    return {
        "timestamp": instant(mail.sent_at),
        "source": mail.source,
        "sourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}",
        "sendingAccountId": ACCOUNT,
        "messageId": mail.message_id,
        "destination": list(mail.to),
        "headersTruncated": False,
        "headers": [{"name": name, "value": str(value)} for name, value in mail.mime.items()],
        "commonHeaders": {
            "from": [str(each) for each in mail.mime.get_all("from", [])],
            "to": [str(each) for each in mail.mime.get_all("to", [])],
            "messageId": mail.message_id,
            "subject": mail.subject,
        },
        "tags": _tags(mail, domain),
    }


def _tags(mail: SentMail, domain: str) -> dict[str, list[str]]:
    given: Mapping[str, str] = {
        "ses:configuration-set": mail.configuration_set or "",
        "ses:source-ip": "127.0.0.1",
        "ses:from-domain": domain,
        "ses:caller-identity": "calendar-service",
        **mail.tags,
    }
    return {name: [value] for name, value in given.items()}


def _delivery(recipient: str, timestamp: str, _: datetime) -> dict[str, Any]:
    return {
        "timestamp": timestamp,
        "processingTimeMillis": 537,
        "recipients": [recipient],
        "smtpResponse": "250 2.6.0 Message received",
        "reportingMTA": f"a1-2.smtp-out.{REGION}.amazonses.com",
    }


def _bounce(recipient: str, timestamp: str, _: datetime) -> dict[str, Any]:
    return {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {
                "emailAddress": recipient,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }
        ],
        "timestamp": timestamp,
        "feedbackId": _feedback_id(),
        "reportingMTA": f"dsn; a1-2.smtp-out.{REGION}.amazonses.com",
    }


def _suppressed(recipient: str, timestamp: str, _: datetime) -> dict[str, Any]:
    return {
        "bounceType": "Permanent",
        "bounceSubType": "OnAccountSuppressionList",
        "bouncedRecipients": [
            {
                "emailAddress": recipient,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "Amazon SES did not send the message to this address because it "
                "is on the suppression list for your account.",
            }
        ],
        "timestamp": timestamp,
        "feedbackId": _feedback_id(),
        "reportingMTA": "dns; amazonses.com",
    }


def _complaint(recipient: str, timestamp: str, _: datetime) -> dict[str, Any]:
    return {
        "complainedRecipients": [{"emailAddress": recipient}],
        "timestamp": timestamp,
        "feedbackId": _feedback_id(),
        "complaintSubType": None,
        "userAgent": "Amazon SES Mailbox Simulator",
        "complaintFeedbackType": "abuse",
        "arrivalDate": timestamp,
    }


def _delay(recipient: str, timestamp: str, at: datetime) -> dict[str, Any]:
    return {
        "timestamp": timestamp,
        "delayType": "MailboxFull",
        "expirationTime": instant(at + _RETRIED_FOR),
        "delayedRecipients": [
            {
                "emailAddress": recipient,
                "status": "4.2.2",
                "diagnosticCode": "smtp; 452 4.2.2 mailbox full",
            }
        ],
    }


def _feedback_id() -> str:
    return f"0107{uuid.uuid4()}-000000"


_EVENTS: Mapping[Report, tuple[str, Callable[[str, str, datetime], dict[str, Any]]]] = {
    Report.SEND: ("Send", lambda *_: {}),
    Report.DELIVERY: ("Delivery", _delivery),
    Report.DELAY: ("DeliveryDelay", _delay),
    Report.BOUNCE: ("Bounce", _bounce),
    Report.SUPPRESSED: ("Bounce", _suppressed),
    Report.COMPLAINT: ("Complaint", _complaint),
    Report.REJECT: ("Reject", lambda *_: {"reason": "Bad content"}),
}
