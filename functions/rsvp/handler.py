"""Replies to invitations, which SES receives, stores in S3 and announces to this function."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring
from shared.domain.replies import Reply, ReplyOutcome
from shared.mail.replies import read_reply
from shared.ports import ReplyUnreadable

logger = Logger()
wiring.warm(wiring.replies)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> dict[str, str]:
    """Record the replies in SES's Lambda payload; return the outcome of each by message id.

    A mail that is not a reply, or not to be believed, changes nothing. Its content is not logged.

    Raises:
        ExceptionGroup: the failures, after all other replies have been recorded. Lambda then
            retries and finally sends the payload to the dead-letter queue.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    outcomes: dict[str, str] = {}
    failures: list[Exception] = []
    for record in payload["Records"]:
        message_id = record["ses"]["mail"]["messageId"]
        try:
            outcomes[message_id] = _record(record["ses"], message_id)
        except Exception as failure:
            # The payload's other replies must still be recorded; this one is raised below.
            logger.exception("recording a reply failed", message_id=message_id)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("Some replies were not recorded.", failures)
    return outcomes


def _record(received: Mapping[str, Any], message_id: str) -> ReplyOutcome:
    reply, reason = _read(received, message_id)
    outcome = wiring.replies().record(reply)
    logger.info(
        "reply received",
        message_id=message_id,
        uid=reply.uid if reply else None,
        answer=reply.answer if reply else None,
        outcome=outcome,
        reason=reason,
    )
    return outcome


def _read(received: Mapping[str, Any], message_id: str) -> tuple[Reply | None, str | None]:
    """Return the reply, or None and why it cannot be read."""
    received_at = datetime.fromisoformat(received["mail"]["timestamp"]).astimezone(UTC)
    sent_to = received["receipt"]["recipients"]
    try:
        raw = wiring.incoming_mails().read(message_id)
        return read_reply(raw, sent_to=sent_to, received_at=received_at), None
    except ReplyUnreadable as error:
        return None, error.message
