"""Agenda items, one per user and UTC day, items of headings, and their conversion.

An agenda item has only ids and times, so that it stays small; every booking of that day is guarded
by its version. What lists show of a session is in an item of its own beside it, which is written in
the same transaction and read by the same query.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from shared.domain.agenda import MAX_SESSION, AgendaDay, SessionHeading
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from shared.stores.attributes import (
    AgendaEntry,
    InstantAttribute,
    SessionsAttribute,
    TextsAttribute,
)
from shared.stores.rows import Row
from shared.stores.table import SK, Item

AGENDA_PREFIX = "agenda#"
_INSTANT, _TEXTS = InstantAttribute(), TextsAttribute()


class AgendaRow(Row):
    """pk = user id, sk = `agenda#<UTC date>`; every write increments `version`."""

    version = NumberAttribute()
    sessions = SessionsAttribute()
    expires_at = NumberAttribute(null=True)


class HeadingRow(Row):
    """pk = user id, sk = `agenda#<UTC date>#<session id>`, also of sessions that take no time."""

    title = UnicodeAttribute()
    participants = TextsAttribute()
    status = UnicodeAttribute()
    start = InstantAttribute()
    end = InstantAttribute()
    expires_at = NumberAttribute(null=True)


def agenda_sk(day: date) -> str:
    """Return the sort key of a day's agenda; keys sort by date."""
    return f"{AGENDA_PREFIX}{day.isoformat()}"


def heading_sk(day: date, session_id: str) -> str:
    """Return the sort key of a session's heading; it sorts after the day's agenda."""
    return f"{agenda_sk(day)}#{session_id}"


def agendas_between(first: date, last: date) -> Condition:
    """Return the condition on the sort keys of these days, with their headings."""
    return SK.between(agenda_sk(first), heading_sk(last, "~"))


def first_agenda_row(
    user_id: str,
    day: date,
    sessions: Mapping[str, AgendaEntry],
    expiry: Callable[[datetime], int | None],
) -> AgendaRow:
    """Return the first item for a day that has none; `expiry` is that of something that ended.

    A session that starts on the day ends before twice the longest one has passed.
    """
    end = datetime.combine(day, time(tzinfo=UTC)) + 2 * MAX_SESSION
    return AgendaRow(
        user_id, agenda_sk(day), version=1, sessions=dict(sessions), expires_at=expiry(end)
    )


def heading_row(
    user_id: str,
    day: date,
    session_id: str,
    heading: SessionHeading,
    expiry: Callable[[datetime], int | None],
) -> HeadingRow:
    """Return the item of a heading; `expiry` is that of something that ended."""
    return HeadingRow(
        user_id,
        heading_sk(day, session_id),
        title=heading.title,
        participants=sorted(heading.participants),
        status=heading.status.value,
        start=heading.interval.start,
        end=heading.interval.end,
        expires_at=expiry(heading.interval.end),
    )


def to_agenda_days(items: Iterable[Item]) -> tuple[AgendaDay, ...]:
    """Convert the agenda items of one user, each with the headings that follow it."""
    days: list[Item] = []
    headings: dict[str, dict[str, SessionHeading]] = {}
    for item in items:
        sk = item["sk"]["S"].removeprefix(AGENDA_PREFIX)
        day, _, session = sk.partition("#")
        if session:
            headings.setdefault(day, {})[session] = _to_heading(item)
        else:
            days.append(item)
    return tuple(_to_agenda_day(item, headings) for item in days)


def _to_agenda_day(
    item: Item, headings: Mapping[str, Mapping[str, SessionHeading]] | None = None
) -> AgendaDay:
    row = AgendaRow.from_raw_data(dict(item))
    day = row.sk.removeprefix(AGENDA_PREFIX)
    entries = row.sessions.items()
    inside = {session: entry.heading for session, entry in entries if entry.heading}
    return AgendaDay(
        user_id=row.pk,
        day=date.fromisoformat(day),
        version=int(row.version),
        sessions={session: entry.interval for session, entry in entries},
        headings={**inside, **(headings or {}).get(day, {})},
        pending_until={
            session: entry.pending_until for session, entry in entries if entry.pending_until
        },
        own=frozenset(
            session for session, entry in entries if entry.is_own or entry.created_by == row.pk
        ),
        optional=frozenset(session for session, entry in entries if entry.is_optional),
    )


def _to_heading(item: Mapping[str, Any]) -> SessionHeading:
    # A month has many; PynamoDB takes ten times as long.
    start, end = (_INSTANT.deserialize(item[each]["S"]) for each in ("start", "end"))
    return SessionHeading(
        title=item["title"]["S"],
        participants=frozenset(_TEXTS.deserialize(item["participants"]["L"])),
        status=EventStatus(item["status"]["S"]),
        interval=Interval(start, end),
    )


def fill_missing_days(
    keys: Iterable[tuple[str, date]], items: Iterable[Item]
) -> tuple[AgendaDay, ...]:
    """Return one day per key, in order; a day without an item has version 0."""
    stored = {(day.user_id, day.day): day for day in map(_to_agenda_day, items)}
    return tuple(
        stored.get((user_id, day)) or AgendaDay(user_id=user_id, day=day) for user_id, day in keys
    )
