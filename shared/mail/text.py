"""The text of an invitation, as plain text and as HTML."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from shared.domain.event import Contact, Event
from shared.domain.invite import InviteMethod
from shared.domain.text import cleaned, is_one_line
from shared.domain.zones import zone
from shared.ports import InviteMail

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
</head>
<body style="font-family: sans-serif; line-height: 1.5">
<p>{opening}</p>
<h1 style="font-size: 1.25em">{title}</h1>
<table role="presentation" cellpadding="4">
{rows}
</table>
<p>{closing}</p>
</body>
</html>
"""
_ROW = '<tr><td valign="top"><strong>{name}</strong></td><td>{value}</td></tr>'


def one_line(text: str) -> str:
    """Return the text without the marks that reorder text on screen.

    Raises:
        ValueError: when it has a line break or a control character.
    """
    if not is_one_line(text):
        raise ValueError("a text of an invitation contains a line break or a control character")
    return cleaned(text)


def web_address(text: str) -> str:
    """Return the link.

    Raises:
        ValueError: when it is not an http or https URL, or contains a space.
    """
    if urlsplit(text).scheme not in {"http", "https"} or any(each.isspace() for each in text):
        raise ValueError("the link of an invitation is not an http or https URL")
    return one_line(text)


def title(event: Event) -> str:
    """Return the title, or a default if it is blank."""
    return _unless_blank(event.title) or "Session"


def place(event: Event) -> str:
    """Return the location, or an empty text if it is not known."""
    return _unless_blank(event.location)


def shown_name(name: str | None) -> str:
    """Return a person's name, or an empty text if it is not known."""
    return _unless_blank(name)


def subject(mail: InviteMail) -> str:
    """Return the kind of mail and the title."""
    return f"{_heading(mail)}: {title(mail.event)}"


def details(event: Event) -> list[tuple[str, str]]:
    """Return the details of a session as (name, text), in display order."""
    rows = [("When", when(event))]
    if where := place(event):
        rows.append(("Where", where))
    if event.session_link:
        rows.append(("Link", web_address(event.session_link)))
    return [*rows, *_people(event)]


def plain(mail: InviteMail) -> str:
    """Return the mail as plain text with line feeds."""
    lines = [f"{name}: {text}" for name, text in details(mail.event)]
    return "\n".join([_opening(mail), "", title(mail.event), *lines, "", _closing(mail), ""])


def html(mail: InviteMail) -> str:
    """Return the mail as an HTML page without external resources or colours."""
    rows = [_ROW.format(name=escape(name), value=_cell(name, v)) for name, v in details(mail.event)]
    return _PAGE.format(
        title=escape(title(mail.event)),
        opening=escape(_opening(mail)),
        rows="\n".join(rows),
        closing=escape(_closing(mail)),
    )


def when(event: Event) -> str:
    """Return start and end in the event's zone, with the zone's name and UTC offset."""
    local = zone(event.zone)
    start, end = event.interval.start.astimezone(local), event.interval.end.astimezone(local)
    if (start.date(), start.utcoffset()) == (end.date(), end.utcoffset()):
        return f"{_day(start)}, {start:%H:%M} to {end:%H:%M} ({event.zone}, {_offset(start)})"
    return " to ".join(
        f"{_day(each)}, {each:%H:%M} ({event.zone}, {_offset(each)})" for each in (start, end)
    )


def _day(moment: datetime) -> str:
    return f"{moment:%A}, {moment.day} {moment:%B %Y}"


def _offset(moment: datetime) -> str:
    digits = f"{moment:%z}"
    return f"UTC{digits[:3]}:{digits[3:5]}"


def _people(event: Event) -> list[tuple[str, str]]:
    roles = (
        ("Coach", "Coaches", event.coach_ids),
        ("Learner", "Learners", event.learner_ids),
        ("Admin", "Admins", (event.admin_id,) if event.admin_id else ()),
    )
    return [
        (singular if len(user_ids) == 1 else plural, _names(event, user_ids))
        for singular, plural, user_ids in roles
        if user_ids
    ]


def _names(event: Event, user_ids: Iterable[str]) -> str:
    """Return names only, so that an invitation does not reveal the addresses of others."""
    known = {each.user_id: _public_name(each) for each in event.contacts}
    users = list(user_ids)
    names = [known[user] for user in users if known.get(user)]
    unnamed = len(users) - len(names)
    if not names:
        return "1 person" if unnamed == 1 else f"{unnamed} people"
    return ", ".join([*names, *([f"{unnamed} more"] if unnamed else [])])


def _public_name(contact: Contact) -> str:
    name = shown_name(contact.name)  # raises for a name that no mail may contain
    return name if contact.public_name else ""


def _heading(mail: InviteMail) -> str:
    if mail.content.method is InviteMethod.CANCEL:
        return "Cancelled"
    return "Updated invitation" if mail.is_update else "Invitation"


def _opening(mail: InviteMail) -> str:
    name = shown_name(mail.name)
    greeting = f"Hello {name}," if name else "Hello,"
    if mail.content.method is InviteMethod.CANCEL:
        sentence = "your invitation to this session has been cancelled."
    elif mail.is_update and (inviter := shown_name(mail.inviter)):
        sentence = f"this session that {inviter} invited you to has changed."
    elif mail.is_update:
        sentence = "this session you are invited to has changed."
    elif inviter := shown_name(mail.inviter):
        sentence = f"{inviter} invites you to this session."
    else:
        sentence = "you are invited to this session."
    return f"{greeting} {sentence}"


def _closing(mail: InviteMail) -> str:
    if mail.content.method is InviteMethod.CANCEL:
        return "Questions? Reply to this mail to reach a person."
    return "Questions, or you cannot come? Reply to this mail to reach a person."


def _cell(name: str, text: str) -> str:
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if name == "Link" else shown


def _unless_blank(text: str | None) -> str:
    shown = one_line(text or "")
    return shown if shown.strip() else ""
