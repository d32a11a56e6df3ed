"""Google Calendar behind the port."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shared.domain.copy import CalendarEntry, CopyContent, CopyRef
from shared.domain.errors import CalendarGarbled, CalendarTooLarge, CopyGone, ProviderRefused
from shared.domain.interval import Interval
from shared.ports import Account
from shared.providers.access import access_token
from shared.providers.google.api import Api
from shared.providers.google.copies import Copies
from shared.providers.google.entries import PAGE_FIELDS, Page, entries_of, page_of
from shared.providers.http import Deadline, Http, shared_http
from shared.providers.limits import MOST_OCCURRENCES

# Whole days lie in the calendar's zone, which only the answer tells.
_SLACK = timedelta(days=1)


class GoogleCalendar:
    """A `CalendarProvider` on the Calendar API at `base_url`.

    AccessExpired: the access token is not good; nothing is refreshed here.
    """

    def __init__(self, base_url: str, *, http: Http | None = None) -> None:
        self._base_url = base_url
        self._http = http or shared_http()

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return every entry that overlaps `within`, by start; one request and one per page."""
        api = self._api(account, timeout)
        try:
            entries = [
                entry
                for page in _pages(api, within)
                for entry in entries_of(page, account.connection, within=within)
            ]
        except CopyGone as error:
            raise ProviderRefused("There is no such calendar; connect the account anew.") from error
        return tuple(sorted(entries, key=lambda each: (each.interval.start, each.external_id)))

    def create_copy(self, account: Account, content: CopyContent, *, timeout: timedelta) -> CopyRef:
        """Make the calendar hold `content`; see `Copies.create`."""
        return self._copies(account, timeout).create(content)

    def update_copy(
        self, account: Account, ref: CopyRef, content: CopyContent, *, timeout: timedelta
    ) -> CopyRef:
        """Send the fields of ours that differ; see `Copies.update`."""
        return self._copies(account, timeout).update(ref, content)

    def delete_copy(
        self, account: Account, ref: CopyRef | None, *, key: str, timeout: timedelta
    ) -> None:
        """Remove the copy; see `Copies.delete`."""
        self._copies(account, timeout).delete(ref, key=key)

    def _copies(self, account: Account, timeout: timedelta) -> Copies:
        return Copies(self._api(account, timeout), connection_id=account.connection.id)

    def _api(self, account: Account, timeout: timedelta) -> Api:
        return Api(
            self._http,
            self._base_url,
            calendar_id=account.connection.calendar_id,
            token=access_token(account),
            deadline=Deadline(timeout),
        )


def _pages(api: Api, within: Interval) -> Iterator[Page]:
    params = {
        "singleEvents": "true",
        "timeMin": _stamp(within.start - _SLACK),
        "timeMax": _stamp(within.end + _SLACK),
        "maxResults": "2500",
        # Of the attendees only the calendar's own one decides.
        "maxAttendees": "1",
        "fields": PAGE_FIELDS,
    }
    seen: set[str] = set()
    count = 0
    while True:
        page = page_of(api.page(params))
        count += len(page.items)
        if count > MOST_OCCURRENCES:
            raise CalendarTooLarge(
                f"The calendar has over {MOST_OCCURRENCES} entries in that time."
            )
        yield page
        if page.next_token is None:
            return
        if page.next_token in seen:
            raise CalendarGarbled("Google's pages lead in a circle.")
        seen.add(page.next_token)
        params["pageToken"] = page.next_token


def _stamp(instant: datetime) -> str:
    return f"{instant.replace(microsecond=0):%Y-%m-%dT%H:%M:%SZ}"
