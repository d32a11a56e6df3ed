"""The marks that identify our copies: extended properties, which Outlook stores but never shows.

KEY is the copy's key, SESSION is `<session>:<connection>`, TEXT is the digest of the text we wrote
and the link in it (`<digest> <link>`), WRITTEN is the start we wrote and the digest of the place
(`<start> <digest>`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.domain.copy import copy_key

_SPACE = "{5f0c6a1e-8d43-4b7a-9c51-0e6f2d9b7a34}"
KEY = f"String {_SPACE} Name CalendarServiceKey"
SESSION = f"String {_SPACE} Name CalendarServiceSession"
TEXT = f"String {_SPACE} Name CalendarServiceText"
WRITTEN = f"String {_SPACE} Name CalendarServiceWritten"

_ALL = (KEY, SESSION, TEXT, WRITTEN)
EXPAND = "singleValueExtendedProperties($filter={})".format(
    " or ".join(f"id eq '{each}'" for each in _ALL)
)


def key_filter(key: str) -> str:
    """Return the `$filter` that finds the copy with that key."""
    value = key.replace("'", "''")
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{KEY}' and ep/value eq '{value}')"


def session_mark(session_id: str, connection_id: str) -> str:
    """Return the SESSION mark of a session's copy in a connection's calendar."""
    return f"{session_id}:{connection_id}"


def to_properties(marks: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the marks as `singleValueExtendedProperties`."""
    return [{"id": name, "value": value} for name, value in marks.items()]


def read(event: Mapping[str, Any]) -> dict[str, str]:
    """Return the marks of an event; Graph may return their ids in another case."""
    known = {each.lower(): each for each in _ALL}
    return {
        known[name]: value
        for name, value in _pairs(event.get("singleValueExtendedProperties"))
        if name in known
    }


def session_of(event: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the session and the connection that the marks name, or None.

    A duplicate that the user has made of a copy has the same marks.
    """
    marks = read(event)
    session, _, connection = marks.get(SESSION, "").rpartition(":")
    if not session or marks.get(KEY) != copy_key(session, connection):
        return None
    return session, connection


def written_start(event: Mapping[str, Any]) -> str | None:
    """Return the start that this service wrote, or None if an older version wrote the copy."""
    return read(event).get(WRITTEN, "").partition(" ")[0] or None


def written_place(event: Mapping[str, Any]) -> str | None:
    """Return the digest of the place that this service wrote, or None."""
    return read(event).get(WRITTEN, "").partition(" ")[2] or None


def _pairs(properties: Any) -> Iterable[tuple[str, str]]:
    for each in properties if isinstance(properties, list) else ():
        if not isinstance(each, Mapping):
            continue
        name, value = each.get("id"), each.get("value")
        if isinstance(name, str) and isinstance(value, str):
            yield name.lower(), value
