"""Records of which sessions name a user or an address, and what remains of an expired event.

The tables have no index of the users of an event. Agenda items name the sessions of participants;
these records name all others: cancelled ones, those that a user has left, and invitations.
"""

from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from shared.stores.event_rows import COPY_PREFIX
from shared.stores.invite_rows import (
    GUEST_LIST_SK,
    INVITE_PREFIX,
    address_key,
    to_guest_list,
    to_invite,
)
from shared.stores.rows import Row
from shared.stores.table import Item
from shared.stores.tables import Tables
from shared.stores.unsynced import SWEEP_SK

MENTION_PREFIX = "session#"
_EVENT = "event"


class MentionRow(Row):
    """pk = user id or `address#<invite id>`, sk = `session#<event id>`.

    The record of an invite has no expiry: it is deleted with the invite.
    """

    event_id = UnicodeAttribute()
    expires_at = NumberAttribute(null=True)


def record_mention(tables: Tables, key: str, event_id: str, end: datetime | None) -> None:
    """Record that a session that ends at `end` names this user or address; None: no expiry."""
    expiry = tables.expiry(end) if end else None
    expires_at = MentionRow.expires_at
    actions: list[Action] = [
        MentionRow.event_id.set(event_id),
        expires_at.remove() if expiry is None else expires_at.set(expiry),
    ]
    tables.connections.update((key, f"{MENTION_PREFIX}{event_id}"), actions)


def remove_leftovers(tables: Tables, event_id: str) -> None:
    """Delete what an expired event has left in its partition; nothing if the event exists."""
    items = list(tables.events.query(event_id, None))
    if any(item["sk"]["S"] == _EVENT for item in items):
        return
    for item in filter(_is_left_over, items):
        if item["sk"]["S"].startswith(INVITE_PREFIX):
            remove_invite_mention(tables, item)
        tables.events.delete((event_id, item["sk"]["S"]))


def remove_invite_mention(tables: Tables, item: Item) -> None:
    """Delete the record that finds an invite."""
    invite = to_invite(item)
    key = invite.user_id or address_key(invite.id)
    tables.connections.delete((key, f"{MENTION_PREFIX}{invite.event_id}"))


def _is_left_over(item: Item) -> bool:
    kind: str = item["sk"]["S"]
    if kind == GUEST_LIST_SK:  # without an event, it may have been prepared for one to come
        return to_guest_list(item).event_version is not None
    return kind == SWEEP_SK or kind.startswith((COPY_PREFIX, INVITE_PREFIX))
