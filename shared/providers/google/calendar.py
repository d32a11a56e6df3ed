"""The calendar port for Google Calendar."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from typing_extensions import override

from shared.domain.connection import ProblemCode
from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import CalendarMalformed, CalendarTooLarge, CopyGone, ProviderRejected
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from shared.providers.access import access_token
from shared.providers.google.api import GoogleCalendarApi
from shared.providers.google.copies import GoogleCopies
from shared.providers.google.entries import PAGE_FIELDS, EventsPage, parse_page, read_entries
from shared.providers.http import HttpClient, shared_http
from shared.providers.limits import MAX_OCCURRENCES, Deadline

# All-day events are dates in the calendar's time zone, which is known only from the response.
_SLACK = timedelta(days=1)


class GoogleCalendar(CalendarProvider):
    """Google Calendar, through the Calendar API at `base_url`.

    Every method also raises AccessExpired when Google rejects the access token. Nothing here
    refreshes it.
    """

    def __init__(self, base_url: str, *, http: HttpClient | None = None) -> None:
        self._base_url = base_url
        self._http = http or shared_http()

    @override
    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Send one request per page."""
        api = self._api(account, timeout)
        try:
            return read_entries(_pages(api, within), account.connection, within=within)
        except CopyGone as error:
            raise ProviderRejected(
                "The Google calendar does not exist.", problem=ProblemCode.CALENDAR_DELETED
            ) from error

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

    def _copies(self, account: Account, timeout: timedelta) -> GoogleCopies:
        return GoogleCopies(self._api(account, timeout), connection_id=account.connection.id)

    def _api(self, account: Account, timeout: timedelta) -> GoogleCalendarApi:
        return GoogleCalendarApi(
            self._http,
            self._base_url,
            calendar_id=account.connection.calendar_id,
            token=access_token(account),
            deadline=Deadline(timeout),
        )


def _pages(api: GoogleCalendarApi, within: Interval) -> Iterator[EventsPage]:
    params = {
        "singleEvents": "true",
        "timeMin": _timestamp(within.start - _SLACK),
        "timeMax": _timestamp(within.end + _SLACK),
        "maxResults": "2500",
        # Only the attendee who owns the calendar is needed, to see if they declined.
        "maxAttendees": "1",
        "fields": PAGE_FIELDS,
    }
    seen: set[str] = set()
    count = 0
    while True:
        page = parse_page(api.page(params))
        count += len(page.items)
        if count > MAX_OCCURRENCES:
            raise CalendarTooLarge(
                f"The calendar has over {MAX_OCCURRENCES} entries in the requested time."
            )
        yield page
        if page.next_token is None:
            return
        if page.next_token in seen:
            raise CalendarMalformed("Google returned the same page token twice.")
        seen.add(page.next_token)
        params["pageToken"] = page.next_token


def _timestamp(instant: datetime) -> str:
    return f"{instant.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"
