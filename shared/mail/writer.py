"""Invitations as MIME messages (RFC 5322, 2045-2047, 6047).

    multipart/mixed
    ├── multipart/alternative
    │   ├── text/plain
    │   ├── text/html
    │   └── text/calendar; method=REQUEST|CANCEL
    └── application/ics, invite.ics

Mail clients that read iTIP act on the calendar part; the others offer the file. The older message
classes of the standard library are used on purpose: the newer ones decode what looks like an
encoded word in a text they are given, and a title may look like one.
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

from shared.domain.address import Mailbox, mailbox, normalised
from shared.mail.ics import calendar_text
from shared.mail.text import html, plain, shown_name, subject
from shared.ports import InviteMail

_POLICY = compat32.clone(linesep="\r\n", max_line_length=78)
# What needs no folding and cannot be taken for an encoded word.
_PLAIN = re.compile(r"(?! )[A-Za-z0-9 .,:;!'()&/+-]{1,60}(?<! )")
_READABLE = Charset("utf-8")
_READABLE.body_encoding = QP


class MimeInvites:
    """Fills `InviteWriter`; `sender`, `Name <address>` or an address, is organizer and From."""

    def __init__(self, *, sender: str) -> None:
        self._sender = mailbox(sender)

    def write(self, mail: InviteMail) -> bytes:
        """Return the whole message: 7-bit, lines of at most 998 bytes, each ended by CRLF.

        Equal mails give equal bytes.

        Raises:
            ValueError: when a text holds line breaks or control characters, or the address is none.
        """
        number = _number(mail)
        calendar = calendar_text(mail, organizer=self._sender)
        message = MIMEMultipart("mixed", boundary=f"=_m_{number}")
        _set_headers(message, self._headers(mail, number))
        message.attach(_alternatives(mail, calendar, number))
        message.attach(_attachment(mail, calendar))
        written = BytesIO()
        BytesGenerator(written, mangle_from_=False, policy=_POLICY).flatten(message)
        return written.getvalue()

    def _headers(self, mail: InviteMail, number: str) -> dict[str, Header | str]:
        return {
            "From": _person(self._sender, "From"),
            "To": _person(Mailbox(mail.name, normalised(mail.address)), "To"),
            "Subject": _words(subject(mail), "Subject"),
            "Date": format_datetime(mail.stamp),
            "Message-ID": f"<{number}@{self._sender.domain}>",
            "Auto-Submitted": "auto-generated",
        }


def _set_headers(message: Any, headers: Mapping[str, Header | str]) -> None:
    # Typeshed knows headers as str only.
    for name, value in headers.items():
        message[name] = value


def _number(mail: InviteMail) -> str:
    """Return what tells one mail from another."""
    told = mail.content
    parts = (mail.uid, mail.address, told.method, told.sequence, told.digest, mail.stamp)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def _alternatives(mail: InviteMail, calendar: str, number: str) -> MIMEMultipart:
    # Typeshed knows charsets by name only.
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


def _words(text: str, name: str) -> Header | str:
    """Return the value of a header; what is not plain goes as encoded words (RFC 2047)."""
    return text if _PLAIN.fullmatch(text) else Header(text, "utf-8", header_name=name)


def _person(person: Mailbox, name: str) -> Header | str:
    shown = shown_name(person.name)
    if not shown:
        return person.address
    value = Header(shown, "utf-8", header_name=name)
    value.append(f"<{person.address}>", "us-ascii")
    return value
