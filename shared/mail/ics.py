"""Invitations as iCalendar objects (RFC 5545) with iTIP methods (RFC 5546).

Times are in UTC, so no VTIMEZONE is needed. The recipient is the only attendee, so recipients do
not see each other's addresses.
"""

from icalendar import Calendar, Event, vCalAddress, vText, vUri

from shared.domain.address import Mailbox, normalise
from shared.domain.invite import InviteMethod
from shared.mail.text import details, one_line, place, shown_name, title, web_address
from shared.ports import InviteMail

PRODUCT_ID = "-//Calendar service//Invitations//EN"


def calendar_text(mail: InviteMail, *, organizer: Mailbox) -> str:
    """Return the calendar object with folded lines that end in CRLF.

    Raises:
        ValueError: when a text contains line breaks or control characters, or the address is
            invalid.
    """
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT_ID)
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", mail.content.method.value)
    calendar.add_component(_event(mail, organizer))
    text: str = calendar.to_ical().decode()
    return text


def _event(mail: InviteMail, organizer: Mailbox) -> Event:
    event = Event()
    event.add("UID", one_line(mail.uid))
    event.add("DTSTAMP", mail.stamp.replace(microsecond=0))
    event.add("DTSTART", mail.event.interval.start)
    event.add("DTEND", mail.event.interval.end)
    event.add("SEQUENCE", mail.content.sequence)
    is_cancelled = mail.content.method is InviteMethod.CANCEL
    event.add("STATUS", vText("CANCELLED" if is_cancelled else "CONFIRMED"))
    event.add("TRANSP", vText("OPAQUE"))
    _add_texts(event, mail)
    event.add("ORGANIZER", _person(organizer))
    event.add("ATTENDEE", _attendee(mail))
    return event


def _add_texts(event: Event, mail: InviteMail) -> None:
    event.add("SUMMARY", vText(title(mail.event)))
    description = "\n".join(f"{name}: {text}" for name, text in details(mail.event))
    event.add("DESCRIPTION", vText(description))
    if where := place(mail.event):
        event.add("LOCATION", vText(where))
    if mail.event.session_link:
        event.add("URL", vUri(web_address(mail.event.session_link)))


def _attendee(mail: InviteMail) -> vCalAddress:
    person = _person(Mailbox(mail.name, normalise(mail.address)))
    person.params["CUTYPE"] = "INDIVIDUAL"
    person.params["ROLE"] = "REQ-PARTICIPANT"
    person.params["PARTSTAT"] = "NEEDS-ACTION"
    person.params["RSVP"] = "TRUE"
    return person


def _person(mailbox: Mailbox) -> vCalAddress:
    person = vCalAddress(f"mailto:{mailbox.address}")
    # RFC 5545 has no escapes in parameters, but some clients treat a backslash as one.
    if name := shown_name(mailbox.name).replace("\\", "/"):
        person.params["CN"] = name
    return person
