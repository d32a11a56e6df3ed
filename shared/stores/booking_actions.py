"""The actions of one DynamoDB transaction for a booking plan."""

from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from shared.domain.agenda import AgendaDay, session_heading
from shared.domain.event import Event
from shared.stores.agenda_rows import (
    AgendaRow,
    agenda_sk,
    first_agenda_row,
    heading_row,
    heading_sk,
)
from shared.stores.attributes import agenda_entry_value
from shared.stores.booking_plan import BookingPlan, DayKey, agenda_entry
from shared.stores.event_rows import EVENT_SK, EventRow, from_event
from shared.stores.table import PK, Key
from shared.stores.tables import Tables, Transaction


def booking_actions(
    tables: Tables, event: Event, previous: Event | None, plan: BookingPlan
) -> Transaction:
    """Return the transaction that writes the event and its agenda days."""
    return Transaction(
        checks=[_check(tables, key, plan) for key in plan.check],
        puts=[
            tables.events.put_action(_event_row(tables, event, plan), _unchanged(previous)),
            *(_first(tables, key, event) for key in plan.hold if key in plan.unwritten),
            *(_head(tables, key, event) for key in plan.head),
        ],
        deletes=[tables.connections.delete_action(_heading_key(key, event)) for key in plan.unhead],
        updates=[
            *(_hold(tables, key, event, plan) for key in plan.hold if key not in plan.unwritten),
            *(_release(tables, key, event, _guard(key, plan)) for key in plan.release),
        ],
    )


def release_actions(
    tables: Tables, event: Event, shown: list[AgendaDay], *, later: tuple[DayKey, ...]
) -> Transaction:
    """Return the transaction that removes the event from the days in `shown`.

    `later` are stale holds left for another transaction. Every other write of an event with stale
    holds fails its condition, so a slow caller never releases a day the event has moved back to.
    """
    stale = EventRow.stale_holds
    rest = from_event(event, later).stale_holds
    return Transaction(
        updates=[
            tables.events.update_action(
                (event.id, EVENT_SK),
                [stale.set(rest) if rest else stale.remove()],
                (EventRow.version == event.version) & stale.exists(),
            ),
            *(_release(tables, (day.user_id, day.day), event, PK.exists()) for day in shown),
        ],
    )


def day_key(key: DayKey) -> Key:
    """Return the keys of the agenda item of a user and day."""
    user_id, day = key
    return user_id, agenda_sk(day)


def _event_row(tables: Tables, event: Event, plan: BookingPlan) -> EventRow:
    return from_event(event, plan.stale, expires_at=tables.expiry(event.interval.end))


def _unchanged(previous: Event | None) -> Condition:
    if previous is None:
        return PK.does_not_exist()
    no_stale_holds = EventRow.stale_holds.does_not_exist()
    unchanged: Condition = (EventRow.version == previous.version) & no_stale_holds
    return unchanged


def _guard(key: DayKey, plan: BookingPlan) -> Condition:
    version = plan.guards.get(key)
    if version is None:
        # Other sessions of an unguarded day may change; only the item must exist.
        return PK.exists()
    if version == 0:
        return PK.does_not_exist()
    same_version: Condition = AgendaRow.version == version
    return same_version


def _check(tables: Tables, key: DayKey, plan: BookingPlan) -> dict[str, Any]:
    return tables.connections.check_action(day_key(key), _guard(key, plan))


def _first(tables: Tables, key: DayKey, event: Event) -> dict[str, Any]:
    user_id, day = key
    entries = {event.id: agenda_entry(event, user_id)}
    row = first_agenda_row(user_id, day, entries, tables.expiry)
    return tables.connections.put_action(row, PK.does_not_exist())


def _head(tables: Tables, key: DayKey, event: Event) -> dict[str, Any]:
    # No condition: the event's own version guards its headings.
    row = heading_row(*key, event.id, session_heading(event), tables.expiry)
    return tables.connections.put_action(row)


def _heading_key(key: DayKey, event: Event) -> Key:
    user_id, day = key
    return user_id, heading_sk(day, event.id)


def _hold(tables: Tables, key: DayKey, event: Event, plan: BookingPlan) -> dict[str, Any]:
    entry: Action = _session(event.id).set(agenda_entry_value(agenda_entry(event, key[0])))
    actions = [entry, AgendaRow.version.add(1)]
    return tables.connections.update_action(day_key(key), actions, _guard(key, plan))


def _release(tables: Tables, key: DayKey, event: Event, condition: Condition) -> dict[str, Any]:
    actions: list[Action] = [_session(event.id).remove(), AgendaRow.version.add(1)]
    return tables.connections.update_action(day_key(key), actions, condition)


def _session(event_id: str) -> Path:
    # PynamoDB sends path names as placeholders, so an id may contain '-' or start with a digit.
    return Path([AgendaRow.sessions.attr_name, event_id])
