"""The ground the service stands on: time, encryption and the queue of sync work."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from shared.domain.interval import Interval


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Vault(Protocol):
    """Encrypts credentials, bound to the user and the connection they belong to."""

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return ciphertext that opens only for the same user and connection."""
        ...

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the plaintext; it must not be logged or stored.

        Raises:
            CalendarServiceError: when the ciphertext does not belong to this user and connection.
        """
        ...


class RequestCounts(Protocol):
    """How many requests came from one place in one stretch of time."""

    def count(self, source: str, window: Interval) -> int:
        """Count one more and return how many that makes; of many at once each gets its own number.

        The count may be forgotten once the window has ended.
        """
        ...


class SyncQueue(Protocol):
    """Carries ids of events whose calendars may be behind, first in first out per event."""

    def send(self, event_ids: Mapping[str, str]) -> None:
        """Put each event id on the queue; the value tells repeats of one change apart."""
        ...

    def delay(self, receipt_handle: str, wait: timedelta) -> None:
        """Hide a received message for that long before it is delivered again."""
        ...
