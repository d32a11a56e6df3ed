"""Agenda items, one per user and UTC day, and their conversion."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pynamodb.attributes import NumberAttribute

from shared.domain.agenda import AgendaDay
from shared.stores.attributes import AgendaEntry, SessionsAttribute
from shared.stores.rows import Row

AGENDA_PREFIX = "agenda#"


class AgendaRow(Row):
    """pk = user id, sk = `agenda#<UTC date>`; every write increments `version`."""

    version = NumberAttribute()
    sessions = SessionsAttribute()


def agenda_sk(day: date) -> str:
    """Return the sort key of a day's agenda; keys sort by date."""
    return f"{AGENDA_PREFIX}{day.isoformat()}"


def first_agenda_row(user_id: str, day: date, sessions: Mapping[str, AgendaEntry]) -> AgendaRow:
    """Return the first item for a day that has none."""
    return AgendaRow(user_id, agenda_sk(day), version=1, sessions=dict(sessions))


def to_agenda_day(item: Mapping[str, Any]) -> AgendaDay:
    """Convert an agenda item."""
    row = AgendaRow.from_raw_data(dict(item))
    return AgendaDay(
        user_id=row.pk,
        day=date.fromisoformat(row.sk.removeprefix(AGENDA_PREFIX)),
        version=int(row.version),
        sessions={session: entry.interval for session, entry in row.sessions.items()},
        headings={
            session: entry.heading for session, entry in row.sessions.items() if entry.heading
        },
    )


def fill_missing_days(
    keys: Iterable[tuple[str, date]], items: Iterable[Mapping[str, Any]]
) -> tuple[AgendaDay, ...]:
    """Return one day per key, in order; a day without an item has version 0."""
    stored = {(day.user_id, day.day): day for day in map(to_agenda_day, items)}
    return tuple(
        stored.get((user_id, day)) or AgendaDay(user_id=user_id, day=day) for user_id, day in keys
    )
