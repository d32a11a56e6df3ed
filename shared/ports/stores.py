"""Storage of users, events and bookings. Reads are consistent, except those from an index."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

from shared.domain.agenda import AgendaDay
from shared.domain.connection import (
    CallKind,
    Connection,
    ConnectionProblem,
    ConnectionStatus,
)
from shared.domain.copy import Copy
from shared.domain.event import Event
from shared.domain.interval import Interval
from shared.domain.person import Holiday, Person
from shared.domain.role import Role
from shared.domain.week import RoleAvailability

if TYPE_CHECKING:  # only the sweeper loads it
    from shared.domain.sweep import SweepCount


class PeopleStore(Protocol):
    """Users: profile, availability, holidays, connections and agenda."""

    def person(self, user_id: str) -> Person:
        """Return all data of a user except the agenda, in one request; empty if unknown."""
        ...

    def agenda(self, user_id: str, first: date, last: date) -> tuple[AgendaDay, ...]:
        """Return the agenda of the UTC dates `first` to `last`, both included, in one request.

        Dates without an agenda may be left out. Days have the headings of their sessions.
        """
        ...

    def save_profile(self, user_id: str, *, email: str | None, roles: frozenset[Role]) -> None:
        """Store the e-mail address and add the roles; None leaves the stored address."""
        ...

    def save_address(self, user_id: str, email: str, *, at: datetime) -> bool:
        """Store the address of a token, marked as new, unless it is stored already without a mark.

        Returns whether it was stored.
        """
        ...

    def confirm_address(self, user_id: str, email: str) -> None:
        """Remove the mark of a new address, unless another address is stored."""
        ...

    def record_welcome_seen(self, user_id: str, at: datetime) -> datetime:
        """Store `at` as the first time the welcome was seen, and return the stored first time."""
        ...

    def save_availability(self, user_id: str, availability: RoleAvailability) -> None:
        """Insert or replace the availability of that role."""
        ...

    def add_holiday(self, user_id: str, holiday: Holiday) -> None:
        """Store one more holiday."""
        ...

    def remove_holiday(
        self, user_id: str, holiday_id: str, *, acting_admin: str | None = None
    ) -> None:
        """Delete a holiday of this user; the stream of changes shows the Admin who did it.

        Raises:
            NotFound: when this user has no holiday with that id.
        """
        ...

    def save_connection(self, connection: Connection) -> None:
        """Insert or replace a connection."""
        ...

    def remove_connection(self, user_id: str, connection_id: str) -> None:
        """Delete a connection and its credential.

        Raises:
            NotFound: when this user has no connection with that id.
        """
        ...

    def mark_connection(
        self,
        connection: Connection,
        status: ConnectionStatus,
        *,
        error: ConnectionProblem | None,
        now: datetime,
    ) -> bool:
        """Set the status, unless the connection was reconnected or removed since it was read.

        Returns whether this call changed it. Setting the same status, code and message again is
        not an error and keeps the stored `since`. A connection that has become unusable is not set
        to ACTIVE: only connecting it again does.
        """
        ...

    def record_outage(
        self, connection: Connection, kind: CallKind, *, started: datetime, now: datetime
    ) -> bool:
        """Count a call that began at `started` and was not answered; return whether it counted.

        It does not count if the end of another such call has been recorded since `started`.
        """
        ...

    def begin_probe(self, connection: Connection, kind: CallKind, *, now: datetime) -> bool:
        """Set the outage's `at` to `now`; of callers that read the same outage one gets True."""
        ...

    def end_outage(self, connection: Connection, kind: CallKind) -> None:
        """Delete the connection's outage, because its server has answered such a call."""
        ...

    def mark_healed(self, connection: Connection) -> None:
        """Remove `heal_from`, unless the connection was connected again since it was read."""
        ...

    def record_left_over(self, user_id: str, event_id: str, *, until: datetime) -> None:
        """Record that a calendar of the user may have a copy that could not be removed.

        The record may be dropped after `until`.
        """
        ...

    def left_overs(self, user_id: str) -> frozenset[str]:
        """Return the recorded event ids."""
        ...

    def remove_left_overs(self, user_id: str, event_ids: Iterable[str]) -> None:
        """Delete these records."""
        ...


class EventStore(Protocol):
    """Events and the records of their copies."""

    def find(self, event_id: str) -> Event | None:
        """Return the event, or None."""
        ...

    def find_all(self, event_ids: Iterable[str]) -> dict[str, Event]:
        """Return the events that exist, by id, in as few requests as the table allows."""
        ...

    def find_with_copies(self, event_id: str) -> tuple[Event | None, tuple[Copy, ...]]:
        """Return the event and the record of every copy of it, in one request."""
        ...

    def mark_synced(
        self, event_id: str, version: int, *, unreachable: Collection[str] = ()
    ) -> None:
        """Record that calendars and mail match that version; a newer one stays unsynced.

        `unreachable` are the participants whom neither reaches.
        """
        ...

    def save_copy(self, copy: Copy) -> Copy:
        """Store the record and return it with its next `row_version`.

        Raises:
            LostRace: when the record has changed since `copy.row_version` was read.
        """
        ...


class UnsyncedEvents(Protocol):
    """Unsynced items: changed events, changed guest lists and mails to send."""

    def waiting(self, *, until: datetime) -> tuple[tuple[str, datetime], ...]:
        """Return (event id, unsynced since) of all items unsynced since `until` or earlier.

        The oldest come first, and an event may appear several times. Parked items are left out.
        Read from an index that may lag.
        """
        ...

    def sweep_counts(self, event_ids: Iterable[str]) -> Mapping[str, "SweepCount"]:
        """Return the stored count of each event that has one."""
        ...

    def save_sweep_count(self, event_id: str, count: "SweepCount", *, now: datetime) -> None:
        """Insert or replace the count of an event; it may be dropped a month after `now`."""
        ...

    def park(self, event_id: str, *, until: datetime, now: datetime) -> None:
        """Leave out the event's items unsynced since `until` or earlier, until each is written.

        An item that has changed meanwhile is not parked.
        """
        ...


class PendingEvent(NamedTuple):
    """An event that waits for approval, when it expires and when it starts."""

    event_id: str
    until: datetime
    start: datetime


class PendingEvents(Protocol):
    """The events that wait for approval. Read from an index that may lag."""

    def pending(self, *, until: datetime | None = None) -> tuple[PendingEvent, ...]:
        """Return those that expire at `until` or earlier, or all; the next to expire come first.

        Callers must read each event again.
        """
        ...


class ParkedEvents(Protocol):
    """Events that the sweeper has parked."""

    def unpark(self, event_ids: Iterable[str], *, now: datetime) -> None:
        """Mark those of these events that are parked, or whose guests are, as unsynced."""
        ...


class Bookings(Protocol):
    """The transaction that books participants' time."""

    def agendas(self, user_ids: Sequence[str], interval: Interval) -> tuple[AgendaDay, ...]:
        """Return every agenda day of these users that `days_touching(interval)` names.

        Consistent, in as few parallel requests as the table allows; days never written have
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
        """Write the event and every participant's agenda in one transaction.

        `previous` is the event this one replaces (None: a new event). `seen` are the agenda days
        the decision is based on: those of `guarded` users must still have the version seen.

        Raises:
            LostRace: when the event, or a guarded agenda day, has changed; nothing is written.
            TooManySessions, TooLarge: when a participant's day, or the transaction, has no room.
        """
        ...

    def release_stale_holds(self, event_id: str) -> None:
        """Remove the stale holds that moving a large event left behind; usually there are none.

        Until then those days block more time than necessary. Safe to call repeatedly and
        concurrently.

        Raises:
            LostRace: when other writers keep changing the same days; retry later.
        """
        ...
