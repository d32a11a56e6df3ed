"""The other side of a calendar provider: what a test may see and do there, whoever it is."""

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol
from urllib.parse import urlsplit

from shared.domain.connection import Connection, Provider
from shared.domain.copy import CopyContent, CopyRef, copy_key
from shared.domain.interval import Interval
from shared.ports import Account, CalendarProvider
from shared.providers.apple.credentials import Credentials
from tests.support import icloudish
from tests.support.loopback_http import Fault

CONNECTION_ID = "connection-1"
RETRY_AFTER = timedelta(seconds=120)
START = datetime(2026, 3, 2, 10, tzinfo=UTC)
DAY = Interval(START - timedelta(hours=12), START + timedelta(hours=12))


class Failure(Enum):
    """How a provider may let a request down."""

    UNAUTHORIZED = "401"
    RATE_LIMITED = "429 with RETRY_AFTER"
    BROKEN = "500, nothing done"
    BROKEN_AFTER_COMMIT = "done, yet answered 500"
    SILENT = "nothing done, no answer"
    SILENT_AFTER_COMMIT = "done, no answer"
    TRUNCATED = "half of the answer"
    HTML = "a web page with status 200"


class Peer(Protocol):
    """A provider's server as its operator and its user see it."""

    can_fail: bool

    def items(self) -> Mapping[str, str]:
        """Return everything in the calendar, raw, by the provider's id."""
        ...

    def ref(self, content: CopyContent) -> CopyRef:
        """Return where a first copy of that content is made, its state unknown."""
        ...

    def put_raw(self, external_id: str, raw: str) -> None:
        """Let the user put something into the calendar, or change it."""
        ...

    def add_entry(self, title: str, interval: Interval) -> None:
        """Let the user add an entry of their own."""
        ...

    def decorate(self, external_id: str) -> None:
        """Let the user add a reminder and a category to an entry."""
        ...

    def is_decorated(self, external_id: str) -> bool:
        """Whether both are still there."""
        ...

    def requests(self) -> int:
        """Return how many requests came, where the peer counts them."""
        ...

    def fail_next(self, failure: Failure, *, method: str | None = None) -> None:
        """Let the next request down, or the next one of that method."""
        ...


@dataclass
class Party:
    """One provider with an account and the peer behind it."""

    provider: CalendarProvider
    account: Account
    peer: Peer


class _CaldavPeer:
    """What a CalDAV user does with plain iCalendar text."""

    def ref(self, content: CopyContent) -> CopyRef:
        return CopyRef(self._href(content.key))

    def add_entry(self, title: str, interval: Interval) -> None:
        start, end = (f"{each:%Y%m%dT%H%M%SZ}" for each in (interval.start, interval.end))
        lines = (f"UID:{title}", "DTSTAMP:20260101T000000Z", f"DTSTART:{start}", f"DTEND:{end}")
        self.put_raw(self._href(title), ics(*lines, f"SUMMARY:{title}"))

    def decorate(self, external_id: str) -> None:
        alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT15M\r\nEND:VALARM"
        raw = self.items()[external_id].replace("\r\n", "\n").replace("\n", "\r\n")
        added = f"CATEGORIES:Coaching\r\nX-APPLE-COLOR;X-WHO=me:#FF2968\r\n{alarm}\r\nEND:VEVENT"
        self.put_raw(external_id, raw.replace("END:VEVENT", added))

    def is_decorated(self, external_id: str) -> bool:
        raw = self.items()[external_id]
        parts = ("CATEGORIES:Coaching", "TRIGGER:-PT15M", "X-APPLE-COLOR;X-WHO=me:#FF2968")
        return all(part in raw for part in parts)

    def items(self) -> Mapping[str, str]:
        raise NotImplementedError

    def put_raw(self, external_id: str, raw: str) -> None:
        raise NotImplementedError

    def _href(self, name: str) -> str:
        raise NotImplementedError


class IcloudishPeer(_CaldavPeer):
    """The simulator."""

    can_fail = True

    def __init__(self, url: str, state: icloudish.Icloudish) -> None:
        self.url = url
        self.state = state

    def items(self) -> Mapping[str, str]:
        return {self.url + path: text for path, (text, _) in self.state.objects.items()}

    def put_raw(self, external_id: str, raw: str) -> None:
        self.state.put(external_id.removeprefix(self.url), raw)

    def requests(self) -> int:
        return len(self.state.seen)

    def fail_next(self, failure: Failure, *, method: str | None = None) -> None:
        self.state.fail_next(replace(_FAULTS[failure], method=method))

    def _href(self, name: str) -> str:
        return f"{self.url}{icloudish.CALENDAR}{name}.ics"


class RadicalePeer(_CaldavPeer):
    """A real server, asked over HTTP."""

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
        listed = self._ask("PROPFIND", self._calendar, headers={"Depth": "1"})
        paths = {part.partition("<")[0] for part in listed.split("<href>")[1:]}
        root = self._calendar.removesuffix(urlsplit(self._calendar).path)
        hrefs = [root + path for path in paths if path.endswith(".ics")]
        return {href: self._ask("GET", href) for href in hrefs}

    def put_raw(self, external_id: str, raw: str) -> None:
        self._ask("PUT", external_id, raw, headers={"Content-Type": "text/calendar"})

    def requests(self) -> int:
        raise NotImplementedError("Radicale counts nothing")

    def fail_next(self, failure: Failure, *, method: str | None = None) -> None:
        raise NotImplementedError(f"Radicale is never {failure.value}, asked to {method}")

    def _href(self, name: str) -> str:
        return f"{self._calendar}{name}.ics"

    def _ask(
        self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> str:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        authorization = "Basic " + base64.b64encode(self._token.encode()).decode()
        try:
            told = {**(headers or {}), "Authorization": authorization}
            connection.request(method, parts.path, body.encode(), told)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        assert answer.status < 300, f"{method} {url}: {answer.status} {text}"
        return text


def content(session_id: str = "session-1", **changes: object) -> CopyContent:
    """Return what a copy in the party's calendar may say."""
    told: dict[str, object] = {
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
    return CopyContent(**{**told, **changes})  # type: ignore[arg-type]  # tests name what they change


def apple_account(calendar: str, credentials: Credentials, *, zone: str | None = None) -> Account:
    """Return a CalDAV connection to that calendar, opened."""
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
    """Return a calendar object with one event of those lines."""
    framed = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", "BEGIN:VEVENT", *lines)
    return "\r\n".join([*framed, "END:VEVENT", "END:VCALENDAR", ""])


_PAGE = b"<!DOCTYPE html><html><body><p>Sign in to the <b>hotel</b> network</body></html>"
_FAULTS = {
    Failure.UNAUTHORIZED: Fault(401, {"WWW-Authenticate": 'Basic realm="MMCalDav"'}),
    Failure.RATE_LIMITED: Fault(429, {"Retry-After": str(int(RETRY_AFTER.total_seconds()))}),
    Failure.BROKEN: Fault(500),
    Failure.BROKEN_AFTER_COMMIT: Fault(500, commits=True),
    Failure.SILENT: Fault(silent=True),
    Failure.SILENT_AFTER_COMMIT: Fault(silent=True, commits=True),
    Failure.TRUNCATED: Fault(cut=True),
    Failure.HTML: Fault(200, {"Content-Type": "text/html"}, _PAGE),
}
