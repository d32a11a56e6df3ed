"""Encryption, request counts, the queue of events to reconcile, and the records of one user."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from shared.domain.errors import CalendarServiceError
from shared.domain.interval import Interval

if TYPE_CHECKING:  # few functions load them
    from shared.domain.connection import Provider
    from shared.domain.copy import Copy
    from shared.domain.domain_event import DomainEvent
    from shared.domain.erasure import Erasure, Mention
    from shared.domain.event import Event
    from shared.domain.invite import GuestList, Invite
    from shared.ports.oauth import DisconnectedAccount


class CountUnavailable(CalendarServiceError):
    """A count could not be changed, because the store did not respond."""


class Vault(Protocol):
    """Encrypts credentials, bound to their user and connection."""

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return ciphertext that decrypts only for the same user and connection."""
        ...

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the plaintext, which must not be logged or stored.

        Raises:
            CalendarServiceError: when the ciphertext does not belong to this user and connection.
        """
        ...


class RequestCounts(Protocol):
    """Counts per source and time window: requests, mails and everything else that has a limit."""

    def count(self, source: str, window: Interval, number: int = 1) -> int:
        """Add `number`, which may be negative, and return the new count.

        Concurrent calls get different counts. A count may be deleted once its window has ended.

        Raises:
            CountUnavailable: when the count could not be changed.
        """
        ...


class SyncQueue(Protocol):
    """The queue of ids of events to reconcile, first in first out per event."""

    def send(self, event_ids: Mapping[str, str]) -> None:
        """Enqueue each event id; the value identifies the change, so that repeats are dropped."""
        ...

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for `wait` before it is delivered again."""
        ...


class UserRecords(Protocol):
    """What is stored about one user, for export and erasure, and the erasures themselves."""

    def record_users(self, event: "Event", user_ids: Iterable[str]) -> None:
        """Record that the event names these users, so that their erasure finds it."""
        ...

    def remove_leftovers(self, event_id: str) -> None:
        """Delete what belonged to an event that has expired; prepared guests stay."""
        ...

    def mentions(self, key: str, *, after: str = "", at_most: int) -> tuple["Mention", ...]:
        """Return the items that name sessions of a user id or address key, ordered, from `after`.

        Agenda days come first.
        """
        ...

    def forget(self, key: str, mention: "Mention") -> None:
        """Delete such an item."""
        ...

    def is_settled(self, event_id: str) -> bool:
        """Return whether calendars and mail match the event and its guests, or were given up."""
        ...

    def anonymise(self, after: "Event", *, before: "Event") -> None:
        """Replace an event by the same version without personal data, also in agendas.

        Calendars and mail do not follow. The event itself is written last.

        Raises:
            LostRace: when the event has another version.
        """
        ...

    def remove_copies(self, copies: Iterable["Copy"]) -> None:
        """Delete the records of copies."""
        ...

    def remove_invites(self, invites: Iterable["Invite"]) -> None:
        """Delete invites, and the records by which their addresses find them."""
        ...

    def remove_guest_list(self, guest_list: "GuestList") -> None:
        """Delete a guest list."""
        ...

    def remove_items(self, user_id: str, *, at_most: int) -> Mapping[str, int]:
        """Delete items of the user, whatever their kind; return the number by kind."""
        ...

    def disconnected_accounts(
        self, user_id: str
    ) -> "tuple[tuple[Provider, DisconnectedAccount], ...]":
        """Return the accounts that the user has disconnected and not connected again."""
        ...

    def erasure(self, erasure_id: str) -> "Erasure | None":
        """Return the erasure with that id."""
        ...

    def save_erasure(self, erasure: "Erasure", *, announce: bool) -> "Erasure":
        """Store the erasure and return it with its next `row_version`.

        With `announce`, a worker starts at once. Otherwise the one that saves it continues, and the
        sweeper finds the erasure after `due_at`.

        Raises:
            LostRace: when the stored erasure has changed since `row_version` was read.
        """
        ...


class EventSink(Protocol):
    """Where committed domain events are sent: the bus, or the webhooks."""

    def publish(self, events: "Sequence[DomainEvent]") -> None:
        """Send the events on, those of one subject in their order.

        After a failure all are published again, with the same ids.

        Raises:
            CalendarServiceError: when some were not accepted; it is safe to publish all again.
        """
        ...


class RecordReader(Protocol):
    """Derives domain events from records of the tables' streams."""

    def events(self, record: Mapping[str, Any]) -> "tuple[DomainEvent, ...]":
        """Return the domain events of one committed write, the same for every repeat."""
        ...


class DeadRecords(Protocol):
    """Stores stream records from which domain events cannot be derived, until they are repeated."""

    def add(self, record: Mapping[str, Any], reason: str) -> None:
        """Store a record."""
        ...


class ListedRange(NamedTuple):
    """The positions in the change list that can be read: from `first` to `last`."""

    first: int
    last: int


class ChangeList(Protocol):
    """The domain events of the last days in one order; positions are 1, 2, 3 and so on."""

    def add_events(self, events: "Sequence[DomainEvent]", *, now: datetime) -> None:
        """Add the events that are not in the list yet, in their order.

        Once an event can be read, no event is ever added before it.

        Raises:
            LostRace: when other writers keep adding events; it is safe to add all again.
        """
        ...

    def kept(self, *, now: datetime) -> ListedRange:
        """Return the positions kept; `last` is `first` - 1 if there are none."""
        ...

    def first_since(self, instant: datetime, *, now: datetime) -> int:
        """Return a position at or before that of every event appended at `instant` or later.

        It is at most a day too early.
        """
        ...

    def read(self, after: int, *, at_most: int) -> "tuple[tuple[int, DomainEvent], ...]":
        """Return the events that follow a position, each with its own position, in order."""
        ...
