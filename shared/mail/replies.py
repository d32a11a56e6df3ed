"""Parses replies to invitations, as Google Calendar, Outlook and Apple's calendars send them.

They are iTIP objects with the method REPLY in a mail (RFC 5546, 3.2.3; RFC 6047). What differs:
Outlook omits the organizer and writes MAILTO in capitals, CalDAV servers name an attendee by a URI
of their own with the address in the parameter EMAIL, and Google writes the comment into the
parameter X-RESPONSE-COMMENT. The sender of the mail is often a server of theirs, so it proves
nothing; what proves who answers is the secret address that the mail was sent to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import unquote

from shared.domain.address import normalise
from shared.domain.invite import Answer
from shared.domain.replies import Reply
from shared.domain.text import cleaned, is_blank, without_bidi_controls
from shared.mail.mime_parts import MimePart, mime_parts
from shared.mail.reply_calendar import ContentLine, ReplyCalendar, read_calendar
from shared.ports import ReplyUnreadable

LONGEST_COMMENT = 1_000
LONGEST_UID = 300
HIGHEST_SEQUENCE = 2**31 - 1
"""The highest value of an iCalendar integer (RFC 5545, 3.3.8)."""

_INLINE = "text/calendar"
_CALENDARS = frozenset({_INLINE, "application/ics"})
_MAILTO = "mailto:"
_ANSWERS: Mapping[str, Answer] = {
    "ACCEPTED": Answer.ACCEPTED,
    "DECLINED": Answer.DECLINED,
    "TENTATIVE": Answer.TENTATIVE,
    "NEEDS-ACTION": Answer.NEEDS_ACTION,
}


def read_reply(raw: bytes, *, sent_to: Sequence[str], received_at: datetime) -> Reply:
    """Parse a mail; `sent_to` are the recipients of its envelope.

    Raises:
        ReplyUnreadable: when it is not a reply, or not one that can be read.
    """
    parts = mime_parts(raw, content_types=_CALENDARS)
    if not parts:
        raise ReplyUnreadable("The mail has no calendar part.")
    part = next((each for each in parts if each.content_type == _INLINE), parts[0])
    calendar = read_calendar(_text(part))
    if calendar.method != "REPLY":
        raise ReplyUnreadable(f"The calendar part has the method {calendar.method[:20]!r}.")
    if calendar.first("RECURRENCE-ID"):
        raise ReplyUnreadable("The reply is about one occurrence of a series.")
    attendee, stamp = calendar.one("ATTENDEE"), calendar.first("DTSTAMP")
    return Reply(
        uid=_uid(calendar.one("UID")),
        address=_address(attendee),
        sent_to=tuple(sent_to),
        answer=_answer(attendee),
        sequence=_sequence(calendar.first("SEQUENCE")),
        stamp=stamp.instant if stamp else None,
        received_at=received_at,
        comment=_comment(attendee, calendar),
    )


def _text(part: MimePart) -> str:
    try:
        return part.content.decode(part.charset, errors="replace")
    except (LookupError, ValueError):
        return part.content.decode(errors="replace")


def _uid(line: ContentLine) -> str:
    uid = line.text.strip()
    if not 0 < len(uid) <= LONGEST_UID or not uid.isprintable():
        raise ReplyUnreadable("The reply has an invalid UID.")
    return uid


def _address(attendee: ContentLine) -> str:
    """Return the address of the attendee.

    CalDAV servers may name an attendee by a URI of their own, with the address as a parameter.
    """
    value = attendee.value.strip()
    is_mailbox = value.lower().startswith(_MAILTO)
    address = value[len(_MAILTO) :] if is_mailbox else attendee.parameter("EMAIL")
    try:
        return normalise(unquote(address.strip()))
    except ValueError as error:
        raise ReplyUnreadable("The reply has an attendee without a valid address.") from error


def _answer(attendee: ContentLine) -> Answer:
    stated = attendee.parameter("PARTSTAT").upper() or "NEEDS-ACTION"
    if stated not in _ANSWERS:
        raise ReplyUnreadable(f"The reply has the unknown PARTSTAT {stated[:20]!r}.")
    return _ANSWERS[stated]


def _sequence(line: ContentLine | None) -> int:
    """Return SEQUENCE, which is 0 if it is missing (RFC 5546, 2.1.4)."""
    digits = line.value.strip() if line else "0"
    if not (digits.isascii() and digits.isdigit() and len(digits) <= len(str(HIGHEST_SEQUENCE))):
        raise ReplyUnreadable("The reply has an invalid SEQUENCE.")
    return min(int(digits), HIGHEST_SEQUENCE)


def _comment(attendee: ContentLine, calendar: ReplyCalendar) -> str | None:
    line = calendar.first("COMMENT")
    written = line.text if line else attendee.parameter("X-RESPONSE-COMMENT")
    text = without_bidi_controls(cleaned(written[: 4 * LONGEST_COMMENT])).strip()
    return None if is_blank(text) else text[:LONGEST_COMMENT].rstrip()
