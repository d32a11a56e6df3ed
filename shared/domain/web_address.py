"""Web addresses in sessions: the host that a person reads must be the one that a browser opens."""

import re
import unicodedata
from itertools import takewhile
from urllib.parse import urlsplit

_IN_TEXT = re.compile(r"https?:[/\\]{2,}([^\s/?#]*)", re.IGNORECASE)
_EAST_ASIAN = frozenset({"LATIN", "CJK", "IDEOGRAPHIC"})
_TOGETHER = (
    # UTS 39, section 5.2, highly restrictive: the only scripts that may share a label.
    _EAST_ASIAN | {"HIRAGANA", "KATAKANA"},
    _EAST_ASIAN | {"HANGUL"},
    _EAST_ASIAN | {"BOPOMOFO"},
)
_LIKE_LATIN = frozenset(
    # Letters of Cyrillic, Greek and Armenian that look like Latin ones (UTS 39, confusables.txt).
    "\u0430\u0433\u0435\u043a\u043e\u043f\u0440\u0441\u0443\u0445\u044a\u044c\u0455\u0456\u0458"
    "\u0461\u0475\u04bb\u04bd\u04cf\u0501\u051b\u051d"
    "\u03b1\u03b3\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c3\u03c4\u03c5\u03c7\u03c9"
    "\u0563\u0566\u0570\u0578\u057d\u0581\u0585"
)
_USER = "must not have a user name, a password or a backslash before or in its host"
_LETTERS = "must have a host that cannot be taken for another; write it in its ASCII form (xn--...)"


def check_web_address(address: str) -> None:
    """Check one http or https address without spaces.

    Raises:
        ValueError: when it is something else, has a user name, or its host mixes scripts or looks
            like a host in Latin letters.
    """
    try:
        parts = urlsplit(address)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or any(each.isspace() for each in address):
        raise ValueError("must be an http or https address")
    _check_authority(parts.netloc)


def check_addresses_in(text: str) -> None:
    """Check every http or https address that a text contains, up to punctuation after its host.

    Raises:
        ValueError: as above.
    """
    for found in _IN_TEXT.finditer(text):
        _check_user(found[1])
        _check_host("".join(takewhile(_is_of_host, found[1])))


def _check_authority(authority: str) -> None:
    _check_user(authority)
    _check_host(authority)


def _is_of_host(character: str) -> bool:
    return character.isascii() or unicodedata.category(character)[0] not in "PS"


def _check_user(authority: str) -> None:
    # Browsers treat a backslash as a slash, and full-width forms as what they look like.
    if {"@", "\\"} & set(unicodedata.normalize("NFKC", authority)):
        raise ValueError(_USER)


def _check_host(host: str) -> None:
    if host.isascii() and "%" not in host:
        return
    labels = unicodedata.normalize("NFC", host).lower().split(".")
    if not all(map(_is_plain, labels)) or any(_is_like_latin(each, labels) for each in labels):
        raise ValueError(_LETTERS)


def _is_plain(label: str) -> bool:
    """Whether a label has only letters, marks and digits of scripts that belong together."""
    letters = [each for each in label if not each.isascii()]
    if "%" in label or unicodedata.normalize("NFKC", label) != label:
        return False
    if any(unicodedata.category(each)[0] not in "LM" and not each.isdigit() for each in letters):
        return False
    scripts = frozenset(map(_script, filter(str.isalnum, label))) - {""}
    return len(scripts) <= 1 or any(scripts <= each for each in _TOGETHER)


def _script(character: str) -> str:
    """Return the script as the first word of the character's name; an ASCII digit has none."""
    if character.isascii() and character.isdigit():
        return ""
    return re.split("[ -]", unicodedata.name(character, "UNKNOWN"), maxsplit=1)[0]


def _is_like_latin(label: str, labels: list[str]) -> bool:
    """Whether a label of look-alikes is next to labels in Latin letters, such as `com`."""
    letters = [each for each in label if each.isalpha()]
    if not letters or not _LIKE_LATIN.issuperset(letters):
        return False
    return any(each.isascii() and each.islower() for each in "".join(labels))
