"""A mailbox of the simulated Exchange: calendars, events, deleted items and sent mail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators.microsoft.events import Occurrence, apply_fields, check, occurrences
from infra.local.simulators.microsoft.outlook_event import GraphError, Json, OutlookEvent

CALENDAR_ID = "AQMkADAw/Calendar+Primary=="
"""The id of every mailbox's default calendar; it contains characters not allowed in a path."""


class RepeatedTransaction(Exception):
    """An event with that transaction id exists."""

    def __init__(self, item: OutlookEvent) -> None:
        super().__init__("repeated transaction")
        self.item = item


class StaleEtag(Exception):
    """The event has changed since the given etag."""


@dataclass
class OutlookMailbox:
    """One user's mailbox; `zone_name` is Exchange's name for its time zone `zone`."""

    email: str
    zone: str = "UTC"
    zone_name: str = "UTC"
    calendars: dict[str, str] = field(default_factory=lambda: {CALENDAR_ID: "Calendar"})
    items: list[OutlookEvent] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    _transactions: dict[str, OutlookEvent] = field(default_factory=dict)

    def events(self, calendar_id: str | None = None) -> list[OutlookEvent]:
        """Return the events of one calendar, or of all; deleted ones are left out."""
        return [
            each
            for each in self.items
            if not each.trashed and calendar_id in (None, each.calendar_id)
        ]

    def find(self, external_id: str) -> OutlookEvent | None:
        """Return the event with that id (of either kind), even if deleted."""
        return next((each for each in self.items if external_id in each.ids), None)

    def create(self, calendar_id: str, fields: Mapping[str, Any]) -> OutlookEvent:
        """Create an event.

        Raises:
            GraphError: when Graph would reject it.
            RepeatedTransaction: when its transaction id was used before.
        """
        check(fields, new=True)
        transaction = fields.get("transactionId")
        if transaction in self._transactions:
            raise RepeatedTransaction(self._transactions[transaction])
        item = self._new(calendar_id, fields)
        if transaction is not None:
            self._transactions[transaction] = item
        self._mail(item, "invited")
        return item

    def change(self, item: OutlookEvent, fields: Mapping[str, Any], *, etag: str | None) -> None:
        """Write fields of an event.

        Raises:
            GraphError: when Graph would reject them.
            StaleEtag: when `etag` is given and is not the event's.
        """
        check({**_times(item), **fields}, new=False)
        if etag not in (None, "*", item.etag):
            raise StaleEtag
        apply_fields(item, fields)
        self._mail(item, "updated")

    def trash(self, item: OutlookEvent) -> None:
        """Move the event to the deleted items; `find` still returns it."""
        item.trashed = True
        self._mail(item, "cancelled")

    def view(self, calendar_id: str, start: datetime, end: datetime) -> list[Occurrence]:
        """Return every occurrence that overlaps the range, sorted by start."""
        if calendar_id not in self.calendars:
            raise GraphError("ErrorItemNotFound", "The calendar does not exist.")
        overlapping = [
            each
            for item in self.events(calendar_id)
            for each in occurrences(item, self.zone, end)
            if each.end > start or each.start == each.end >= start
        ]
        return sorted(overlapping, key=lambda each: (each.start, each.item.number))

    def forget_transactions(self) -> None:
        """Delete the transaction ids, as the server does after a while."""
        self._transactions.clear()

    def _new(self, calendar_id: str, fields: Mapping[str, Any]) -> OutlookEvent:
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"
        own: Json = {
            "subject": "",
            "location": {"displayName": "", "locationType": "default"},
            "attendees": [],
            "organizer": {"emailAddress": {"name": self.email, "address": self.email}},
            "isOrganizer": True,
            "isAllDay": False,
            "isCancelled": False,
            "isOnlineMeeting": False,
            "onlineMeetingProvider": "unknown",
            "onlineMeeting": None,
            "onlineMeetingUrl": None,
            "responseStatus": {"response": "organizer", "time": "0001-01-01T00:00:00Z"},
            "showAs": "busy",
            "type": "seriesMaster" if fields.get("recurrence") else "singleInstance",
            "categories": [],
            "isReminderOn": True,
            "reminderMinutesBeforeStart": 15,
            "createdDateTime": now,
        }
        item = OutlookEvent(len(self.items) + 1, calendar_id, own)
        apply_fields(item, fields)
        self.items.append(item)
        return item

    def _mail(self, item: OutlookEvent, what: str) -> None:
        for each in item.fields["attendees"]:
            self.mails.append(f"{what}: {each['emailAddress']['address']}")


def _times(item: OutlookEvent) -> Json:
    return {name: item.fields[name] for name in ("start", "end")}
