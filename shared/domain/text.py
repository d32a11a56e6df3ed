"""Cleaning of texts that are written into calendars and mail."""

import re

# Control characters except line feed, line and paragraph separators, and lone surrogates.
_CONTROL = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff"
# They change the order of the surrounding text on screen, so one title could look like another.
_REORDERING = "\u200e\u200f\u202a-\u202e\u2066-\u2069"
_REMOVED = re.compile(f"[{_CONTROL}{_REORDERING}]")
_NOT_ONE_LINE = re.compile(f"[\n{_CONTROL}]")


def cleaned(text: str) -> str:
    """Return text that may have several lines, separated by line feeds.

    CRLF and CR become line feeds. Other control characters (including TAB, NUL and U+0085), line
    and paragraph separators (U+2028, U+2029), lone surrogates and the marks that reorder text on
    screen are removed.
    """
    return _REMOVED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def joined_line(text: str) -> str:
    """Return cleaned text on one line: line breaks are removed too."""
    return cleaned(text).replace("\n", "")


def is_one_line(text: str) -> bool:
    """Whether the text has no line breaks, other control characters or lone surrogates."""
    return not _NOT_ONE_LINE.search(text)
