"""Sample invitations, the whole sequence of mails of a session, and parsers for them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from typing import Any

from icalendar import Calendar

from shared.domain.event import Contact, Event, EventStatus
from shared.domain.interval import Interval
from shared.domain.invite import InviteMethod, mail_content
from shared.mail.writer import MimeInvites
from shared.ports import CancelCause, InviteMail
from tests.support.store_samples import session

SENDER = "Coaching, Inc. <sessions@mail.example>"
ADDRESS = "kay@example.org"
UID = "1-a@mail.example"
STAMP = datetime(2026, 2, 20, 8, 30, tzinfo=UTC)
START = datetime(2026, 3, 27, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def meeting(**changes: Any) -> Event:
    """Return a session in Berlin with every field that appears in a mail."""
    fields: dict[str, Any] = {
        "title": "Coaching",
        "interval": Interval(START, START + HOUR),
        "zone": "Europe/Berlin",
        "location": "Room 2; first floor, left",
        "session_link": "https://meet.example/1?a=b&c=d,e;f",
        "contacts": (
            Contact("coach-1", "ada@example.org", "Ada Lovelace"),
            Contact("learner-1", ADDRESS, "Kay"),
        ),
    }
    return session(**{**fields, **changes})


def invitation(
    event: Event | None = None, *, method: InviteMethod = InviteMethod.REQUEST, **changes: Any
) -> InviteMail:
    """Return the content of one mail."""
    event = event or meeting()
    fields: dict[str, Any] = {
        "event": event,
        "content": mail_content(event, method),
        "uid": UID,
        "address": ADDRESS,
        "name": "Kay",
        "stamp": changes.get("stamp", STAMP),
        "sent_at": changes.get("stamp", STAMP),
    }
    return InviteMail(**{**fields, **changes})


def cancellation(
    *,
    cause: CancelCause = CancelCause.SESSION_CANCELLED,
    reason: str | None = None,
    **changes: Any,
) -> InviteMail:
    """Return a mail that cancels an invitation."""
    event = meeting(status=EventStatus.CANCELLED, sequence=1, **changes)
    return invitation(event, method=InviteMethod.CANCEL, cause=cause, reason=reason)


def mail_sequence() -> dict[str, InviteMail]:
    """Return every mail of a session: created, moved three times, another room, cancelled."""
    event = meeting()
    mails = {"0-created": invitation(event)}
    for number in range(1, 4):
        starts = event.interval.start + timedelta(days=1)
        event = replace(event, interval=Interval(starts, starts + HOUR), sequence=number)
        mails[f"{number}-moved"] = _next(event, number)
    event = replace(event, location="Raum 3, Süd 🗓", session_link=None, sequence=4)
    mails["4-other-room"] = _next(event, 4)
    event = replace(event, status=EventStatus.CANCELLED, sequence=5)
    mails["5-cancelled"] = _next(event, 5, InviteMethod.CANCEL)
    return mails


def _next(event: Event, number: int, method: InviteMethod = InviteMethod.REQUEST) -> InviteMail:
    stamp = STAMP + timedelta(minutes=number)
    return invitation(event, method=method, stamp=stamp, is_update=True)


def written(mail: InviteMail) -> bytes:
    """Return the MIME message for SES."""
    return MimeInvites(sender=SENDER).write(mail)


def parsed(raw: bytes) -> EmailMessage:
    """Return the parsed message, which must have no defects."""
    message = BytesParser(EmailMessage, policy=SMTP).parsebytes(raw)
    assert not [defect for part in message.walk() for defect in part.defects]
    return message


def part(raw: bytes, content_type: str) -> EmailMessage:
    """Return the one part of that type."""
    (match,) = (each for each in parsed(raw).walk() if each.get_content_type() == content_type)
    assert isinstance(match, EmailMessage)
    return match


def text(raw: bytes, content_type: str) -> str:
    """Return the text of the one part of that type, with line feeds."""
    return body(raw, content_type).decode().replace("\r\n", "\n")


def body(raw: bytes, content_type: str) -> bytes:
    """Return the bytes of the one part of that type, decoded."""
    payload = part(raw, content_type).get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload


def calendar(raw: bytes) -> Calendar:
    """Return the calendar object of the message."""
    component = Calendar.from_ical(body(raw, "text/calendar"))
    assert isinstance(component, Calendar)
    return component


def vevent(raw: bytes) -> Any:
    """Return the one event of the message."""
    (event,) = calendar(raw).subcomponents
    assert event.name == "VEVENT"
    return event
