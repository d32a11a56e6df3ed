"""Mail addresses as SES takes them: ASCII before the @, a domain name in ASCII after it.

RFC 5321 with RFC 5322's dot-atom as local part; no SMTPUTF8 (RFC 6531), quoted local part, comment,
route, display name or address literal. A domain in other letters becomes its A-label (RFC 3490).
"""

import re
import stringprep
from dataclasses import dataclass

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# Letters that the two versions of IDNA send to different domains.
_AMBIGUOUS = frozenset("ß\u03c2\u200c\u200d")
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_A_LABEL = "xn--"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and the name shown beside it."""

    name: str | None
    address: str

    @property
    def domain(self) -> str:
        """What follows the @."""
        return self.address.rpartition("@")[2]


def normalised(text: str) -> str:
    """Return the address with its domain in lower-case ASCII; the local part stays as it is.

    Raises:
        ValueError: when SES could not send to it; the message names no address.
    """
    local_part, at, domain = text.partition("@")
    if not at or not text.isprintable() or "@" in domain:
        raise ValueError("must be an e-mail address such as ada@example.org")
    if len(local_part) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        raise ValueError(
            "must have 1-64 unaccented letters, digits or !#$%&'*+/=?^_`{|}~.- before the @, "
            "without quotes, spaces or a dot at an end or beside another"
        )
    return f"{local_part}@{_domain(domain)}"


def mailbox(text: str) -> Mailbox:
    """Read `Name <address>` or a mere address.

    Raises:
        ValueError: when it is neither, or the name is not one line.
    """
    name, bracket, rest = text.strip().rpartition("<")
    if not bracket:
        return Mailbox(None, normalised(text.strip()))
    shown = name.strip().removeprefix('"').removesuffix('"')
    if not rest.endswith(">") or not shown.isprintable():
        raise ValueError("must be an e-mail address, or a name and an address in angle brackets")
    return Mailbox(shown or None, normalised(rest[:-1]))


def _domain(text: str) -> str:
    labels = [_label(each) for each in _DOTS.split(text)]
    domain = ".".join(labels)
    if len(labels) == 1 or len(domain) > _LONGEST_DOMAIN or labels[-1].isdigit():
        raise ValueError("must have a whole domain name such as example.org after the @")
    return domain


def _label(text: str) -> str:
    if _AMBIGUOUS.intersection(text) or any(map(stringprep.in_table_a1, text)):
        raise ValueError("has a domain that must be written in ASCII (punycode, xn--...)")
    try:
        label = _ascii(text)
    except UnicodeError:
        label = ""
    if not _LABEL.fullmatch(label):
        raise ValueError("has a domain after the @ that is no domain name")
    return label


def _ascii(label: str) -> str:
    ascii_label = label if label.isascii() else label.encode("idna").decode()
    lower = ascii_label.lower()
    if lower.startswith(_A_LABEL):
        # Raises when it stands for nothing.
        lower.removeprefix(_A_LABEL).encode().decode("punycode")
    return lower
