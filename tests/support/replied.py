"""Sample replies to invitations, as parsed and as the mails in tests/data/replies."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.processes import ROOT
from shared.domain.invite import Answer, Invite, InviteMethod, MailContent
from shared.domain.replies import Reply
from tests.support.mailed import ADDRESS, attempt, invite

FOLDER: Path = ROOT / "tests" / "data" / "replies"
RECEIVED = datetime(2027, 1, 5, 10, 0, 3, tzinfo=UTC)
REPLY_ADDRESS = "rsvp+000102030405060708090a0b0c0d0e0f@rsvp.example.com"
UID = "session-1@mail.example"

SMALL = """\
From: ada@example.org
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
METHOD:REPLY
BEGIN:VEVENT
UID:session-1@mail.example
DTSTAMP:20270105T100001Z
SEQUENCE:0
ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org
END:VEVENT
END:VCALENDAR
"""
"""The smallest mail that is a reply."""


def answerable(*, sequence: int = 0, method: InviteMethod = InviteMethod.REQUEST) -> Invite:
    """Return the stored invite of `ADDRESS`, whose only mail has that SEQUENCE."""
    content = MailContent(method=method, sequence=sequence, digest="d")
    sent = invite(attempt(content=content))
    return replace(sent, reply_address=REPLY_ADDRESS)


def reply(answer: Answer = Answer.ACCEPTED, *, seconds: float = 0, **changes: Any) -> Reply:
    """Return the reply that many seconds after `RECEIVED`, which counts for `answerable()`."""
    at = RECEIVED + timedelta(seconds=seconds)
    fields: dict[str, Any] = {
        "uid": UID,
        "address": ADDRESS,
        "sent_to": (REPLY_ADDRESS,),
        "answer": answer,
        "sequence": 0,
        "stamp": at - timedelta(seconds=2),
        "received_at": at,
    }
    return Reply(**{**fields, **changes})


def reply_mail(name: str) -> bytes:
    """Return a mail of tests/data/replies, with line ends as they arrive."""
    return (FOLDER / f"{name}.eml").read_bytes().replace(b"\n", b"\r\n")
