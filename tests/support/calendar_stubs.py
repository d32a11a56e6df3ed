"""A read-only calendar in memory, and a vault that does not encrypt."""

from dataclasses import dataclass, field
from datetime import timedelta

from shared.domain.connection import Provider
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider


@dataclass(slots=True)
class ReadOnlyCalendar:
    """All providers and calendars in one: every calendar holds the same entries.

    `lookups` collects the connection and the interval of every reading.
    """

    contents: tuple[CalendarEntry, ...] = ()
    lookups: list[tuple[str, Interval]] = field(default_factory=list)

    def get(self, provider: Provider) -> CalendarProvider:
        """Return this object for every provider."""
        del provider
        return self

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return the entries that overlap `within`."""
        del timeout
        self.lookups.append((account.connection.id, within))
        return tuple(entry for entry in self.contents if entry.interval.overlaps(within))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Raise: this calendar is read-only."""
        raise NotImplementedError

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Raise: this calendar is read-only."""
        raise NotImplementedError

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Raise: this calendar is read-only."""
        raise NotImplementedError


class PlainVault:
    """A vault that does not encrypt."""

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return the text as bytes."""
        del user_id, connection_id
        return plaintext.encode()

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the bytes as text."""
        del user_id, connection_id
        return ciphertext.decode(errors="replace")
