"""Microsoft calendars behind the port: Outlook.com, Microsoft 365 and Exchange Online."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import CalendarTooLarge
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.access import access_token
from shared.providers.http import Http, shared_http
from shared.providers.limits import MOST_OCCURRENCES
from shared.providers.microsoft import marks
from shared.providers.microsoft.copies import Copies
from shared.providers.microsoft.entries import (
    EARLIEST_ZONE,
    LATEST_ZONE,
    SELECT,
    Reader,
)
from shared.providers.microsoft.graph import Graph, Talk, segment

_PAGE = 999


class MicrosoftCalendar:
    """A `CalendarProvider` over Microsoft Graph at `graph_url`; `web` is the process's own client.

    The free/busy look-up of Graph is not used: personal accounts have none, and it knows neither
    the chosen calendar nor our copies.
    """

    def __init__(self, graph_url: str, *, web: Http | None = None) -> None:
        self._graph = Graph(graph_url, web or shared_http())

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return every entry that overlaps `within`, by start; one request, and one per page."""
        connection = account.connection
        path = f"/me/calendars/{segment(connection.calendar_id)}/calendarView"
        pages = self._talk(account, timeout).pages(path, _query(within))
        events = list(islice(pages, MOST_OCCURRENCES + 1))
        if len(events) > MOST_OCCURRENCES:
            raise CalendarTooLarge(f"The calendar has over {MOST_OCCURRENCES} occurrences.")
        reader = Reader(connection_id=connection.id, zone=connection.zone)
        entries = [entry for each in events if (entry := reader.entry(each)) is not None]
        found = [each for each in entries if each.interval.falls_within(within)]
        return tuple(sorted(found, key=lambda each: (each.interval.start, each.external_id)))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Make the calendar hold `content` under `content.key`, once however often it is asked."""
        return self._copies(account, timeout).create(content)

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Bring our fields of the copy to `content`; what the user added to it stays."""
        return self._copies(account, timeout).update(ref, content)

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Remove the copy, also one the user has changed."""
        self._copies(account, timeout).delete(ref, key=key)

    def _copies(self, account: Account, timeout: timedelta) -> Copies:
        connection = account.connection
        return Copies(
            self._talk(account, timeout),
            calendar_id=connection.calendar_id,
            connection_id=connection.id,
        )

    def _talk(self, account: Account, timeout: timedelta) -> Talk:
        return self._graph.talk(access_token(account), timeout)


def _query(within: Interval) -> dict[str, str]:
    # An all-day event may be kept by its dates as if they were UTC's; what is near is sorted out.
    span = within.widened(LATEST_ZONE, EARLIEST_ZONE)
    return {
        "startDateTime": _bound(span.start),
        "endDateTime": _bound(span.end),
        "$select": SELECT,
        "$expand": marks.EXPAND,
        "$top": str(_PAGE),
    }


def _bound(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
