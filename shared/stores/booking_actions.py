"""Turns a booking plan into the actions of one DynamoDB transaction."""

from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from shared.domain.agenda import AgendaDay
from shared.domain.event import Event
from shared.stores.agenda_rows import AgendaRow, agenda_sk, first_agenda_row
from shared.stores.attributes import held_value
from shared.stores.booking_plan import BookingPlan, DayKey, held
from shared.stores.event_rows import EVENT_SK, EventRow, from_event
from shared.stores.table import PK, Key
from shared.stores.tables import Tables, Transaction


def booking_actions(
    tables: Tables, event: Event, previous: Event | None, plan: BookingPlan
) -> Transaction:
    """Return the transaction that writes the event and its agenda days, each item once."""
    return Transaction(
        checks=[_check(tables, key, plan) for key in plan.check],
        puts=[
            tables.events.put_action(from_event(event, plan.stale), _unchanged(previous)),
            *(_first(tables, key, event) for key in plan.hold if key in plan.unwritten),
        ],
        updates=[
            *(_hold(tables, key, event, plan) for key in plan.hold if key not in plan.unwritten),
            *(_release(tables, key, event, _guard(key, plan)) for key in plan.release),
        ],
    )


def settling_actions(
    tables: Tables, event: Event, shown: list[AgendaDay], *, later: tuple[DayKey, ...]
) -> Transaction:
    """Return the transaction that frees the days in `shown` and leaves `later` for another one.

    An event with unsettled days refuses every other change, so a day it has come back to is never
    freed by a slow caller.
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
    """Return the keys of the agenda item of that user and day."""
    user_id, day = key
    return user_id, agenda_sk(day)


def _unchanged(previous: Event | None) -> Condition:
    if previous is None:
        return PK.does_not_exist()
    settled = EventRow.stale_holds.does_not_exist()
    unchanged: Condition = (EventRow.version == previous.version) & settled
    return unchanged


def _guard(key: DayKey, plan: BookingPlan) -> Condition:
    version = plan.guards.get(key)
    if version is None:
        # Other sessions of an unguarded day may come and go; only the map must be there.
        return PK.exists()
    if version == 0:
        return PK.does_not_exist()
    same: Condition = AgendaRow.version == version
    return same


def _check(tables: Tables, key: DayKey, plan: BookingPlan) -> dict[str, Any]:
    return tables.connections.check_action(day_key(key), _guard(key, plan))


def _first(tables: Tables, key: DayKey, event: Event) -> dict[str, Any]:
    user_id, day = key
    row = first_agenda_row(user_id, day, {event.id: held(event)})
    return tables.connections.put_action(row, PK.does_not_exist())


def _hold(tables: Tables, key: DayKey, event: Event, plan: BookingPlan) -> dict[str, Any]:
    kept: Action = _session(event.id).set(held_value(held(event)))
    actions = [kept, AgendaRow.version.add(1)]
    return tables.connections.update_action(day_key(key), actions, _guard(key, plan))


def _release(tables: Tables, key: DayKey, event: Event, condition: Condition) -> dict[str, Any]:
    actions: list[Action] = [_session(event.id).remove(), AgendaRow.version.add(1)]
    return tables.connections.update_action(day_key(key), actions, condition)


def _session(event_id: str) -> Path:
    # Path names are sent as placeholders, so an id may hold '-' or start with a digit.
    return Path([AgendaRow.sessions.attr_name, event_id])
