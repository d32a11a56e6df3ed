"""Encryption, request counts and the queue of events to reconcile."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from shared.domain.errors import CalendarServiceError
from shared.domain.interval import Interval


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
