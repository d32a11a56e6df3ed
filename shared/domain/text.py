"""Cleaning of texts that are written into calendars and mail."""

import re

# Control characters except line feed, line and paragraph separators, and lone surrogates.
_CONTROL = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# They change the order of the surrounding text on screen, so one title could look like another.
_REORDERING = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_REMOVED = re.compile(f"[{_CONTROL}{_REORDERING}]")
# Of these, embeddings, overrides and isolates, which reach beyond themselves; and deprecated marks.
_BIDI_CONTROL = re.compile("[\u202a-\u202e\u2066-\u206f]")
# Default_Ignorable_Code_Point of the Unicode Character Database, interlinear annotation, and the
# blank pattern of Braille.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_VISIBLE = re.compile(f"[^\\s{_CONTROL}{_INVISIBLE}]")
_NOT_ONE_LINE = re.compile(f"[\n{_CONTROL}]")


def cleaned(text: str) -> str:
    """Return text that may have several lines, separated by line feeds.

    CRLF and CR become line feeds. Other control characters (including TAB, NUL and U+0085), line
    and paragraph separators (U+2028, U+2029), lone surrogates and the marks that reorder text on
    screen are removed.
    """
    return _REMOVED.sub("", with_line_feeds(text))


def joined_line(text: str) -> str:
    """Return cleaned text on one line: line breaks are removed too."""
    return cleaned(text).replace("\n", "")


def with_line_feeds(text: str) -> str:
    """Return the text with each CRLF and CR as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def in_one_line(text: str, *, between: str) -> str:
    """Return the lines of a text on one line, separated by `between`; blank lines are left out."""
    lines = with_line_feeds(text).split("\n")
    return between.join(each.strip() for each in lines if each.strip()) if lines[1:] else text


def is_one_line(text: str) -> bool:
    """Whether the text has no line breaks, other control characters or lone surrogates."""
    return not _NOT_ONE_LINE.search(text)


def without_bidi_controls(text: str) -> str:
    """Return the text without the characters that turn the direction of what follows them.

    The marks U+200E, U+200F and U+061C stay: they are part of ordinary Arabic and Hebrew text.
    """
    return _BIDI_CONTROL.sub("", text)


def is_blank(text: str) -> bool:
    """Whether the text shows nothing: only spaces, control and invisible characters."""
    return not _VISIBLE.search(text)


def has_invisible(text: str) -> bool:
    """Whether the text has a character that is not a space and shows nothing."""
    return any(is_blank(each) and not each.isspace() for each in text)
