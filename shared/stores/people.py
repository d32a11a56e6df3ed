"""Users in the connections table."""

from datetime import date, datetime

from pynamodb.expressions.update import Action
from typing_extensions import override

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.errors import NotFound
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
from shared.ports import PeopleStore
from shared.stores.agenda_rows import agenda_sk, to_agenda_day
from shared.stores.people_rows import (
    CONNECTION_PREFIX,
    HOLIDAY_PREFIX,
    PERSON_PREFIX,
    PROFILE_SK,
    ConnectionRow,
    ProfileRow,
    from_availability,
    from_connection,
    from_holiday,
    to_person,
)
from shared.stores.table import SK
from shared.stores.tables import Tables


class DynamoPeople(PeopleStore):
    """Users, each in one partition."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    @override
    def person(self, user_id: str) -> Person:
        return to_person(user_id, self._table.query(user_id, SK.startswith(PERSON_PREFIX)))

    @override
    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        days = SK.between(agenda_sk(first), agenda_sk(last))
        return tuple(map(to_agenda_day, self._table.query(user_id, days)))

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
    def record_welcome_seen(self, user_id: str, at: datetime) -> datetime:
        seen = ProfileRow.welcome_seen_at
        item = self._table.update_and_get((user_id, PROFILE_SK), [seen.set(seen | at)])
        return seen.deserialize(item[seen.attr_name]["S"])

    @override
    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        self._table.put(from_availability(user_id, availability))

    @override
    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        self._table.put(from_holiday(user_id, holiday))

    @override
    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        if not self._table.delete((user_id, f"{HOLIDAY_PREFIX}{holiday_id}")):
            raise NotFound(f"You have no holiday {holiday_id}.")

    @override
    def save_connection(self, connection: Connection) -> None:
        self._table.put(from_connection(connection))

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
        error: str | None,
    ) -> bool:
        """Set the status on condition that the stored credential is still that of `connection`.

        Encrypting the same credential again gives other ciphertext, so a reconnected account
        always differs.
        """
        last_error = ConnectionRow.last_error
        same_error = last_error.does_not_exist() if error is None else last_error == error
        new_error = last_error.remove() if error is None else last_error.set(error)
        return self._table.update(
            (connection.user_id, f"{CONNECTION_PREFIX}{connection.id}"),
            [ConnectionRow.status.set(status.value), new_error, *_not_due(status)],
            (ConnectionRow.credential == connection.credential)
            & ~((ConnectionRow.status == status.value) & same_error),
        )


def _not_due(status: ConnectionStatus) -> list[Action]:
    """Remove a connection that cannot be refreshed from the index of connections to refresh."""
    if status is ConnectionStatus.ACTIVE:
        return []
    return [ConnectionRow.due_shard.remove(), ConnectionRow.due_at.remove()]
