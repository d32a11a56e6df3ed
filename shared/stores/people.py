"""Users in the connections table."""

from datetime import date, datetime

from pynamodb.expressions.update import Action

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.errors import NotFound
from shared.domain.holiday import Holiday
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability
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


class DynamoPeople:
    """Fills `PeopleStore`."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.connections

    def person(self, user_id: str) -> Person:
        """Return all that is kept of a user but the agenda, in one request; unknown is empty."""
        return to_person(user_id, self._table.query(user_id, SK.startswith(PERSON_PREFIX)))

    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        """Return those UTC dates from `first` to `last`, both included, that have an agenda."""
        days = SK.between(agenda_sk(first), agenda_sk(last))
        return tuple(map(to_agenda_day, self._table.query(user_id, days)))

    def remember(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        """Keep the address and the roles somebody was seen with; None forgets nothing."""
        actions: list[Action] = []
        if email is not None:
            actions.append(ProfileRow.email.set(email))
        if roles:
            actions.append(ProfileRow.roles_seen.add({role.value for role in roles}))
        if actions:
            self._table.update((user_id, PROFILE_SK), actions)

    def see_welcome(self, user_id: str, at: datetime) -> datetime:
        """Keep when the welcome was seen first, and return that, whenever it was."""
        seen = ProfileRow.welcome_seen_at
        item = self._table.changed((user_id, PROFILE_SK), [seen.set(seen | at)])
        return seen.deserialize(item[seen.attr_name]["S"])

    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        """Replace what is kept for that role."""
        self._table.put(from_availability(user_id, availability))

    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        """Keep one more holiday."""
        self._table.put(from_holiday(user_id, holiday))

    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        """Forget a holiday of this user.

        Raises:
            NotFound: when this user has none with that id.
        """
        if not self._table.delete((user_id, f"{HOLIDAY_PREFIX}{holiday_id}")):
            raise NotFound(f"You have no holiday {holiday_id}.")

    def save_connection(self, connection: Connection) -> None:
        """Keep a connection, new or anew, whatever was there."""
        self._table.put(from_connection(connection))

    def remove_connection(self, user_id: str, connection_id: str) -> None:
        """Forget a connection and its credential.

        Raises:
            NotFound: when this user has none with that id.
        """
        if not self._table.delete((user_id, f"{CONNECTION_PREFIX}{connection_id}")):
            raise NotFound(f"You have no connection {connection_id}.")

    def mark_connection(
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: str | None,
    ) -> bool:
        """Set the status, unless the connection was reconnected or removed since it was read.

        Returns whether it was set by this call; setting it again is not an error. Every sealing
        gives other ciphertext, so the credential tells one connecting from the next.
        """
        kept = ConnectionRow.last_error
        as_it_is = kept.does_not_exist() if error is None else kept == error
        written = kept.remove() if error is None else kept.set(error)
        return self._table.update(
            (connection.user_id, f"{CONNECTION_PREFIX}{connection.id}"),
            [ConnectionRow.status.set(status.value), written, *_not_due(status)],
            (ConnectionRow.credential == connection.credential)
            & ~((ConnectionRow.status == status.value) & as_it_is),
        )


def _not_due(status: ConnectionStatus) -> list[Action]:
    """A connection nobody can refresh must not fall due again and again."""
    if status is ConnectionStatus.ACTIVE:
        return []
    return [ConnectionRow.due_shard.remove(), ConnectionRow.due_at.remove()]
