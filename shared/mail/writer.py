"""Invitations as MIME messages (RFC 5322, 2045-2047, 6047).

    multipart/mixed
    ├── multipart/alternative
    │   ├── text/plain
    │   ├── text/html
    │   └── text/calendar; method=REQUEST|CANCEL
    └── application/ics, invite.ics

Mail clients that support iTIP use the calendar part; the others show the attachment. This module
uses the older message classes of the standard library on purpose: the newer ones decode text that
looks like an encoded word, and a title may look like one.
"""

import hashlib
import re
from collections.abc import Mapping
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime
from io import BytesIO
from typing import Any

from typing_extensions import override

from shared.domain.address import Mailbox, normalise, parse_mailbox
from shared.mail.details import shown_name
from shared.mail.ics import calendar_text
from shared.mail.text import html, plain, subject
from shared.ports import InviteMail, InviteWriter

_POLICY = compat32.clone(linesep="\r\n", max_line_length=78)
# Text that needs no folding and cannot look like an encoded word.
_PLAIN = re.compile(r"(?! )[A-Za-z0-9 .,:;!'()&/+-]{1,60}(?<! )")
_READABLE = Charset("utf-8")
_READABLE.body_encoding = QP


class MimeInvites(InviteWriter):
    """MIME messages; `sender` is `Name <address>` or an address, used as organizer and From.

    Replies go to `reply_to` if it is not empty, else to the sender; if this service receives
    answers, also to the mail's own address for them. Calendars send an answer to the organizer,
    which is that address too, unless `organizes_as_sender`.
    """

    def __init__(
        self, *, sender: str, reply_to: str = "", organizes_as_sender: bool = False
    ) -> None:
        self._sender = parse_mailbox(sender)
        self._reply_to = parse_mailbox(reply_to) if reply_to else None
        self._organizes_as_sender = organizes_as_sender

    @override
    def write(self, mail: InviteMail) -> bytes:
        """Return the message with lines of at most 998 bytes; equal mails give equal bytes.

        Raises:
            ValueError: when a text contains line breaks or control characters, or the address is
                invalid.
        """
        number = _number(mail)
        organizer = None if self._organizes_as_sender else mail.reply_address
        calendar = calendar_text(mail, sender=self._sender, organizer=organizer)
        message = MIMEMultipart("mixed", boundary=f"=_m_{number}")
        _set_headers(message, self._headers(mail, number))
        message.attach(_alternatives(mail, calendar, number))
        message.attach(_attachment(mail, calendar))
        buffer = BytesIO()
        BytesGenerator(buffer, mangle_from_=False, policy=_POLICY).flatten(message)
        return buffer.getvalue()

    def _headers(self, mail: InviteMail, number: str) -> dict[str, Header | str]:
        return {
            "From": _person(self._sender, "From"),
            "To": _person(Mailbox(mail.name, normalise(mail.address)), "To"),
            "Subject": _header(subject(mail), "Subject"),
            "Date": format_datetime(mail.sent_at),
            "Message-ID": f"<{number}@{self._sender.domain}>",
            # Exchange sends no automatic replies then. Auto-Submitted (RFC 3834) would ask all
            # programs for this, but importers of invitations skip mail that has it.
            "X-Auto-Response-Suppress": "OOF, AutoReply",
            **self._replies(mail),
        }

    def _replies(self, mail: InviteMail) -> dict[str, Header | str]:
        """Return Reply-To if it differs from From: first for programs, then for people."""
        if mail.reply_address:
            person = self._reply_to or self._sender
            return {"Reply-To": _people(normalise(mail.reply_address), person, "Reply-To")}
        return {"Reply-To": _person(self._reply_to, "Reply-To")} if self._reply_to else {}


def _set_headers(message: Any, headers: Mapping[str, Header | str]) -> None:
    # In typeshed headers are str only.
    for name, value in headers.items():
        message[name] = value


def _number(mail: InviteMail) -> str:
    """Return an id derived from the content of the mail."""
    content = mail.content
    parts = (
        mail.uid,
        mail.address,
        content.method,
        content.sequence,
        content.digest,
        mail.stamp,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _alternatives(mail: InviteMail, calendar: str, number: str) -> MIMEMultipart:
    # In typeshed charsets are names only.
    readable: Any = _READABLE
    invitation = MIMEText(calendar, "calendar", "utf-8")
    invitation.set_param("method", mail.content.method.value, requote=False)
    parts = MIMEMultipart("alternative", boundary=f"=_a_{number}")
    for part in (
        MIMEText(plain(mail), "plain", readable),
        MIMEText(html(mail), "html", readable),
        invitation,
    ):
        parts.attach(part)
    return parts


def _attachment(mail: InviteMail, calendar: str) -> MIMEApplication:
    part = MIMEApplication(calendar.encode(), "ics", name="invite.ics")
    part.set_param("method", mail.content.method.value, requote=False)
    part.add_header("Content-Disposition", "attachment", filename="invite.ics")
    return part


def _header(text: str, name: str) -> Header | str:
    """Return the value of a header; text that is not plain becomes encoded words (RFC 2047)."""
    return text if _PLAIN.fullmatch(text) else Header(text, "utf-8", header_name=name)


def _person(person: Mailbox, name: str) -> Header | str:
    display_name = shown_name(person.name)
    if not display_name:
        return person.address
    value = Header(display_name, "utf-8", header_name=name)
    value.append(f"<{person.address}>", "us-ascii")
    return value


def _people(first: str, second: Mailbox, name: str) -> Header | str:
    """Return a list of an address and a person."""
    value = Header(f"{first},", "us-ascii", header_name=name)
    display_name = shown_name(second.name)
    if not display_name:
        value.append(second.address, "us-ascii")
        return value
    value.append(display_name, "utf-8")
    value.append(f"<{second.address}>", "us-ascii")
    return value
