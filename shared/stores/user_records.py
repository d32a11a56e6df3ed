"""What is stored about one user, for export and erasure, and the erasures themselves."""

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action
from typing_extensions import override

from shared.domain.connection import Provider
from shared.domain.copy import Copy
from shared.domain.erasure import Erasure, Mention
from shared.domain.errors import LostRace
from shared.domain.event import Event
from shared.domain.invite import GuestList, Invite
from shared.parallel import together
from shared.ports import DisconnectedAccount, UserRecords
from shared.stores.agenda_rows import (
    AGENDA_PREFIX,
    AgendaRow,
    agenda_sk,
    heading_row,
    to_agenda_days,
)
from shared.stores.attributes import InstantAttribute, agenda_entry_value
from shared.stores.booking_plan import headings, holds
from shared.stores.event_rows import COPY_PREFIX, EVENT_SK, EventRow, from_event
from shared.stores.invite_rows import GUEST_LIST_SK, INVITE_PREFIX, address_key
from shared.stores.mention_rows import MENTION_PREFIX, record_mention, remove_leftovers
from shared.stores.table import PK, SK, Item
from shared.stores.tables import Tables
from shared.stores.tokens import DISCONNECTED_PREFIX, to_disconnected_account
from shared.stores.unsynced_rows import UnsyncedRow, unsynced_keys

ERASURE_SK = "erasure"
_PERSONAL = (
    "title",
    "coach_ids",
    "learner_ids",
    "admin_id",
    "request_digest",
    "session_link",
    "location",
    "reason",
    "contacts",
    "audit",
    "unreachable",
)
"""The attributes of an event that `anonymise` replaces."""

_LAST_MENTION = f"{MENTION_PREFIX}~"  # '~' is greater than every character of an id


class ErasureRow(UnsyncedRow):
    """pk = `erasure#<digest of the user id>`, sk = `erasure`.

    `user_id` and `pseudonym` exist while it runs. Progress is written as settled, so that the
    stream starts no other worker; the index makes the sweeper find an erasure that has stopped.
    """

    user_id = UnicodeAttribute(null=True)
    pseudonym = UnicodeAttribute(null=True)
    requested_by = UnicodeAttribute()
    requested_at = InstantAttribute()
    due_at = InstantAttribute()
    completed_at = InstantAttribute(null=True)
    counts = JSONAttribute()
    row_version = NumberAttribute()
    expires_at = NumberAttribute(null=True)


class DynamoUserRecords(UserRecords):
    """The partition of one user, and the partitions of the events that name the user."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    @override
    def record_users(self, event: Event, user_ids: Iterable[str]) -> None:
        end = event.interval.end
        together([partial(record_mention, self._tables, user, event.id, end) for user in user_ids])

    @override
    def remove_leftovers(self, event_id: str) -> None:
        remove_leftovers(self._tables, event_id)

    @override
    def mentions(self, key: str, *, after: str = "", at_most: int) -> tuple[Mention, ...]:
        # From the day of `after`, whose sessions decide which of its headings are mentions.
        first = "#".join(after.split("#")[:2]) or AGENDA_PREFIX
        items = self._tables.connections.query(key, SK.between(first, _LAST_MENTION))
        found = (each for each in _mentions(items) if each.key > after)
        return tuple(islice(found, at_most))

    @override
    def forget(self, key: str, mention: Mention) -> None:
        if mention.key.startswith(AGENDA_PREFIX):
            for each in mention.event_ids:
                self._tables.connections.delete((key, f"{mention.key}#{each}"))
        self._tables.connections.delete((key, mention.key))

    @override
    def is_settled(self, event_id: str) -> bool:
        keys = SK.between(EVENT_SK, GUEST_LIST_SK)
        items = self._tables.events.query(event_id, keys)
        return not any("unsynced_since" in item for item in items)

    @override
    def anonymise(self, after: Event, *, before: Event) -> None:
        self._rewrite_agendas(after, before)
        self._rewrite_headings(after, before)
        item = from_event(after).serialize()
        actions: list[Action] = [
            Path([name]).set(item[name]) if name in item else Path([name]).remove()
            for name in _PERSONAL
        ]
        is_same = EventRow.version == before.version
        if not self._tables.events.update((after.id, EVENT_SK), actions, is_same):
            raise LostRace(f"event {after.id} has changed; read it again")

    def _rewrite_agendas(self, after: Event, before: Event) -> None:
        """Replace the entry of a session in agendas: older versions stored the heading in it."""
        session = Path([AgendaRow.sessions.attr_name, after.id])
        for (user, day), entry in holds(after).items():
            if user in before.participants:
                change = [session.set(agenda_entry_value(entry)), AgendaRow.version.add(1)]
                self._tables.connections.update((user, agenda_sk(day)), change, session.exists())

    def _rewrite_headings(self, after: Event, before: Event) -> None:
        """Replace the headings of a session, which also a closed one has, of other participants."""
        for (user, day), heading in headings(after).items():
            if user in before.participants:
                row = heading_row(user, day, after.id, heading, self._tables.expiry)
                self._tables.connections.put(row, PK.exists())

    @override
    def remove_copies(self, copies: Iterable[Copy]) -> None:
        for each in copies:
            self._tables.events.delete((each.event_id, f"{COPY_PREFIX}{each.connection_id}"))

    @override
    def remove_invites(self, invites: Iterable[Invite]) -> None:
        for each in invites:
            if each.user_id is None:
                found_by = (address_key(each.id), f"{MENTION_PREFIX}{each.event_id}")
                self._tables.connections.delete(found_by)
            self._tables.events.delete((each.event_id, f"{INVITE_PREFIX}{each.id}"))

    @override
    def remove_guest_list(self, guest_list: GuestList) -> None:
        self._tables.events.delete((guest_list.session_id, GUEST_LIST_SK))

    @override
    def remove_items(self, user_id: str, *, at_most: int) -> Mapping[str, int]:
        items = self._tables.connections.query(user_id, None)
        removed = [item["sk"]["S"] for item in islice(items, at_most)]
        for sk in removed:
            self._tables.connections.delete((user_id, sk))
        return Counter(_kind(sk) for sk in removed)

    @override
    def disconnected_accounts(
        self, user_id: str
    ) -> tuple[tuple[Provider, DisconnectedAccount], ...]:
        items = self._tables.connections.query(user_id, SK.startswith(DISCONNECTED_PREFIX))
        return tuple((_provider(item), to_disconnected_account(item)) for item in items)

    @override
    def erasure(self, erasure_id: str) -> Erasure | None:
        item = self._tables.events.get((erasure_id, ERASURE_SK))
        return _to_erasure(item) if item else None

    @override
    def save_erasure(self, erasure: Erasure, *, announce: bool) -> Erasure:
        read = erasure.row_version
        saved = dataclasses.replace(erasure, row_version=read + 1)
        unchanged = ErasureRow.row_version == read if read else PK.does_not_exist()
        if not self._tables.events.put(self._row(saved, announce=announce), unchanged):
            raise LostRace(f"the erasure {erasure.id} has changed since version {read}")
        return saved

    def _row(self, erasure: Erasure, *, announce: bool) -> ErasureRow:
        end = erasure.completed_at
        return ErasureRow(
            erasure.id,
            ERASURE_SK,
            user_id=erasure.user_id,
            pseudonym=erasure.pseudonym,
            requested_by=erasure.requested_by,
            requested_at=erasure.requested_at,
            due_at=erasure.due_at,
            completed_at=end,
            counts=dict(erasure.counts),
            row_version=erasure.row_version,
            expires_at=self._tables.expiry(end) if end else None,
            settled_version=None if announce else erasure.row_version,
            **unsynced_keys(erasure.id, None if end else erasure.due_at),
        )


def _mentions(items: Iterable[Item]) -> Iterator[Mention]:
    """Yield a mention per agenda day, per heading of a session not in its day, and per record."""
    held: set[tuple[str, str]] = set()
    for item in items:
        sk: str = item["sk"]["S"]
        day, _, headed = sk.removeprefix(AGENDA_PREFIX).partition("#")
        if sk.startswith(MENTION_PREFIX):
            yield Mention(sk, (sk.removeprefix(MENTION_PREFIX),))
        elif not sk.startswith(AGENDA_PREFIX):
            continue
        elif not headed:
            sessions = tuple(each for agenda in to_agenda_days([item]) for each in agenda.sessions)
            held = {(day, each) for each in sessions}
            yield Mention(sk, sessions)
        elif (day, headed) not in held:
            yield Mention(sk, (headed,))


def _provider(item: Item) -> Provider:
    name = item["sk"]["S"].split("#")[1]
    return Provider(name) if name in set(Provider) else Provider.UNKNOWN


def _kind(sk: str) -> str:
    """Return the kind of an item of a user: its sort key without an id."""
    parts = sk.split("#")
    return "#".join(parts[:2]) if parts[0] == "person" else parts[0]


def _to_erasure(item: Item) -> Erasure:
    row = ErasureRow.from_raw_data(dict(item))
    return Erasure(
        id=row.pk,
        user_id=row.user_id,
        pseudonym=row.pseudonym,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        due_at=row.due_at,
        completed_at=row.completed_at,
        counts=row.counts,
        row_version=int(row.row_version),
    )
