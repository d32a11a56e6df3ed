"""The calendar on the CalDAV server, as its owner's calendar program uses it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import httpx
from icalendar import Calendar, Event
from lxml import etree  # type: ignore[import-untyped]  # ships no types

from infra.local.console.entries import OwnEntry
from infra.local.provider_servers import CaldavAccount
from shared.domain.interval import Interval

_ICAL_TIME = "%Y%m%dT%H%M%SZ"
_REPORT = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop>
<c:calendar-data><c:expand start="{start}" end="{end}"/></c:calendar-data></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">
<c:time-range start="{start}" end="{end}"/>
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""
_NAMES = {"d": "DAV:", "c": "urn:ietf:params:xml:ns:caldav"}


@dataclass(frozen=True, slots=True)
class OwnCaldavCalendar:
    """The calendar of the account; the id of an entry is its path on the server."""

    server: CaldavAccount

    @property
    def account(self) -> str:
        """The user name."""
        return self.server.username

    def entries(self, within: Interval) -> Sequence[OwnEntry]:
        """Return the entries that overlap the interval, ordered by start."""
        bounds = {"start": f"{within.start:{_ICAL_TIME}}", "end": f"{within.end:{_ICAL_TIME}}"}
        response = self._send(
            "REPORT", self.server.calendar_url, _REPORT.format(**bounds), {"Depth": "1"}
        )
        entries = [
            _entry(path, event)
            for path, content in _objects(response.content)
            for event in Calendar.from_ical(content).walk("VEVENT")
        ]
        return sorted(entries, key=lambda each: each.start)

    def add(self, title: str, times: Interval) -> None:
        """Add an entry."""
        name = str(uuid.uuid4())
        event = Event({"UID": name, "DTSTAMP": f"{times.start:{_ICAL_TIME}}"})
        self._put(f"{self.server.calendar_url}{name}.ics", _wrapped(event), title, times)

    def change(self, entry_id: str, title: str, times: Interval) -> None:
        """Change an entry's title and times.

        Raises:
            KeyError: when there is no such entry.
        """
        url = self._url(entry_id)
        self._put(url, Calendar.from_ical(self._send("GET", url).text), title, times)

    def delete(self, entry_id: str) -> None:
        """Delete an entry.

        Raises:
            KeyError: when there is no such entry.
        """
        self._send("DELETE", self._url(entry_id))

    def _put(self, url: str, calendar: Any, title: str, times: Interval) -> None:
        event = calendar.walk("VEVENT")[0]
        for name, value in (("SUMMARY", title), ("DTSTART", times.start), ("DTEND", times.end)):
            event.pop(name, None)
            event.add(name, value)
        event.pop("DURATION", None)
        self._send("PUT", url, calendar.to_ical(), {"Content-Type": "text/calendar"})

    def _url(self, entry_id: str) -> str:
        url = httpx.URL(self.server.url).join(entry_id)
        if not str(url).startswith(self.server.calendar_url):
            raise KeyError(entry_id)
        return str(url)

    def _send(
        self,
        method: str,
        url: str,
        content: str | bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        auth = (self.server.username, self.server.password)
        response = httpx.request(
            method, url, auth=auth, content=content, headers=headers, timeout=30, trust_env=False
        )
        if response.status_code == httpx.codes.NOT_FOUND:
            raise KeyError(url)
        return response.raise_for_status()


def _wrapped(event: Event) -> Calendar:
    calendar = Calendar({"VERSION": "2.0", "PRODID": "-//local//own calendar//EN"})
    calendar.add_component(event)
    return calendar


def _objects(report: bytes) -> list[tuple[str, str]]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    tree = etree.fromstring(report, parser)
    return [
        (
            each.findtext("d:href", namespaces=_NAMES),
            each.findtext(".//c:calendar-data", "", _NAMES),
        )
        for each in tree.findall("d:response", _NAMES)
    ]


def _entry(path: str, event: Any) -> OwnEntry:
    return OwnEntry(
        id=path,
        title=str(event.get("SUMMARY", "")),
        start=_instant(event.start),
        end=_instant(event.end),
    )


def _instant(moment: date | datetime) -> datetime:
    """Return a moment in UTC; dates and times without a zone count as UTC."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
