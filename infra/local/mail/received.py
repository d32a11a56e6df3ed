"""Receives mail as SES does: stores it in S3, then invokes the function of the receipt rule."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.aws import REGION, open_session
from infra.local.event_sources import HandlerInvoker
from infra.local.mail.events import ACCOUNT, instant
from infra.local.mail.reply_mail import ReplyChoice, addresses_to_answer, reply_mail
from infra.local.mail.sent import SentMail
from shared.aws.incoming import PREFIX

DOMAIN = "rsvp.sessions.example"
HANDLER = "functions.rsvp.handler"
FUNCTION = "rsvp"
INVOCATION_SECONDS = 30
_FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:calendar-service-rsvp"
_SHORTEST, _CLOSE = timedelta(milliseconds=1), timedelta(minutes=1)
_VERDICTS = ("spamVerdict", "virusVerdict", "spfVerdict", "dmarcVerdict")


def create_bucket(environment: Mapping[str, str]) -> dict[str, str]:
    """Create the bucket in the AWS of `environment`; return the variables of the functions.

    The organizer of invitations stays the sender, so that they look as in a deployment that
    receives no answers.
    """
    name = f"calendar-service-replies-{environment['AWS_ACCESS_KEY_ID']}"
    where: Any = {"LocationConstraint": REGION}
    _client(environment).create_bucket(Bucket=name, CreateBucketConfiguration=where)
    return {"REPLIES_BUCKET": name, "RSVP_DOMAIN": DOMAIN, "RSVP_ORGANIZER": "sender"}


def received_payload(message_id: str, recipients: Sequence[str], *, at: datetime) -> dict[str, Any]:
    """Return SES's payload of a Lambda action (SES developer guide, "Lambda function action")."""
    headers = [{"name": "To", "value": ", ".join(recipients)}]
    return {
        "Records": [
            {
                "eventSource": "aws:ses",
                "eventVersion": "1.0",
                "ses": {
                    "mail": {
                        "timestamp": instant(at),
                        "source": "recipient@example.org",
                        "messageId": message_id,
                        "destination": list(recipients),
                        "headersTruncated": False,
                        "headers": headers,
                        "commonHeaders": {
                            "returnPath": "recipient@example.org",
                            "from": ["recipient@example.org"],
                            "date": f"{at.astimezone(UTC):%a, %d %b %Y %H:%M:%S} +0000",
                            "to": list(recipients),
                            "messageId": f"<{message_id}@example.org>",
                            "subject": "Accepted",
                        },
                    },
                    "receipt": {
                        "timestamp": instant(at),
                        "processingTimeMillis": 574,
                        "recipients": list(recipients),
                        **{name: {"status": "PASS"} for name in _VERDICTS},
                        "action": {
                            "type": "Lambda",
                            "functionArn": _FUNCTION_ARN,
                            "invocationType": "Event",
                        },
                    },
                },
            }
        ]
    }


class ReceivedMails:
    """Receives the mails to the domain in `environment`, each later than the one before.

    The service's clock may stand still.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        invoker: HandlerInvoker,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._environment = environment
        self._invoker = invoker
        self._now = now
        self._last = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def answer(self, mail: SentMail, choice: ReplyChoice) -> str:
        """Answer an invitation as a calendar does; return what the service made of the reply.

        Raises:
            ValueError: when the mail is no invitation, or has no address for answers.
            InvocationFailed: when the function failed.
        """
        domain = f"@{self._environment.get('RSVP_DOMAIN', '')}"
        ours = [each for each in addresses_to_answer(mail) if each.endswith(domain)]
        if not ours:
            raise ValueError("The mail has no address that receives answers")
        at = self._next_time()
        return self.receive(reply_mail(mail, choice, to=ours[0], at=at), ours, at=at)

    def receive(self, raw: bytes, recipients: Sequence[str], *, at: datetime) -> str:
        """Receive a mail; return the outcome of processing it.

        Raises:
            InvocationFailed: when the function failed.
        """
        message_id = uuid.uuid4().hex
        store_mail(self._environment, message_id, raw)
        payload = received_payload(message_id, recipients, at=at)
        outcomes = self._invoker.invoke(
            HANDLER, payload, function=FUNCTION, seconds=INVOCATION_SECONDS
        )
        return str(outcomes[message_id])

    def _next_time(self) -> datetime:
        with self._lock:
            now = self._now()
            is_stopped = now <= self._last < now + _CLOSE
            self._last = self._last + _SHORTEST if is_stopped else now
            return self._last


def store_mail(environment: Mapping[str, str], message_id: str, raw: bytes) -> None:
    """Store a mail in the bucket as SES does."""
    bucket, key = environment["REPLIES_BUCKET"], f"{PREFIX}{message_id}"
    _client(environment).put_object(Bucket=bucket, Key=key, Body=raw)


def _client(environment: Mapping[str, str]) -> Any:
    session = open_session(environment)
    return session.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"])
