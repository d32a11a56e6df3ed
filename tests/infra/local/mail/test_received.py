"""Answers of calendars in a local run: the built mail is read as the calendar meant it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.aws import client_environment, open_session
from infra.local.mail.received import DOMAIN, ReceivedMails, create_bucket
from infra.local.mail.reply_mail import PARTSTATS, ReplyChoice, ReplyClient
from infra.local.mail.sent import SentMail
from shared.domain.invite import Answer, InviteMethod
from shared.domain.replies import Reply
from shared.mail.replies import read_reply
from shared.mail.writer import MimeInvites
from tests.support.aws import fresh_account
from tests.support.invitation_samples import ADDRESS, SENDER, UID, invitation

NOW = datetime(2026, 3, 26, 7, 0, 0, 500_000, tzinfo=UTC)
REPLY_ADDRESS = f"rsvp+0f@{DOMAIN}"


class Function:
    """In place of the workers: reads each mail from the bucket as the function does."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._bucket = environment["REPLIES_BUCKET"]
        self._s3: Any = open_session(environment).client(
            "s3", endpoint_url=environment["AWS_ENDPOINT_URL"]
        )
        self.replies: list[Reply] = []

    def invoke(self, module: str, payload: Any, *, function: str, seconds: float) -> Any:
        """Record the reply."""
        assert ("functions.rsvp.handler", "rsvp") == (module, function)
        assert seconds > 0
        (record,) = json.loads(json.dumps(payload))["Records"]
        message_id = record["ses"]["mail"]["messageId"]
        reply = read_reply(
            self._stored(message_id),
            sent_to=record["ses"]["receipt"]["recipients"],
            received_at=datetime.fromisoformat(record["ses"]["mail"]["timestamp"]),
        )
        self.replies.append(reply)
        return {message_id: "changed"}

    def _stored(self, message_id: str) -> bytes:
        found = self._s3.get_object(Bucket=self._bucket, Key=f"replies/{message_id}")
        stored: bytes = found["Body"].read()
        return stored


@pytest.fixture(scope="module")
def bucket(ministack_url: str) -> Mapping[str, str]:
    """The variables of an account with a bucket for received mail."""
    environment = client_environment(ministack_url, account=fresh_account())
    return {**environment, **create_bucket(environment)}


@pytest.fixture
def function(bucket: Mapping[str, str]) -> Function:
    return Function(bucket)


def calendars(bucket: Mapping[str, str], function: Function) -> ReceivedMails:
    return ReceivedMails(bucket, function, now=lambda: NOW)


def sent(*, as_sender: bool = False, **changes: Any) -> SentMail:
    """Return an invitation as the local SES stores it."""
    fields: dict[str, Any] = {"reply_address": REPLY_ADDRESS, **changes}
    writer = MimeInvites(sender=SENDER, organizes_as_sender=as_sender)
    return SentMail(
        message_id="m-1",
        source=SENDER,
        to=(ADDRESS,),
        raw=writer.write(invitation(**fields)),
        tags={},
        configuration_set=None,
        sent_at=NOW,
    )


@pytest.mark.parametrize("client", ReplyClient)
@pytest.mark.parametrize("partstat", PARTSTATS)
def test_an_answer_arrives_as_it_was_given(
    bucket: Mapping[str, str], function: Function, client: ReplyClient, partstat: str
) -> None:
    comment = 'Sorry, "late"; see you\\there\nKäy'
    choice = ReplyChoice(partstat=partstat, comment=comment, client=client)

    outcome = calendars(bucket, function).answer(sent(as_sender=partstat == "DECLINED"), choice)

    (reply,) = function.replies
    assert outcome == "changed"
    assert (UID, ADDRESS, (REPLY_ADDRESS,), 0) == (
        reply.uid,
        reply.address,
        reply.sent_to,
        reply.sequence,
    )
    assert reply.answer is Answer(partstat.lower().replace("-action", "Action"))
    assert (reply.comment or "").replace('"', "'") == comment.replace('"', "'")
    assert NOW.replace(microsecond=0) == reply.stamp


def test_an_answer_may_have_no_comment(bucket: Mapping[str, str], function: Function) -> None:
    for client in ReplyClient:
        calendars(bucket, function).answer(sent(), ReplyChoice(partstat="ACCEPTED", client=client))

    assert [None] * 3 == [each.comment for each in function.replies]


def test_answers_are_in_order_while_the_clock_stands_still(
    bucket: Mapping[str, str], function: Function
) -> None:
    answering = calendars(bucket, function)
    for partstat in ("ACCEPTED", "DECLINED", "ACCEPTED"):
        answering.answer(sent(), ReplyChoice(partstat=partstat))

    received = [each.received_at for each in function.replies]
    assert received == sorted(set(received))
    assert received[-1] < NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("mail", "message"),
    [
        (sent(method=InviteMethod.CANCEL), "no invitation"),
        (sent(reply_address=None), "no address that receives answers"),
        (sent(reply_address="rsvp+0f@other.example"), "no address that receives answers"),
    ],
)
def test_a_mail_without_an_address_for_answers_is_not_answered(
    bucket: Mapping[str, str], function: Function, mail: SentMail, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        calendars(bucket, function).answer(mail, ReplyChoice(partstat="ACCEPTED"))

    assert function.replies == []
