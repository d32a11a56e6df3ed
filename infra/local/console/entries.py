"""An entry of a simulated calendar, and what its owner can do with the calendar."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """One entry, as its owner sees it; of a series, one occurrence. `id` names the whole entry."""

    id: str
    title: str
    start: datetime
    end: datetime


class OwnCalendar(Protocol):
    """A calendar, used by its owner without this service. Faults do not apply."""

    @property
    def account(self) -> str:
        """The name of the account."""
        ...

    def entries(self, within: Interval) -> Sequence[OwnEntry]:
        """Return the entries that overlap the interval, ordered by start."""
        ...

    def add(self, title: str, times: Interval) -> None:
        """Add an entry."""
        ...

    def change(self, entry_id: str, title: str, times: Interval) -> None:
        """Change an entry's title and times.

        Raises:
            KeyError: when there is no such entry.
        """
        ...

    def delete(self, entry_id: str) -> None:
        """Delete an entry.

        Raises:
            KeyError: when there is no such entry.
        """
        ...


def utc_text(instant: datetime) -> str:
    """Return an instant as text with a Z, without fractions of a second."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
