"""Builds the mails with which calendars answer an invitation, each in the shape of its client.

Written from what Google Calendar, Outlook and iCloud are known to send; RFC 5546, 3.2.3.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, getaddresses
from enum import StrEnum
from typing import Any

from icalendar import Calendar, Event, vCalAddress

from infra.local.mail.sent import SentMail


class ReplyClient(StrEnum):
    """The calendars whose replies can be built."""

    GOOGLE = "google"
    OUTLOOK = "outlook"
    APPLE = "apple"


PARTSTATS = ("ACCEPTED", "DECLINED", "TENTATIVE", "NEEDS-ACTION")
_WORDS = {"ACCEPTED": "Accepted", "DECLINED": "Declined", "TENTATIVE": "Tentative"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyChoice:
    """What a user chooses in the calendar, and which calendar it is."""

    partstat: str
    comment: str | None = None
    client: ReplyClient = ReplyClient.GOOGLE


def addresses_to_answer(mail: SentMail) -> tuple[str, ...]:
    """Return the addresses that answers go to: the organizer and those in Reply-To.

    Raises:
        ValueError: when the mail is no invitation.
    """
    organizer = str(_invited(mail)["ORGANIZER"]).removeprefix("mailto:")
    headers = [str(each) for each in mail.mime.get_all("reply-to", [])]
    return tuple(dict.fromkeys([organizer, *(address for _, address in getaddresses(headers))]))


def reply_mail(mail: SentMail, choice: ReplyChoice, *, to: str, at: datetime) -> bytes:
    """Return the mail with the answer to an invitation.

    Raises:
        ValueError: when the mail is no invitation.
    """
    invited = _invited(mail)
    calendar = _CALENDARS[choice.client](invited, choice, at)
    message = _MESSAGES[choice.client](calendar.to_ical().decode(), choice)
    word = _WORDS.get(choice.partstat, "Unanswered")
    message["From"] = str(invited["ATTENDEE"]).removeprefix("mailto:")
    message["To"] = to
    message["Subject"] = f"{word}: {mail.subject}"
    message["Date"] = format_datetime(at.astimezone(UTC))
    return message.as_bytes()


def _invited(mail: SentMail) -> Event:
    for part in mail.mime.walk():
        if part.get_content_type() == "text/calendar":
            payload: Any = part.get_payload(decode=True)
            calendar: Any = Calendar.from_ical(payload)
            if calendar["METHOD"] == "REQUEST":
                event: Event = calendar.walk("VEVENT")[0]
                return event
    raise ValueError("The mail is no invitation, so calendars do not answer it")


def _calendar(product: str, event: Event) -> Calendar:
    calendar = Calendar()
    calendar.add("PRODID", product)
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "REPLY")
    calendar.add_component(event)
    return calendar


def _event(invited: Event, attendee: vCalAddress, *, at: datetime, names: tuple[str, ...]) -> Event:
    event = Event()
    event.add("DTSTAMP", at.astimezone(UTC).replace(microsecond=0))
    for name in ("UID", "DTSTART", "DTEND", "SEQUENCE", *names):
        if name in invited:
            event[name] = invited[name]
    event.add("ATTENDEE", attendee)
    return event


def _attendee(invited: Event, **parameters: str) -> vCalAddress:
    attendee = vCalAddress(str(invited["ATTENDEE"]))
    for name, value in parameters.items():
        attendee.params[name.replace("_", "-")] = value
    return attendee


def _google(invited: Event, choice: ReplyChoice, at: datetime) -> Calendar:
    attendee = _attendee(
        invited,
        CUTYPE="INDIVIDUAL",
        ROLE="REQ-PARTICIPANT",
        PARTSTAT=choice.partstat,
        X_NUM_GUESTS="0",
        **({"X_RESPONSE_COMMENT": choice.comment} if choice.comment else {}),
    )
    names = ("ORGANIZER", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP")
    event = _event(invited, attendee, at=at, names=names)
    calendar = _calendar("-//Google Inc//Google Calendar 70.9054//EN", event)
    calendar.add("CALSCALE", "GREGORIAN")
    return calendar


def _outlook(invited: Event, choice: ReplyChoice, at: datetime) -> Calendar:
    attendee = _attendee(invited, PARTSTAT=choice.partstat, CN="Recipient")
    attendee = _with_value(attendee, str(attendee).replace("mailto:", "MAILTO:"))
    event = _event(invited, attendee, at=at, names=("LOCATION",))
    event.add("SUMMARY", f"{_WORDS.get(choice.partstat, '')}: {invited['SUMMARY']}")
    if choice.comment:
        event.add("COMMENT", f"{choice.comment}\n", parameters={"LANGUAGE": "en-US"})
    event.add("X-MICROSOFT-CDO-APPT-SEQUENCE", str(invited["SEQUENCE"]))
    return _calendar("Microsoft Exchange Server 2010", event)


def _apple(invited: Event, choice: ReplyChoice, at: datetime) -> Calendar:
    address = str(invited["ATTENDEE"]).removeprefix("mailto:")
    attendee = _attendee(
        invited,
        CUTYPE="INDIVIDUAL",
        EMAIL=address,
        PARTSTAT=choice.partstat,
        ROLE="REQ-PARTICIPANT",
    )
    attendee = _with_value(attendee, "/1234567890/principal/")
    event = _event(invited, attendee, at=at, names=("ORGANIZER", "SUMMARY"))
    if choice.comment:
        event.add("COMMENT", choice.comment)
    event["REQUEST-STATUS"] = "2.0;Success"
    return _calendar("-//CALENDARSERVER.ORG//NONSGML Version 1//EN", event)


def _with_value(attendee: vCalAddress, value: str) -> vCalAddress:
    changed = vCalAddress(value)
    changed.params = attendee.params
    return changed


def _mixed(text: str, choice: ReplyChoice) -> MIMEBase:
    whole = MIMEMultipart("mixed")
    whole.attach(_alternative(text, choice))
    attachment = MIMEApplication(text.encode(), "ics", name="invite.ics")
    attachment.add_header("Content-Disposition", "attachment", filename="invite.ics")
    whole.attach(attachment)
    return whole


def _alternative(text: str, choice: ReplyChoice) -> MIMEBase:
    readable = MIMEText(f"{choice.comment or _WORDS.get(choice.partstat, '')}\n", "plain", "utf-8")
    calendar = MIMEText(text, "calendar", "utf-8")
    calendar.set_param("method", "REPLY", requote=False)
    parts = MIMEMultipart("alternative")
    parts.attach(readable)
    parts.attach(calendar)
    return parts


_CALENDARS: Mapping[ReplyClient, Callable[[Event, ReplyChoice, datetime], Calendar]] = {
    ReplyClient.GOOGLE: _google,
    ReplyClient.OUTLOOK: _outlook,
    ReplyClient.APPLE: _apple,
}
_MESSAGES: Mapping[ReplyClient, Callable[[str, ReplyChoice], MIMEBase]] = {
    ReplyClient.GOOGLE: _mixed,
    ReplyClient.OUTLOOK: _alternative,
    ReplyClient.APPLE: _mixed,
}
