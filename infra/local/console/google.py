"""A calendar of the simulated Google, as its owner uses it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infra.local.console.entries import OwnEntry, utc_text
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.google.errors import GoogleApiError
from infra.local.simulators.google.events import instant
from infra.local.simulators.google.listing import matching_events
from infra.local.simulators.http import SimulatedRequest
from shared.domain.interval import Interval


@dataclass(frozen=True, slots=True)
class OwnGoogleCalendar:
    """One calendar of an account."""

    simulator: GoogleSimulator
    account: str
    calendar_id: str = "primary"

    def entries(self, within: Interval) -> Sequence[OwnEntry]:
        """Return the entries that overlap the interval, ordered by start."""
        query = {
            "singleEvents": "true",
            "orderBy": "startTime",
            "timeMin": utc_text(within.start),
            "timeMax": utc_text(within.end),
        }
        with self.simulator.lock:
            calendar = self.simulator.api.calendar(self.account, self.calendar_id)
            events = matching_events(calendar, query)
        return [
            OwnEntry(
                id=str(each.get("recurringEventId", each["id"])),
                title=each.get("summary", ""),
                start=instant(each["start"], calendar.time_zone),
                end=instant(each["end"], calendar.time_zone),
            )
            for each in events
        ]

    def add(self, title: str, times: Interval) -> None:
        """Add an entry."""
        request = _request({"summary": title, **_times(times)})
        with self.simulator.lock:
            self.simulator.api.insert(request, self.account, calendar_id=self.calendar_id)

    def change(self, entry_id: str, title: str, times: Interval) -> None:
        """Change an entry's title and times.

        Raises:
            KeyError: when there is no such entry.
        """
        self._edit("patch", entry_id, {"summary": title, **_times(times)})

    def delete(self, entry_id: str) -> None:
        """Delete an entry.

        Raises:
            KeyError: when there is no such entry.
        """
        self._edit("delete", entry_id, {})

    def _edit(self, method: str, entry_id: str, body: Mapping[str, Any]) -> None:
        edit = getattr(self.simulator.api, method)
        try:
            with self.simulator.lock:
                edit(_request(body), self.account, calendar_id=self.calendar_id, event_id=entry_id)
        except GoogleApiError as error:
            raise KeyError(entry_id) from error


def _request(body: Mapping[str, Any]) -> SimulatedRequest:
    return SimulatedRequest(
        method="POST",
        path="",
        query={},
        headers={"content-type": "application/json"},
        body=json.dumps(body).encode(),
    )


def _times(times: Interval) -> dict[str, Any]:
    return {
        "start": {"dateTime": utc_text(times.start)},
        "end": {"dateTime": utc_text(times.end)},
    }
