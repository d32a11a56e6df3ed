"""The test servers behind each calendar provider, as operators and users of them."""

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from icalendar import Calendar, vText

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef, copy_key
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from shared.providers.apple.credentials import Credentials
from tests.support import icloud_simulator
from tests.support.loopback_http import ServerFault

CONNECTION_ID = "connection-1"
RETRY_AFTER = timedelta(seconds=120)
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = Interval(START - timedelta(hours=12), START + timedelta(hours=12))


class ServerFailure(Enum):
    """Ways in which a provider can fail a request."""

    UNAUTHORIZED = "401"
    RATE_LIMITED = "429 with RETRY_AFTER"
    BROKEN = "500, nothing done"
    BROKEN_AFTER_COMMIT = "done, but 500"
    SILENT = "nothing done, no response"
    SILENT_AFTER_COMMIT = "done, no response"
    TRUNCATED = "half of the response"
    HTML = "a web page with status 200"


class ProviderTestServer(Protocol):
    """A provider's server, with what its operator and its user can do."""

    can_fail: bool

    def items(self) -> Mapping[str, str]:
        """Return the raw text of everything in the calendar, by the provider's id."""
        ...

    def ref(self, content: CopyContent) -> CopyRef:
        """Return the reference of a first copy of that content, without an etag."""
        ...

    def put_raw(self, external_id: str, raw: str) -> None:
        """Add or replace an object in the calendar as the user."""
        ...

    def add_entry(self, title: str, interval: Interval) -> None:
        """Add an entry as the user."""
        ...

    def decorate(self, external_id: str) -> None:
        """Add a reminder and a category to an entry as the user."""
        ...

    def is_decorated(self, external_id: str) -> bool:
        """Return whether the reminder and the category are still there."""
        ...

    def add_notes(self, external_id: str, notes: str, *, place: str | None = None) -> None:
        """Add notes behind the text of an entry, and a place, as the user."""
        ...

    def duplicate(self, external_id: str, interval: Interval) -> None:
        """Paste the entry at another time as the user."""
        ...

    def requests(self) -> int:
        """Return the number of requests received, if the server counts them."""
        ...

    def fail_next(self, failure: ServerFailure, *, method: str | None = None) -> None:
        """Make the next request fail, or the next one with that method."""
        ...


@dataclass
class ProviderCase:
    """A provider under test, with an account and the server behind it."""

    provider: CalendarProvider
    account: Account
    server: ProviderTestServer


class _CaldavTestServer:
    """The actions of a CalDAV user on plain iCalendar text."""

    def ref(self, content: CopyContent) -> CopyRef:
        return CopyRef(self._href(content.key))

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = (f"{each:%Y%m%dT%H%M%SZ}" for each in (interval.start, interval.end))
        lines = (f"UID:{title}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}")
        self.put_raw(self._href(title), ics(*lines, f"SUMMARY:{title}"))

    def decorate(self, external_id: str) -> None:
        alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM"
        raw = self.items()[external_id].replace("\r\n", "\n").replace("\n", "\r\n")
        additions = (
            f"CATEGORIES:Coaching\r\nX-APPLE-COLOR;X-WHO=me:#FF2968\r\n{alarm}\r\nEND:VEVENT"
        )
        self.put_raw(external_id, raw.replace("END:VEVENT", additions))

    def is_decorated(self, external_id: str) -> bool:
        raw = self.items()[external_id]
        parts = ("CATEGORIES:Coaching", "TRIGGER:-PT15M", "X-APPLE-COLOR;X-WHO=me:#FF2968")
        return all(part in raw for part in parts)

    def add_notes(self, external_id: str, notes: str, *, place: str | None = None) -> None:
        calendar = Calendar.from_ical(self.items()[external_id])
        (event,) = calendar.walk("VEVENT")
        event["DESCRIPTION"] = vText(f"{event['DESCRIPTION']}\n{notes}")
        if place is not None:
            event["LOCATION"] = vText(place)
        self.put_raw(external_id, calendar.to_ical().decode())

    def duplicate(self, external_id: str, interval: Interval) -> None:
        calendar = Calendar.from_ical(self.items()[external_id])
        (event,) = calendar.walk("VEVENT")
        event["UID"] = "PASTED"
        for name, at in (("DTSTART", interval.start), ("DTEND", interval.end)):
            event.pop(name)
            event.add(name, at)
        self.put_raw(self._href("PASTED"), calendar.to_ical().decode())

    def items(self) -> Mapping[str, str]:
        raise NotImplementedError

    def put_raw(self, external_id: str, raw: str) -> None:
        raise NotImplementedError

    def _href(self, name: str) -> str:
        raise NotImplementedError


class IcloudTestServer(_CaldavTestServer):
    """The iCloud simulator."""

    can_fail = True

    def __init__(self, url: str, simulator: icloud_simulator.IcloudSimulator) -> None:
        self.url = url
        self.simulator = simulator

    def items(self) -> Mapping[str, str]:
        return {self.url + path: text for path, (text, _) in self.simulator.objects.items()}

    def put_raw(self, external_id: str, raw: str) -> None:
        self.simulator.put(external_id.removeprefix(self.url), raw)

    def requests(self) -> int:
        return len(self.simulator.requests)

    def fail_next(self, failure: ServerFailure, *, method: str | None = None) -> None:
        self.simulator.fail_next(replace(_FAULTS[failure], method=method))

    def _href(self, name: str) -> str:
        return f"{self.url}{icloud_simulator.CALENDAR}{name}.ics"


class RadicaleTestServer(_CaldavTestServer):
    """A real Radicale server, accessed over HTTP."""

    can_fail = False

    def __init__(self, calendar: str, credentials: Credentials) -> None:
        self._calendar = calendar
        self._token = f"{credentials.username}:{credentials.password}"

    def make_calendar(self, body: str) -> None:
        self._ask("MKCALENDAR", self._calendar, body)

    def clear(self) -> None:
        for href in self.items():
            self._ask("DELETE", href)

    def items(self) -> Mapping[str, str]:
        body_text = self._ask("PROPFIND", self._calendar, headers={"Depth": "1"})
        paths = {part.partition("<")[0] for part in body_text.split("<href>")[1:]}
        root = self._calendar.removesuffix(urlsplit(self._calendar).path)
        hrefs = [root + path for path in paths if path.endswith(".ics")]
        return {href: self._ask("GET", href) for href in hrefs}

    def put_raw(self, external_id: str, raw: str) -> None:
        self._ask("PUT", external_id, raw, headers={"Content-Type": "text/calendar"})

    def requests(self) -> int:
        raise NotImplementedError("Radicale does not count requests")

    def fail_next(self, failure: ServerFailure, *, method: str | None = None) -> None:
        raise NotImplementedError(f"Radicale cannot be made to fail: {failure.value}, {method}")

    def _href(self, name: str) -> str:
        return f"{self._calendar}{name}.ics"

    def _ask(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> str:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        authorization = "Basic " + base64.b64encode(self._token.encode()).decode()
        try:
            fields = {**(headers or {}), "Authorization": authorization}
            connection.request(method, parts.path, body.encode(), fields)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status < 300, f"{method} {url}: {response.status} {text}"
        return text


def content(session_id: str = "session-1", **changes: object) -> CopyContent:
    """Return the content of a copy, with `changes`."""
    fields: dict[str, object] = {
        "session_id": session_id,
        "key": copy_key(session_id, CONNECTION_ID),
        "title": "Coaching: Kim & Lee",
        "interval": Interval(START, START + timedelta(hours=1)),
        "description": "Coach: Kim\nLearner: Lee",
        "location": "Room 4; first floor, left",
        "url": "https://meet.example/abc?x=1",
        "sequence": 0,
        "updated_at": datetime(2026, 2, 1, tzinfo=UTC),
    }
    return CopyContent(**{**fields, **changes})  # type: ignore[arg-type]  # tests name what they change


def apple_account(calendar: str, credentials: Credentials, *, zone: str | None = None) -> Account:
    """Return an account with access to that CalDAV calendar."""
    connection = Connection(
        id=CONNECTION_ID,
        user_id="user-1",
        provider=Provider.APPLE,
        account=f"{calendar} {credentials.username}",
        email="kim.coach@icloud.example",
        calendar_id=calendar,
        calendar_name="Home",
        zone=zone,
        credential=b"",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Account(connection=connection, credential=credentials.as_json)


def ics(*lines: str) -> str:
    """Return a calendar object with one event that has those lines."""
    all_lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", "BEGIN:VEVENT", *lines)
    return "\r\n".join([*all_lines, "END:VEVENT", "END:VCALENDAR", ""])


_PAGE = b"<!DOCTYPE html><html><body><p>Sign in to the <b>hotel</b> network</body></html>"
_FAULTS = {
    ServerFailure.UNAUTHORIZED: ServerFault(401, {"WWW-Authenticate": 'Basic realm="MMCalDav"'}),
    ServerFailure.RATE_LIMITED: ServerFault(
        429, {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}
    ),
    ServerFailure.BROKEN: ServerFault(500),
    ServerFailure.BROKEN_AFTER_COMMIT: ServerFault(500, commits=True),
    ServerFailure.SILENT: ServerFault(silent=True),
    ServerFailure.SILENT_AFTER_COMMIT: ServerFault(silent=True, commits=True),
    ServerFailure.TRUNCATED: ServerFault(truncated=True),
    ServerFailure.HTML: ServerFault(200, {"Content-Type": "text/html"}, _PAGE),
}
