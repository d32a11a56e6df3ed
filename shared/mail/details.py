"""What a mail shows of a session: single-line texts that are safe to print."""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit, urlunsplit

from shared.domain.event import Contact, Event
from shared.domain.invite import InviteMethod
from shared.domain.text import cleaned, in_one_line, is_blank, is_one_line
from shared.mail.times import is_same_clock, period
from shared.ports import InviteMail

_SESSION = "Session"
_LINK = re.compile(r"://|\bwww\.|[\w-]\.[a-z]{2,}\b|@", re.IGNORECASE)
"""Text that mail clients turn into a link."""

_URI_CHARACTERS = "!$&'()*+,-./:;=?@_~%"
"""Characters besides letters and digits that a path, a query or a fragment may have (RFC 3986)."""

_URI = re.compile(r"[A-Za-z0-9!$&'()*+,\-./:;=?@_~%#\[\]]+")

Row = tuple[str, str]
"""The name of a detail and its text."""

LINK = "Link"
"""The name of the row that has the address to join."""


def one_line(text: str) -> str:
    """Return the text without the marks that reorder text on screen.

    Raises:
        ValueError: when it has a line break or a control character.
    """
    if not is_one_line(text):
        raise ValueError("a text of an invitation contains a line break or a control character")
    return cleaned(text)


def web_address(text: str) -> str:
    """Return the link as a URI in ASCII (RFC 3986), which clients show and open.

    Raises:
        ValueError: when it is not an http or https URL, or contains a space.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or any(each.isspace() for each in text):
        raise ValueError("the link of an invitation is not an http or https URL")
    one_line(text)
    if _URI.fullmatch(text):
        return text
    rest = (quote(each, safe=_URI_CHARACTERS) for each in (parts.path, parts.query, parts.fragment))
    return urlunsplit((parts.scheme, _ascii_authority(parts.netloc), *rest))


def _ascii_authority(authority: str) -> str:
    """Return user, host and port in ASCII; a host of another script becomes Punycode."""
    if authority.isascii():
        return quote(authority, safe=f"{_URI_CHARACTERS}[]")
    try:
        return authority.encode("idna").decode()
    except UnicodeError as error:
        raise ValueError("the link of an invitation has an invalid host") from error


def title(mail: InviteMail) -> str:
    """Return the title, or a default.

    A guest does not see a title with a link that a learner may have written.
    """
    event = mail.event
    creator = event.created_by
    is_by_learner = creator is not None and creator.actor_id in event.learner_ids
    if mail.is_guest and is_by_learner and _LINK.search(event.title):
        return _SESSION
    return shown_title(event.title)


def shown_title(text: str) -> str:
    """Return a title, or a default if it is blank."""
    return unless_blank(text) or _SESSION


def place(text: str | None) -> str:
    """Return a location on one line, or an empty text if it is not known.

    Lines of their own could look like other details of the session.
    """
    return unless_blank(in_one_line(text or "", between=", "))


def shown_name(name: str | None) -> str:
    """Return a person's name, or an empty text if it is not known."""
    return unless_blank(name)


def spoken_name(name: str | None) -> str:
    """Return a name for a sentence, or an empty text if it contains a link or an address."""
    shown = shown_name(name)
    return "" if _LINK.search(shown) else shown


def own_zone(mail: InviteMail) -> str:
    """Return the zone in which the recipient reads times."""
    return mail.zone or mail.event.zone


def rows(mail: InviteMail) -> list[Row]:
    """Return the details of the session in display order.

    A cancellation has no address to join.
    """
    event = mail.event
    found = [("When", when(mail))]
    where = place(event.location)
    if mail.content.method is InviteMethod.CANCEL:
        return [*found, *([("Where", where)] if where and "://" not in where else [])]
    if where:
        found.append(("Where", where))
    if event.session_link:
        found.append((LINK, web_address(event.session_link)))
    return [*found, *_people(event)]


def when(mail: InviteMail) -> str:
    """Return the time in the recipient's zone, and in the session's if clocks there differ."""
    zone, interval, session_zone = own_zone(mail), mail.event.interval, mail.event.zone
    own = period(interval, zone)
    if is_same_clock(interval, zone, session_zone):
        return own
    return f"{own}; in the time zone of the session: {period(interval, session_zone)}"


def changes(mail: InviteMail) -> list[Row]:
    """Return the old values of what an update changes."""
    before, event = mail.before, mail.event
    if before is None:
        return []
    zone = mail.zone or before.zone
    pairs = (
        ("Old title", shown_title(before.title), shown_title(event.title)),
        ("Old time", period(before.interval, zone), period(event.interval, own_zone(mail))),
        ("Old place", place(before.location) or "none", place(event.location) or "none"),
        ("Old link", before.session_link or "none", event.session_link or "none"),
    )
    return [(name, one_line(old)) for name, old, new in pairs if old != new]


def _people(event: Event) -> list[Row]:
    roles = (
        ("Coach", "Coaches", event.coach_ids),
        ("Learner", "Learners", event.learner_ids),
        ("Admin", "Admins", (event.attending_admin,) if event.attending_admin else ()),
    )
    found = (
        (singular if len(user_ids) == 1 else plural, _names(event, user_ids))
        for singular, plural, user_ids in roles
    )
    return [(name, names) for name, names in found if names]


def _names(event: Event, user_ids: Iterable[str]) -> str:
    """Return the names that are known, without addresses, and how many others there are."""
    known = {each.user_id: _public_name(each) for each in event.contacts}
    users = list(user_ids)
    names = [known[user] for user in users if known.get(user)]
    others = len(users) - len(names)
    return ", ".join([*names, *([f"{others} more"] if names and others else [])])


def _public_name(contact: Contact) -> str:
    name = shown_name(contact.name)  # raises for a name that no mail may contain
    return name if contact.public_name else ""


def unless_blank(text: str | None) -> str:
    """Return a text on one line, or an empty text if it shows nothing."""
    shown = one_line(text or "")
    return "" if is_blank(shown) else shown
