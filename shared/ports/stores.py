"""What is kept of users, events and bookings. Every read is consistent."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Protocol

from shared.domain.agenda import AgendaDay
from shared.domain.connection import Connection, ConnectionStatus
from shared.domain.copy import Copy
from shared.domain.event import Event
from shared.domain.holiday import Holiday
from shared.domain.interval import Interval
from shared.domain.person import Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability


class PeopleStore(Protocol):
    """Users: availability, holidays and connections. Every read is consistent."""

    def person(self, user_id: str) -> Person:
        """Return all that is kept of a user but the agenda, in one request; unknown is empty."""
        ...

    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        """Return the agenda of the UTC dates `first` to `last`, both included, in one request."""
        ...

    def remember(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        """Keep the address and the roles somebody was seen with; None forgets nothing."""
        ...

    def see_welcome(self, user_id: str, at: datetime) -> datetime:
        """Keep when the welcome was seen first, and return that, whenever it was."""
        ...

    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        """Replace what is kept for that role."""
        ...

    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        """Keep one more holiday."""
        ...

    def remove_holiday(self, user_id: str, holiday_id: str) -> None:
        """Forget a holiday of this user.

        Raises:
            NotFound: when this user has none with that id.
        """
        ...

    def save_connection(self, connection: Connection) -> None:
        """Keep a connection, new or anew, whatever was there."""
        ...

    def remove_connection(self, user_id: str, connection_id: str) -> None:
        """Forget a connection and its credential.

        Raises:
            NotFound: when this user has none with that id.
        """
        ...

    def mark_connection(
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: str | None,
    ) -> bool:
        """Set the status, unless the connection was reconnected or removed since it was read.

        Returns whether it was set by this call; setting it again is not an error.
        """
        ...


class EventStore(Protocol):
    """Events and their copies. Every read is consistent."""

    def find(self, event_id: str) -> Event | None:
        """Return the event, or None."""
        ...

    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        """Return those that exist, by id, in as few requests as the table allows."""
        ...

    def with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        """Return the event and the record of every copy of it, in one request."""
        ...

    def settle(self, event_id: str, version: int) -> None:
        """Note that calendars and mail say what that version says; a newer one stays unsynced."""
        ...

    def save_copy(self, copy: Copy) -> Copy:
        """Keep the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `copy.row_version` was read.
        """
        ...


class UnsyncedEvents(Protocol):
    """What waits for its calendars and mail: changed events, other guests, mails to be sent."""

    def oldest(self, most: int) -> tuple[tuple[str, datetime], ...]:
        """Return (event id, since) of up to so many items that wait, the longest waiting first.

        An event may come several times. Read from an index that may lag.
        """
        ...


class Bookings(Protocol):
    """The one transaction that decides who holds which time."""

    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        """Return every agenda day of these users that `days_touching(interval)` names.

        Consistent, in as few parallel requests as the table allows; days never written come with
        version 0.
        """
        ...

    def commit(
        self,
        event: Event,
        *,
        previous: Event | None,
        guarded: Sequence[str] = (),
        seen: Sequence[AgendaDay] = (),
    ) -> None:
        """Write the event and every participant's agenda, all or nothing.

        `previous` is the event this one was decided on (None: there was none). `seen` are agenda
        days the decision rests on: those of `guarded` users must still have the version seen.

        Raises:
            LostRace: when the event, or a guarded agenda day, has changed; nothing is written.
        """
        ...

    def release_stale_holds(self, event_id: str) -> None:
        """Free the agenda days a large move has left but not yet cleared; mostly there are none.

        Until then those days block more than they must. May be repeated by anybody at any time.

        Raises:
            LostRace: when others keep writing the same days; ask again later.
        """
        ...
