"""From SNS straight to this function: every message of a payload is put on record."""

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
    """What this function needs of the records of mail."""

    def record(self, notification: Notification) -> NotificationOutcome:
        """Put a notification on record."""
        ...


def record_all(payload: Mapping[str, Any], *, delivery: Recorder, topics: Collection[str]) -> None:
    """Put every message of SNS's Lambda payload on record.

    Raises:
        ExceptionGroup: of what went wrong, after all the others are on record, so that Lambda tries
            again and in the end hands the payload to where failures are kept.
    """
    failures: list[Exception] = []
    for record in payload["Records"]:
        try:
            put_on_record(_message(record, topics), delivery)
        except Exception as failure:
            # The other messages of the payload must not be lost over this one; it is raised below.
            logger.exception("recording a notification failed", message_id=_id(record))
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Notifications that are not on record.", failures)


def put_on_record(message: SnsMessage, delivery: Recorder) -> None:
    """Put one notification on record, and say in the log what it did."""
    notification = notification_from_ses(message.text)
    if notification is None:
        logger.info("tells nothing of a delivery", message_id=message.message_id)
        return
    outcome = delivery.record(notification)
    logger.info(
        "notification of a mail",
        message_id=message.message_id,
        mail_id=notification.message_id,
        event_id=notification.event_id,
        invite_id=notification.invite_id,
        attempt=notification.attempt,
        state=notification.state,
        outcome=outcome,
    )


def _message(record: Mapping[str, Any], topics: Collection[str]) -> SnsMessage:
    """Lambda lets only those topics call that it was told of, and signs nothing itself."""
    message = sns_message(record["Sns"])
    check_topic(message, topics)
    if message.type is not SnsType.NOTIFICATION:
        raise InvalidRequest(f"A Lambda subscription gets no {message.type}; look who calls.")
    return message


def _id(record: Any) -> Any:
    match record:
        case {"Sns": {"MessageId": found}}:
            return found
    return None
