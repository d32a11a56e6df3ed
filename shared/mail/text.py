"""The text of an invitation, as plain text and as HTML."""

from html import escape

from shared.domain.invite import InviteMethod
from shared.domain.text import in_one_line
from shared.mail.details import (
    LINK,
    Row,
    changes,
    own_zone,
    rows,
    shown_name,
    spoken_name,
    title,
    unless_blank,
)
from shared.mail.times import short_start
from shared.ports import CancelCause, InviteMail

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
<body style="font-family: sans-serif; line-height: 1.5; max-width: 40em; \
overflow-wrap: anywhere">
<p>{opening}</p>
<h1 style="font-size: 1.25em">{title}</h1>
<table role="presentation" cellpadding="4" style="table-layout: fixed; width: 100%">
{rows}
</table>
{closing}
</body>
</html>
"""
_ROW = (
    '<tr><td valign="top" width="25%"><strong>{name}</strong></td>'
    '<td valign="top" style="overflow-wrap: anywhere; word-break: break-word">{value}</td></tr>'
)
_HEADINGS = {
    CancelCause.SESSION_CANCELLED: "Cancelled",
    CancelCause.REMOVED: "You were removed",
    CancelCause.REPLACED: "Replaced",
}
_SENTENCES = {
    CancelCause.SESSION_CANCELLED: "this session has been cancelled.",
    CancelCause.REMOVED: "you were removed from this session. It may take place without you.",
    CancelCause.REPLACED: (
        "this invitation is replaced: you find the session in your connected calendar, or in an "
        "invitation to another address of yours."
    ),
}
_ANSWER = (
    "To accept or decline, use the buttons that your mail program shows, or open the attached "
    "invite.ics in your calendar."
)
_CLEAN_UP = (
    "If the session is still in your calendar, open the attached invite.ics there to remove it."
)
_PERSON = "Questions? Reply to this mail to reach a person."


def subject(mail: InviteMail) -> str:
    """Return the kind of mail, the title, and the start in the recipient's zone."""
    start = short_start(mail.event.interval, own_zone(mail))
    return f"{_heading(mail)}: {title(mail)}, {start}"


def notes(mail: InviteMail) -> str:
    """Return the details of the session for the notes of a calendar entry."""
    return "\n".join(f"{name}: {text}" for name, text in rows(mail))


def plain(mail: InviteMail) -> str:
    """Return the mail as plain text with line feeds."""
    shown = [f"{name}: {text}" for name, text in _rows(mail)]
    return "\n".join([_opening(mail), "", title(mail), *shown, "", *_closing(mail), ""])


def html(mail: InviteMail) -> str:
    """Return the mail as an HTML page without external resources or colours."""
    cells = [_ROW.format(name=escape(name), value=_cell(name, text)) for name, text in _rows(mail)]
    return _PAGE.format(
        title=escape(title(mail)),
        opening=escape(_opening(mail)),
        rows="\n".join(cells),
        closing="\n".join(f"<p>{escape(each)}</p>" for each in _closing(mail)),
    )


def reason(mail: InviteMail) -> str:
    """Return why the session was cancelled, on one line; empty if it was not or no one says."""
    is_cancelled = mail.content.method is InviteMethod.CANCEL
    return unless_blank(in_one_line(mail.reason or "", between=" ")) if is_cancelled else ""


def _rows(mail: InviteMail) -> list[Row]:
    """Return the details; the old values of an update follow the time."""
    time, *others = rows(mail)
    why = reason(mail)
    return [*([("Reason", why)] if why else []), time, *changes(mail), *others]


def _heading(mail: InviteMail) -> str:
    if mail.content.method is InviteMethod.CANCEL:
        return _HEADINGS[mail.cause]
    return "Updated invitation" if mail.is_update else "Invitation"


def _opening(mail: InviteMail) -> str:
    shown_name(mail.name)  # raises for a name that no mail may contain
    name = spoken_name(mail.name)
    return f"Hello {name}, {_sentence(mail)}" if name else f"Hello, {_sentence(mail)}"


def _sentence(mail: InviteMail) -> str:
    if mail.content.method is InviteMethod.CANCEL:
        return _SENTENCES[mail.cause]
    inviter = spoken_name(mail.inviter)
    if mail.is_update:
        by = f"that {inviter} invited you to" if inviter else "you are invited to"
        return f"this session {by} has changed."
    return (
        f"{inviter} invites you to this session." if inviter else "you are invited to this session."
    )


def _closing(mail: InviteMail) -> tuple[str, str]:
    return (_CLEAN_UP if mail.content.method is InviteMethod.CANCEL else _ANSWER, _PERSON)


def _cell(name: str, text: str) -> str:
    shown = escape(text)
    return f'<a href="{shown}">{shown}</a>' if name == LINK else shown
