"""A mailbox of the simulated Exchange: calendars, events, the trash, and mail it would send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from infra.local.simulators.microsoft_events import Occurrence, applied, check, occurrences
from infra.local.simulators.microsoft_item import Invalid, Item, Json

CALENDAR_ID = "AQMkADAw/Calendar+Primary=="
"""The id of every mailbox's own calendar: it holds characters that a path must not."""


class Repeated(Exception):
    """An event was made under that transaction id before."""

    def __init__(self, item: Item) -> None:
        super().__init__("repeated transaction")
        self.item = item


class Stale(Exception):
    """The event has changed since the etag given."""


@dataclass
class Mailbox:
    """One user's mailbox; `zone` is what its settings say, `zone_name` how they spell it."""

    email: str
    zone: str = "UTC"
    zone_name: str = "UTC"
    calendars: dict[str, str] = field(default_factory=lambda: {CALENDAR_ID: "Calendar"})
    items: list[Item] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    _transactions: dict[str, Item] = field(default_factory=dict)

    def events(self, calendar_id: str | None = None) -> list[Item]:
        """Return what is in the calendar, or in all of them; the trash is in none."""
        return [
            each
            for each in self.items
            if not each.trashed and calendar_id in (None, each.calendar_id)
        ]

    def find(self, external_id: str) -> Item | None:
        """Return the event of that id, of either kind, also when it lies in the trash."""
        return next((each for each in self.items if external_id in each.ids), None)

    def create(self, calendar_id: str, fields: Mapping[str, Any]) -> Item:
        """Make an event.

        Raises:
            Invalid: when it is not one Graph takes.
            Repeated: when its transaction id is known.
        """
        check(fields, new=True)
        transaction = fields.get("transactionId")
        if transaction in self._transactions:
            raise Repeated(self._transactions[transaction])
        item = self._new(calendar_id, fields)
        if transaction is not None:
            self._transactions[transaction] = item
        self._mail(item, "invited")
        return item

    def change(self, item: Item, fields: Mapping[str, Any], *, etag: str | None) -> None:
        """Write fields of an event.

        Raises:
            Invalid: when they are not ones Graph takes.
            Stale: when `etag` is given and not the event's.
        """
        check({**_times(item), **fields}, new=False)
        if etag not in (None, "*", item.etag):
            raise Stale
        applied(item, fields)
        self._mail(item, "updated")

    def trash(self, item: Item) -> None:
        """Move the event to the trash, where its id still finds it."""
        item.trashed = True
        self._mail(item, "cancelled")

    def view(self, calendar_id: str, start: datetime, end: datetime) -> list[Occurrence]:
        """Return every occurrence that overlaps the range, by start."""
        if calendar_id not in self.calendars:
            raise Invalid("ErrorItemNotFound", "The calendar is not there.")
        found = [
            each
            for item in self.events(calendar_id)
            for each in occurrences(item, self.zone, end)
            if each.end > start or each.start == each.end >= start
        ]
        return sorted(found, key=lambda each: (each.start, each.item.number))

    def forget_transactions(self) -> None:
        """Forget which transaction ids were used, as the server does after a while."""
        self._transactions.clear()

    def _new(self, calendar_id: str, fields: Mapping[str, Any]) -> Item:
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
        item = Item(len(self.items) + 1, calendar_id, own)
        applied(item, fields)
        self.items.append(item)
        return item

    def _mail(self, item: Item, what: str) -> None:
        for each in item.fields["attendees"]:
            self.mails.append(f"{what}: {each['emailAddress']['address']}")


def _times(item: Item) -> Json:
    return {name: item.fields[name] for name in ("start", "end")}
