"""Calendars elsewhere that answer at once from memory, and a vault that is always open."""

from dataclasses import dataclass, field
from datetime import timedelta

from shared.domain.connection import Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider


@dataclass(slots=True)
class Shelf:
    """Fills `Providers` and `CalendarProvider`: every calendar holds the same entries.

    `asked` collects the connection and the interval of every look-up.
    """

    held: tuple[CalendarEntry, ...] = ()
    asked: list[tuple[str, Interval]] = field(default_factory=list)

    def get(self, provider: Provider) -> CalendarProvider:
        """Return this shelf, whichever provider is meant."""
        del provider
        return self

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return what overlaps `within`."""
        del timeout
        self.asked.append((account.connection.id, within))
        return tuple(each for each in self.held if each.interval.overlaps(within))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Refuse: this shelf is for reading."""
        raise NotImplementedError

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Refuse: this shelf is for reading."""
        raise NotImplementedError

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Refuse: this shelf is for reading."""
        raise NotImplementedError


class OpenVault:
    """Fills `Vault` without any secrecy."""

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return the text as bytes."""
        del user_id, connection_id
        return plaintext.encode()

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the bytes as text."""
        del user_id, connection_id
        return ciphertext.decode(errors="replace")
