"""E-mail addresses as SES accepts them: an ASCII local part and an ASCII domain name.

RFC 5321 with the dot-atom of RFC 5322 as local part; no SMTPUTF8 (RFC 6531), quoted local part,
comment, route, display name or address literal. Non-ASCII domains become A-labels (RFC 3490).
"""

import re
import stringprep
from dataclasses import dataclass

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL_PART = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
# Characters that IDNA 2003 and IDNA 2008 map to different domains.
_AMBIGUOUS = frozenset("ß\u03c2\u200c\u200d")
_LONGEST_LOCAL_PART = 64
_LONGEST_DOMAIN = 253
_LONGEST_ADDRESS = 254
"""A path has at most 256 octets with its angle brackets (RFC 5321, 4.5.3.1.3)."""

_A_LABEL = "xn--"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address and its display name."""

    name: str | None
    address: str

    @property
    def domain(self) -> str:
        """The part after the @."""
        return self.address.rpartition("@")[2]


def normalise(text: str) -> str:
    """Return the address with its domain in lower-case ASCII; the local part is unchanged.

    Raises:
        ValueError: when SES could not send to it; the message does not contain the address.
    """
    local_part, at, domain = text.partition("@")
    if not at or not text.isprintable() or "@" in domain:
        raise ValueError("must be an e-mail address such as ada@example.org")
    if len(local_part) > _LONGEST_LOCAL_PART or not _LOCAL_PART.fullmatch(local_part):
        raise ValueError(
            "must have 1-64 unaccented letters, digits or !#$%&'*+/=?^_`{|}~.- before the @, "
            "without quotes, spaces, a leading or trailing dot, or two dots in a row"
        )
    address = f"{local_part}@{_domain(domain)}"
    if len(address) > _LONGEST_ADDRESS:
        raise ValueError(f"must have at most {_LONGEST_ADDRESS} characters")
    return address


def parse_mailbox(text: str) -> Mailbox:
    """Parse `Name <address>` or a bare address.

    Raises:
        ValueError: when it is neither, or the name is not one line.
    """
    name, bracket, rest = text.strip().rpartition("<")
    if not bracket:
        return Mailbox(None, normalise(text.strip()))
    display_name = name.strip().removeprefix('"').removesuffix('"')
    if not rest.endswith(">") or not display_name.isprintable():
        raise ValueError("must be an e-mail address, or a name and an address in angle brackets")
    return Mailbox(display_name or None, normalise(rest[:-1]))


def _domain(text: str) -> str:
    labels = [_label(each) for each in _DOTS.split(text)]
    domain = ".".join(labels)
    if len(labels) == 1 or len(domain) > _LONGEST_DOMAIN or labels[-1].isdigit():
        raise ValueError("must have a full domain name such as example.org after the @")
    return domain


def _label(text: str) -> str:
    if _AMBIGUOUS.intersection(text) or any(map(stringprep.in_table_a1, text)):
        raise ValueError("has a domain that must be written in ASCII (punycode, xn--...)")
    try:
        label = _ascii(text)
    except UnicodeError:
        label = ""
    if not _LABEL.fullmatch(label):
        raise ValueError("has an invalid domain name after the @")
    return label


def _ascii(label: str) -> str:
    ascii_label = label if label.isascii() else label.encode("idna").decode()
    lower = ascii_label.lower()
    if lower.startswith(_A_LABEL):
        # Raises UnicodeError when the label is not valid punycode.
        lower.removeprefix(_A_LABEL).encode().decode("punycode")
    return lower
