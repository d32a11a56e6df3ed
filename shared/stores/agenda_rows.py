"""Agenda items: one per user and UTC day, and their translation."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from pynamodb.attributes import NumberAttribute

from shared.domain.agenda import AgendaDay
from shared.stores.attributes import AgendaEntry, SessionsAttribute
from shared.stores.rows import Row

AGENDA_PREFIX = "agenda#"


class AgendaRow(Row):
    """pk = user id, sk = `agenda#<UTC date>`; `version` grows with every write."""

    version = NumberAttribute()
    sessions = SessionsAttribute()


def agenda_sk(day: date) -> str:
    """Return the sort key of that day's agenda; keys sort as the days do."""
    return f"{AGENDA_PREFIX}{day.isoformat()}"


def first_agenda_row(user_id: str, day: date, sessions: Mapping[str, AgendaEntry]) -> AgendaRow:
    """Return the item to write for a day that never had one."""
    return AgendaRow(user_id, agenda_sk(day), version=1, sessions=dict(sessions))


def to_agenda_day(item: Mapping[str, Any]) -> AgendaDay:
    """Return the day an agenda item stands for."""
    row = AgendaRow.from_raw_data(dict(item))
    return AgendaDay(
        user_id=row.pk,
        day=date.fromisoformat(row.sk.removeprefix(AGENDA_PREFIX)),
        version=int(row.version),
        sessions={session: held.interval for session, held in row.sessions.items()},
        headings={session: held.heading for session, held in row.sessions.items() if held.heading},
    )


def completed(
    keys: Iterable[tuple[str, date]], items: Iterable[Mapping[str, Any]]
) -> tuple[AgendaDay, ...]:
    """Return one day per key, in order; a day without an item has version 0."""
    found = {(day.user_id, day.day): day for day in map(to_agenda_day, items)}
    return tuple(
        found.get((user_id, day)) or AgendaDay(user_id=user_id, day=day) for user_id, day in keys
    )
