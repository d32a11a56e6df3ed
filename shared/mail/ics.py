"""Invitations as iCalendar objects (RFC 5545) with iTIP methods (RFC 5546).

Times are in UTC, so no VTIMEZONE is needed. The recipient is the only attendee, so recipients do
not see each other's addresses.
"""

from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vText, vUri
from typing_extensions import override

from shared.domain.address import Mailbox, normalise
from shared.domain.invite import InviteMethod
from shared.mail.details import one_line, place, shown_name, title, web_address
from shared.mail.text import notes, reason
from shared.ports import InviteMail

PRODUCT_ID = "-//Calendar service//Invitations//EN"
_ADDRESS_CHARACTERS = "!$'*+-._~@"
"""Characters besides letters and digits that need no encoding in a mailto URI (RFC 6068)."""


class EscapedText(vText):
    """A text whose characters all survive (RFC 5545, 3.3.11).

    The library's own class writes a backslash before an N as a line break.
    """

    @override
    def to_ical(self) -> bytes:
        escaped = str(self).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\n", "\\n").encode()


def calendar_text(mail: InviteMail, *, sender: Mailbox, organizer: str | None = None) -> str:
    """Return the calendar object with folded lines that end in CRLF.

    `organizer` is the address that calendars answer to, None if it is that of the sender.

    Raises:
        ValueError: when a text contains line breaks or control characters, or the address is
            invalid.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", mail.content.method.value)
    calendar.add_component(_event(mail, _organizer(sender, organizer)))
    text: str = calendar.to_ical().decode()
    return text


def _event(mail: InviteMail, organizer: vCalAddress) -> Event:
    event = Event()
    event.add("UID", one_line(mail.uid))
    event.add("DTSTAMP", mail.stamp.replace(microsecond=0))
    event.add("DTSTART", mail.event.interval.start)
    event.add("DTEND", mail.event.interval.end)
    event.add("SEQUENCE", mail.content.sequence)
    is_cancelled = mail.content.method is InviteMethod.CANCEL
    event.add("STATUS", vText("CANCELLED" if is_cancelled else "CONFIRMED"))
    event.add("TRANSP", vText("OPAQUE"))
    _add_texts(event, mail, is_cancelled=is_cancelled)
    event.add("ORGANIZER", organizer)
    event.add("ATTENDEE", _attendee(mail))
    return event


def _add_texts(event: Event, mail: InviteMail, *, is_cancelled: bool) -> None:
    event.add("SUMMARY", EscapedText(title(mail)))
    event.add("DESCRIPTION", EscapedText(notes(mail)))
    if why := reason(mail):
        event.add("COMMENT", EscapedText(why))
    where = place(mail.event.location)
    if where and not (is_cancelled and "://" in where):
        event.add("LOCATION", EscapedText(where))
    if mail.event.session_link and not is_cancelled:
        event.add("URL", vUri(web_address(mail.event.session_link)))


def _organizer(sender: Mailbox, address: str | None) -> vCalAddress:
    """Return the organizer; the sender of the mail acts for another one (RFC 6047, 3)."""
    if address is None:
        return _person(sender)
    organizer = _person(Mailbox(sender.name, normalise(address)))
    organizer.params["SENT-BY"] = str(_person(sender))
    return organizer


def _attendee(mail: InviteMail) -> vCalAddress:
    person = _person(Mailbox(mail.name, normalise(mail.address)))
    person.params["CUTYPE"] = "INDIVIDUAL"
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "TRUE"
    return person


def _person(mailbox: Mailbox) -> vCalAddress:
    person = vCalAddress(f"mailto:{quote(mailbox.address, safe=_ADDRESS_CHARACTERS)}")
    # RFC 5545 has no escapes in parameters, but some clients treat a backslash as one.
    if name := shown_name(mailbox.name).replace("\\", "/"):
        person.params["CN"] = name
    return person
