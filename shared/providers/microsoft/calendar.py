"""The calendar port for Microsoft: Outlook.com, Microsoft 365 and Exchange Online."""

from datetime import UTC, datetime, timedelta
from itertools import islice

from typing_extensions import override

from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import CalendarTooLarge
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from shared.providers.access import access_token
from shared.providers.http import HttpClient, shared_http
from shared.providers.limits import MAX_OCCURRENCES
from shared.providers.microsoft import marks
from shared.providers.microsoft.copies import MicrosoftCopies
from shared.providers.microsoft.entries import SELECT, GraphEntryReader
from shared.providers.microsoft.graph import GraphCall, GraphClient, segment
from shared.providers.moments import EARLIEST_ZONE, LATEST_ZONE

_PAGE = 999


class MicrosoftCalendar(CalendarProvider):
    """Microsoft calendars, through Microsoft Graph at `graph_url`.

    Graph's getSchedule (free/busy) is not used: personal accounts do not have it, and it supports
    neither a chosen calendar nor recognising our copies.
    """

    def __init__(self, graph_url: str, *, http: HttpClient | None = None) -> None:
        self._graph = GraphClient(graph_url, http or shared_http())

    @override
    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Send one request per page."""
        connection = account.connection
        path = f"/me/calendars/{segment(connection.calendar_id)}/calendarView"
        pages = self._call(account, timeout).pages(path, _query(within))
        events = list(islice(pages, MAX_OCCURRENCES + 1))
        if len(events) > MAX_OCCURRENCES:
            raise CalendarTooLarge(f"The calendar has over {MAX_OCCURRENCES} occurrences.")
        reader = GraphEntryReader(connection_id=connection.id, zone=connection.zone)
        return tuple(reader.entries(events, within))

    @override
    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        return self._copies(account, timeout).create(content)

    @override
    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        return self._copies(account, timeout).update(ref, content)

    @override
    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        self._copies(account, timeout).delete(ref, key=key)

    def _copies(self, account: Account, timeout: timedelta) -> MicrosoftCopies:
        connection = account.connection
        return MicrosoftCopies(
            self._call(account, timeout),
            calendar_id=connection.calendar_id,
            connection_id=connection.id,
        )

    def _call(self, account: Account, timeout: timedelta) -> GraphCall:
        return self._graph.call(access_token(account), timeout)


def _query(within: Interval) -> dict[str, str]:
    # Graph may select an all-day event by its dates as if they were in UTC. So request a wider
    # span; entries outside `within` are dropped afterwards.
    span = within.widened(LATEST_ZONE, EARLIEST_ZONE)
    return {
        "startDateTime": _timestamp(span.start),
        "endDateTime": _timestamp(span.end),
        "$select": SELECT,
        "$expand": marks.EXPAND,
        "$top": str(_PAGE),
    }


def _timestamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
