"""Our part of the text of a copy: two lines delimit it, and everything outside is the user's."""

import html
import re

FIRST_LINE = "--- Session details ---"
LAST_LINE = "--- End of the session details. Text outside these lines is kept. ---"

# Editors insert tags and fixed blanks between words.
_GAP = r"(?:\s|&nbsp;|<[^<>]{0,200}>)+"
_FIRST = re.compile(_GAP.join(map(re.escape, FIRST_LINE.split())))
_LAST = re.compile(_GAP.join(map(re.escape, LAST_LINE.split())))
# Copies that an older version wrote have no delimiters.
_OLD_FIRST = re.compile(r"(?:Join|When): ")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})\b[^<>]*?(/?)>")
_LINE_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li)>", re.IGNORECASE)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base"})


def delimited(text: str) -> str:
    """Return our text between the two lines."""
    return f"{FIRST_LINE}\n{text}\n{LAST_LINE}"


def has_plain_text(current: str, text: str, *, session_id: str) -> bool:
    """Return whether our part of plain text is this text between the lines."""
    span = _span(current, session_id)
    return span is not None and current[slice(*span)].split() == delimited(text).split()


def has_html(current: str, text: str, *, session_id: str) -> bool:
    """Return whether our part of HTML is this text between the lines."""
    span = _span(current, session_id)
    if span is None:
        return False
    return _words(current[slice(*span)]) == _words(html.escape(delimited(text), quote=False))


def has_part(current: str, *, session_id: str) -> bool:
    """Return whether the text has a part that this service delimits, whatever it says."""
    return _span(current, session_id) is not None


def merged_text(current: str, ours: str, *, session_id: str) -> str:
    """Return plain text with our part replaced by `ours`, or put in front if it is missing."""
    span = _span(current, session_id)
    if span is None:
        return f"{ours}\n{current}" if current.strip() else ours
    return current[: span[0]] + ours + current[span[1] :]


def merged_html(current: str, ours: str, *, session_id: str, line_break: str) -> str:
    """Return HTML with our part replaced by `ours`, or put in front if it is missing.

    `ours` is HTML with the two lines; `line_break` replaces its line breaks. Tags that are open at
    only one end of our part stay, so that the rest keeps its form.
    """
    ours = ours.replace("\n", line_break)
    span = _span(current, session_id)
    if span is None:
        return _in_front(current, ours, line_break) if current.strip() else ours
    tags = _unmatched_tags(current[slice(*span)])
    return current[: span[0]] + ours + tags + current[span[1] :]


def _span(current: str, session_id: str) -> tuple[int, int] | None:
    first = _FIRST.search(current)
    last = _LAST.search(current, first.end()) if first else None
    if first and last:
        return first.start(), last.end()
    return _old_span(current, first or _OLD_FIRST.search(current), f"Session: {session_id}")


def _old_span(current: str, start: re.Match[str] | None, last: str) -> tuple[int, int] | None:
    for spelling in (html.escape(last, quote=False), last):
        at = current.find(spelling, start.end()) if start else -1
        if start and at >= 0:
            return start.start(), at + len(spelling)
    return None


def _in_front(current: str, ours: str, line_break: str) -> str:
    body = re.search(r"<body[^<>]*>", current, re.IGNORECASE)
    at = body.end() if body else 0
    return current[:at] + ours + line_break + current[at:]


def _unmatched_tags(part: str) -> str:
    """Return the closing and opening tags in `part` whose counterparts are outside it."""
    closing: list[tuple[str, str]] = []
    opening: list[tuple[str, str]] = []
    for tag in _TAG.finditer(part):
        name = tag[2].lower()
        if name in _VOID or tag[3]:
            continue
        if not tag[1]:
            opening.append((name, tag[0]))
        elif opening and opening[-1][0] == name:
            opening.pop()
        else:
            closing.append((name, tag[0]))
    # An element that is closed and opened again can go on.
    while closing and opening and closing[-1][0] == opening[0][0]:
        closing.pop()
        opening.pop(0)
    return "".join(text for _, text in (*closing, *opening))


def _words(markup: str) -> list[str]:
    text = re.sub(r"<[^<>]*>", "", _LINE_BREAK.sub(" ", markup))
    # Twice, because an ampersand is escaped once or not at all.
    return html.unescape(html.unescape(text)).split()
