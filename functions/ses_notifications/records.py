"""Records SES notifications that SNS delivers to this function directly."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from shared.domain.errors import InvalidRequest
from shared.domain.invite import Notification
from shared.mail.ses_events import notification_from_ses
from shared.mail.sns import SnsMessage, SnsType, check_topic, sns_message
from shared.usecases.invitations.delivery import NotificationOutcome

logger = Logger()


class Recorder(Protocol):
    """Records a notification; `Delivery` implements it."""

    def record(self, notification: Notification) -> NotificationOutcome:
        """Store the delivery status in a notification and return what changed."""
        ...


def record_all(payload: Mapping[str, Any], *, delivery: Recorder, topics: Collection[str]) -> None:
    """Record every message of SNS's Lambda payload.

    Raises:
        ExceptionGroup: the failures, after all other messages have been recorded. Lambda then
            retries and finally sends the payload to the dead-letter queue.
    """
    failures: list[Exception] = []
    for record in payload["Records"]:
        try:
            record_message(_message(record, topics), delivery)
        except Exception as failure:
            # The payload's other messages must still be recorded; this one is raised below.
            logger.exception("recording a notification failed", message_id=_id(record))
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some notifications were not recorded.", failures)


def record_message(message: SnsMessage, delivery: Recorder) -> None:
    """Record one notification and log the outcome."""
    notification = notification_from_ses(message.text)
    if notification is None:
        logger.info("notification has no delivery status", message_id=message.message_id)
        return
    outcome = delivery.record(notification)
    logger.info(
        "delivery status received",
        message_id=message.message_id,
        mail_id=notification.message_id,
        event_id=notification.event_id,
        invite_id=notification.invite_id,
        attempt=notification.attempt,
        state=notification.state,
        outcome=outcome,
    )


def _message(record: Mapping[str, Any], topics: Collection[str]) -> SnsMessage:
    """Parse a record and check its topic. Lambda invocations carry no signature to verify."""
    message = sns_message(record["Sns"])
    check_topic(message, topics)
    if message.type is not SnsType.NOTIFICATION:
        raise InvalidRequest(
            f"SNS sends no {message.type} to a Lambda subscription; check what invokes this "
            "function."
        )
    return message


def _id(record: Any) -> Any:
    match record:
        case {"Sns": {"MessageId": message_id}}:
            return message_id
    return None
