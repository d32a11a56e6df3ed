"""A mailbox's calendar of the simulated Microsoft, as its owner uses it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.console.entries import OwnEntry
from infra.local.simulators.microsoft import MicrosoftSimulator
from infra.local.simulators.microsoft.mailbox import CALENDAR_ID, OutlookMailbox
from infra.local.simulators.microsoft.outlook_event import OutlookEvent
from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class OwnOutlookCalendar:
    """The default calendar of an account."""

    simulator: MicrosoftSimulator
    account: str

    def entries(self, within: Interval) -> Sequence[OwnEntry]:
        """Return the entries that overlap the interval, ordered by start."""
        with self.simulator.lock:
            occurrences = self._mailbox().view(CALENDAR_ID, within.start, within.end)
        return [
            OwnEntry(
                id=each.item.ids[0],
                title=each.item.fields["subject"],
                start=each.start,
                end=each.end,
            )
            for each in occurrences
        ]

    def add(self, title: str, times: Interval) -> None:
        """Add an entry."""
        with self.simulator.lock:
            self._mailbox().create(CALENDAR_ID, {"subject": title, **_times(times)})

    def change(self, entry_id: str, title: str, times: Interval) -> None:
        """Change an entry's title and times.

        Raises:
            KeyError: when there is no such entry.
        """
        with self.simulator.lock:
            fields = {"subject": title, **_times(times)}
            self._mailbox().change(self._item(entry_id), fields, etag=None)

    def delete(self, entry_id: str) -> None:
        """Delete an entry.

        Raises:
            KeyError: when there is no such entry.
        """
        with self.simulator.lock:
            self._mailbox().trash(self._item(entry_id))

    def _mailbox(self) -> OutlookMailbox:
        return self.simulator.mailbox(self.account)

    def _item(self, entry_id: str) -> OutlookEvent:
        item = self._mailbox().find(entry_id)
        if item is None or item.trashed:
            raise KeyError(entry_id)
        return item


def _times(times: Interval) -> dict[str, Any]:
    return {
        name: {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": "UTC"}
        for name, moment in (("start", times.start), ("end", times.end))
    }
