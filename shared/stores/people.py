"""Users in the connections table."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from pynamodb.attributes import NumberAttribute
from pynamodb.expressions.update import Action
from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.connection import (
    CallKind,
    Connection,
    ConnectionProblem,
    ConnectionStatus,
)
from shared.domain.errors import NotFound
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
from shared.ports import PeopleStore
from shared.stores.agenda_rows import agendas_between, to_agenda_days
from shared.stores.people_rows import (
    CONNECTION_PREFIX,
    HOLIDAY_PREFIX,
    PERSON_PREFIX,
    PROFILE_SK,
    AvailabilityRow,
    ConnectionRow,
    HolidayRow,
    ProfileRow,
    from_availability,
    from_connection,
    from_holiday,
    to_person,
)
from shared.stores.rows import Row
from shared.stores.table import PK, SK, Key, numbered
from shared.stores.tables import Tables
from shared.stores.tokens import mark_keys

_OUTAGES = {
    CallKind.READ: (
        ConnectionRow.read_outage_calls,
        ConnectionRow.read_outage_since,
        ConnectionRow.read_outage_at,
    ),
    CallKind.WRITE: (
        ConnectionRow.write_outage_calls,
        ConnectionRow.write_outage_since,
        ConnectionRow.write_outage_at,
    ),
}
"""The attributes of an outage: its calls, its start, and the time of its last call."""

_LEFT_OVER_PREFIX = "left-over#"


class LeftOverRow(Row):
    """pk = user id, sk = `left-over#<event>`: a copy of the event that could not be removed."""

    expires_at = NumberAttribute()


class DynamoPeople(PeopleStore):
    """Users, each in one partition."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections
        self._expiry = tables.expiry

    @override
    def person(self, user_id: str) -> Person:
        return to_person(user_id, self._table.query(user_id, SK.startswith(PERSON_PREFIX)))

    @override
    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        return to_agenda_days(self._table.query(user_id, agendas_between(first, last)))

    @override
    def save_profile(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        actions: list[Action] = []
        if email is not None:
            actions.append(ProfileRow.email.set(email))
        if roles:
            actions.append(ProfileRow.roles_seen.add({role.value for role in roles}))
        if actions:
            self._table.update((user_id, PROFILE_SK), actions)

    @override
    def save_address(self, user_id: str, email: str, *, at: datetime) -> bool:
        stored, mark = ProfileRow.email, ProfileRow.address_since
        is_new = stored.does_not_exist() | (stored != email) | mark.exists()
        actions: list[Action] = [stored.set(email), mark.set(at)]
        return self._table.update((user_id, PROFILE_SK), actions, is_new)

    @override
    def confirm_address(self, user_id: str, email: str) -> None:
        is_same = ProfileRow.email == email
        self._table.update((user_id, PROFILE_SK), [ProfileRow.address_since.remove()], is_same)

    @override
    def record_welcome_seen(self, user_id: str, at: datetime) -> datetime:
        seen = ProfileRow.welcome_seen_at
        item = self._table.update_and_get((user_id, PROFILE_SK), [seen.set(seen | at)])
        return seen.deserialize(item[seen.attr_name]["S"])

    @override
    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        self._table.replace(from_availability(user_id, availability), AvailabilityRow.row_version)

    @override
    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        self._table.put(from_holiday(user_id, holiday))

    @override
    def remove_holiday(
        self, user_id: str, holiday_id: str, *, acting_admin: str | None = None
    ) -> None:
        key = (user_id, f"{HOLIDAY_PREFIX}{holiday_id}")
        if acting_admin:
            # The stream has the last image of a deleted item, and so the Admin.
            self._table.update(key, [HolidayRow.removed_by.set(acting_admin)], PK.exists())
        if not self._table.delete(key):
            raise NotFound(f"There is no holiday {holiday_id} of this user.")

    @override
    def save_connection(self, connection: Connection) -> None:
        row = from_connection(connection)
        if not connection.is_active:
            expires_at = self._expiry(connection.connected_at or connection.created_at)
            row.expires_at = expires_at
            self._expire_marks(connection, expires_at)
        self._table.replace(row, ConnectionRow.row_version, first=_first(connection))

    @override
    def remove_connection(self, user_id: str, connection_id: str) -> None:
        if not self._table.delete((user_id, f"{CONNECTION_PREFIX}{connection_id}")):
            raise NotFound(f"You have no connection {connection_id}.")

    @override
    def mark_connection(
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: ConnectionProblem | None,
        now: datetime,
    ) -> bool:
        """Set the status on condition that the stored credential is still that of `connection`.

        Encrypting the same credential again gives other ciphertext, so a reconnected account
        always differs. A connection that stays unusable expires.
        """
        message, code = ConnectionRow.last_error, ConnectionRow.error_code
        is_same = message.does_not_exist()
        if error is not None:
            is_same = (message == error.message) & (code == error.code.value)
        is_usable = status is ConnectionStatus.ACTIVE
        # What a reading has found does not make a connection usable that another call has marked.
        may_change = ConnectionRow.status == status.value if is_usable else PK.exists()
        expires_at = None if is_usable else self._expiry(now)
        actions = [
            ConnectionRow.status.set(status.value),
            *_error(error),
            numbered(ConnectionRow.row_version, _first(connection)),
            *_not_due(status),
        ]
        is_marked = self._table.update(
            _key(connection),
            [*actions, *_expiring(expires_at)],
            (ConnectionRow.credential == connection.credential)
            & may_change
            & ~((ConnectionRow.status == status.value) & is_same),
        )
        if is_marked:
            self._expire_marks(connection, expires_at)
        return is_marked

    def _expire_marks(self, connection: Connection, expires_at: int | None) -> None:
        for key in mark_keys(connection) if expires_at is not None else ():
            self._table.update(key, _expiring(expires_at), PK.exists())

    @override
    def record_outage(
        self, connection: Connection, kind: CallKind, *, started: datetime, now: datetime
    ) -> bool:
        calls, since, at = _OUTAGES[kind]
        return self._table.update(
            _key(connection),
            [calls.add(1), since.set(since | now), at.set(now)],
            PK.exists() & (at.does_not_exist() | (at <= started)),
        )

    @override
    def begin_probe(self, connection: Connection, kind: CallKind, *, now: datetime) -> bool:
        outage, (_, _, at) = connection.outage(kind), _OUTAGES[kind]
        if outage is None:
            return False
        return self._table.update(_key(connection), [at.set(now)], at == outage.at)

    @override
    def end_outage(self, connection: Connection, kind: CallKind) -> None:
        attributes = _OUTAGES[kind]
        removals = [each.remove() for each in attributes]
        self._table.update(_key(connection), removals, attributes[-1].exists())

    @override
    def mark_healed(self, connection: Connection) -> None:
        row = from_connection(replace(connection, heal_from=None))
        due: list[Action] = [ConnectionRow.due_shard.remove(), ConnectionRow.due_at.remove()]
        if row.due_at is not None:
            due = [
                ConnectionRow.due_shard.set(row.due_shard),
                ConnectionRow.due_at.set(row.due_at),
            ]
        self._table.update(
            _key(connection),
            [ConnectionRow.heal_from.remove(), *due],
            (ConnectionRow.credential == connection.credential)
            & (ConnectionRow.status == connection.status.value)
            & (ConnectionRow.heal_from == connection.heal_from),
        )

    @override
    def record_left_over(self, user_id: str, event_id: str, *, until: datetime) -> None:
        key = f"{_LEFT_OVER_PREFIX}{event_id}"
        self._table.put(LeftOverRow(user_id, key, expires_at=int(until.timestamp())))

    @override
    def left_overs(self, user_id: str) -> frozenset[str]:
        items = self._table.query(user_id, SK.startswith(_LEFT_OVER_PREFIX))
        return frozenset(each["sk"]["S"].removeprefix(_LEFT_OVER_PREFIX) for each in items)

    @override
    def remove_left_overs(self, user_id: str, event_ids: Iterable[str]) -> None:
        for each in event_ids:
            self._table.delete((user_id, f"{_LEFT_OVER_PREFIX}{each}"))


def _key(connection: Connection) -> Key:
    return connection.user_id, f"{CONNECTION_PREFIX}{connection.id}"


def _first(connection: Connection) -> int:
    """Return what the numbers of the row start after, more than those of a deleted row had."""
    return int(connection.created_at.timestamp() * 1_000_000)


def _expiring(expires_at: int | None) -> list[Action]:
    return [] if expires_at is None else [ConnectionRow.expires_at.set(expires_at)]


def _error(problem: ConnectionProblem | None) -> list[Action]:
    message, code = ConnectionRow.last_error, ConnectionRow.error_code
    since = ConnectionRow.error_since
    if problem is None:
        return [message.remove(), code.remove(), since.remove()]
    return [
        message.set(problem.message),
        code.set(problem.code.value),
        since.set(problem.since) if problem.since else since.remove(),
    ]


def _not_due(status: ConnectionStatus) -> list[Action]:
    """Remove a connection that cannot be refreshed from the index of connections to refresh."""
    if status is ConnectionStatus.ACTIVE:
        return []
    return [ConnectionRow.due_shard.remove(), ConnectionRow.due_at.remove()]
