"""A CalDAV server on loopback that behaves as iCloud was measured to, and fails when told to."""

import base64
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from xml.sax.saxutils import escape

from icalendar import Calendar
from lxml import etree  # type: ignore[import-untyped]  # ships no types

from tests.support.icloud_shelves import CALDAV, DAV, every_kind_of_shelf
from tests.support.loopback_http import Fault, Seen, received, reply, serving

USERNAME = "kim.coach@icloud.example"
PASSWORD = "abcd-efgh-ijkl-mnop"
HOME = "/1234567/calendars/"
CALENDAR = f"{HOME}home/"
PRINCIPAL = "/1234567/principal/"

_NAMESPACES = (
    'xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
    'xmlns:s="http://calendarserver.org/ns/" xmlns:i="http://apple.com/ns/ical/"'
)


class Icloudish:
    """The account's state, the requests seen and the faults still to come."""

    def __init__(self) -> None:
        self.shelves = every_kind_of_shelf()
        self.objects: dict[str, tuple[str, int]] = {}
        self.seen: list[Seen] = []
        self.faults: deque[Fault] = deque()
        self.home_href = HOME
        self.principal_href = PRINCIPAL
        self.default_calendar: str | None = None
        self.tells_etag_of_put = True
        self.weak_etags = False
        self.before: Callable[[Seen], None] = lambda _: None
        self.hurry = threading.Event()
        self._version = 0
        self._lock = threading.RLock()

    def fail_next(self, fault: Fault) -> None:
        """Make the next request, or the next of the fault's method, fail."""
        self.faults.append(fault)

    def put(self, path: str, text: str) -> None:
        """Keep an object as if another client had written it."""
        with self._lock:
            self._version += 1
            self.objects[path] = (text, self._version)

    def etag(self, path: str) -> str:
        return f'{"W/" if self.weak_etags else ""}"v{self.objects[path][1]}"'

    @property
    def _collections(self) -> set[str]:
        return {f"{HOME}{each.name}/" for each in self.shelves}

    def take_fault(self, method: str) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.method in (None, method):
                    self.faults.remove(fault)
                    return fault
        return None

    def answer(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        """Do what the request asks for."""
        with self._lock:
            if not _authorized(seen):
                return 401, {"WWW-Authenticate": 'Basic realm="MMCalDav"'}, ""
            handler = {
                "PROPFIND": self._propfind,
                "REPORT": self._report,
                "GET": self._get,
                "PUT": self._put,
                "DELETE": self._delete,
            }.get(seen.method)
            return (405, {}, "") if handler is None else handler(seen)

    def _propfind(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        asked = [each.tag for each in etree.fromstring(seen.body.encode()).iter() if len(each) == 0]
        found = self._resources(seen)
        if not found:
            return 404, {}, ""
        told = "".join(_response(href, properties, asked) for href, properties in found)
        return _multistatus(told)

    def _resources(self, seen: Seen) -> list[tuple[str, dict[str, str]]]:
        if seen.path in ("/", "/.well-known/caldav"):
            href = escape(self.principal_href)
            return [
                (seen.path, {f"{DAV}current-user-principal": _nest("current-user-principal", href)})
            ]
        if seen.path == PRINCIPAL:
            return [(seen.path, self._principal())]
        if seen.path == HOME and seen.headers.get("depth") == "1":
            shelves = [(f"{HOME}{each.name}/", each.properties()) for each in self.shelves]
            return [(HOME, {}), *shelves]
        if seen.path == f"{HOME}inbox/":
            return [(seen.path, self._inbox())]
        if seen.path in self.objects:
            tag = f"<getetag>{escape(self.etag(seen.path))}</getetag>"
            return [(seen.path, {f"{DAV}getetag": tag})]
        return []

    def _principal(self) -> dict[str, str]:
        mailto = f"mailto:{USERNAME}"
        return {
            f"{CALDAV}calendar-home-set": _nest("c:calendar-home-set", self.home_href),
            f"{CALDAV}calendar-user-address-set": _nest("c:calendar-user-address-set", mailto),
            f"{CALDAV}schedule-inbox-URL": _nest("c:schedule-inbox-URL", f"{HOME}inbox/"),
        }

    def _inbox(self) -> dict[str, str]:
        if self.default_calendar is None:
            return {}
        told = _nest("c:schedule-default-calendar-URL", self.default_calendar)
        return {f"{CALDAV}schedule-default-calendar-URL": told}

    def _report(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        tree = etree.fromstring(seen.body.encode())
        if tree.tag != f"{CALDAV}calendar-query":
            return 400, {}, ""
        if (
            tree.find(f".//{CALDAV}prop-filter") is not None
            or tree.find(f".//{CALDAV}expand") is not None
        ):
            return 403, {}, ""
        if seen.path not in self._collections:
            return 404, {}, ""
        span = tree.find(f".//{CALDAV}time-range")
        start, end = (_instant(span.get(name)) for name in ("start", "end"))
        told = "".join(
            _response(path, {"data": _data(text)}, ["data"])
            for path, (text, _) in self.objects.items()
            if path.startswith(seen.path) and _may_touch(text, start, end)
        )
        return _multistatus(told)

    def _get(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        if seen.path not in self.objects:
            return 404, {}, ""
        headers = {"ETag": self.etag(seen.path), "Content-Type": "text/calendar; charset=utf-8"}
        return 200, headers, self.objects[seen.path][0]

    def _put(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        if f"{seen.path.rpartition('/')[0]}/" not in self._collections:
            return 404, {}, ""
        there = seen.path in self.objects
        if not self._precondition_holds(seen, there=there):
            return 412, {}, ""
        if "BEGIN:VEVENT" in seen.body and not re.search(r"^DTEND", seen.body, re.MULTILINE):
            return 403, {}, ""
        uids = set(re.findall(r"^UID:(\S+)", seen.body, re.MULTILINE))
        elsewhere = (text for path, (text, _) in self.objects.items() if path != seen.path)
        if any(f"UID:{uid}" in text for text in elsewhere for uid in uids):
            return 403, {}, ""
        self.put(seen.path, seen.body)
        headers = {"ETag": self.etag(seen.path)} if self.tells_etag_of_put else {}
        return 204 if there else 201, headers, ""

    def _delete(self, seen: Seen) -> tuple[int, dict[str, str], str]:
        there = seen.path in self.objects
        if not there:
            return 404, {}, ""
        if not self._precondition_holds(seen, there=there):
            return 412, {}, ""
        del self.objects[seen.path]
        return 204, {}, ""

    def _precondition_holds(self, seen: Seen, *, there: bool) -> bool:
        match, none_match = seen.headers.get("if-match"), seen.headers.get("if-none-match")
        if match == "*":
            return not there  # measured: the inverse of what it means
        if match is not None:
            # A weak tag never matches (RFC 9110, 13.1.1).
            return there and not match.startswith("W/") and match == self.etag(seen.path)
        return not (none_match == "*" and there)


@contextmanager
def icloudish(*, certificate: Path | None = None) -> Iterator[tuple[str, Icloudish]]:
    """Run the server and yield its URL and its state."""
    state = Icloudish()
    with serving(lambda handler: _serve(handler, state), certificate=certificate) as url:
        try:
            yield url, state
        finally:
            state.hurry.set()


def _serve(handler: BaseHTTPRequestHandler, state: Icloudish) -> None:
    seen = received(handler)
    state.seen.append(seen)
    state.before(seen)
    fault = state.take_fault(seen.method)
    if fault is None:
        status, headers, text = state.answer(seen)
        reply(handler, status, headers, text.encode())
        return
    answer = state.answer(seen) if fault.commits or fault.cut else None
    handler.close_connection = True
    if fault.silent:
        state.hurry.wait(30)
    elif fault.drip:
        _drip(handler, state)
    elif fault.cut and answer is not None:
        body = answer[2].encode()
        reply(handler, answer[0], answer[1], body[: len(body) // 2])
    else:
        reply(handler, fault.status, fault.headers, fault.body)


def _drip(handler: BaseHTTPRequestHandler, state: Icloudish) -> None:
    """Send a header for ever, a letter at a time, always in time for a timeout per read."""
    try:
        handler.wfile.write(b"HTTP/1.1 207 OK\r\nX-Slow: ")
        while not state.hurry.wait(0.02):
            handler.wfile.write(b"z")
    except OSError:
        return  # the client has hung up, as it should


def _authorized(seen: Seen) -> bool:
    expected = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    return seen.headers.get("authorization") == f"Basic {expected}"


def _nest(name: str, href: str) -> str:
    return f"<{name}><href>{escape(href)}</href></{name}>"


def _data(text: str) -> str:
    return f"<c:calendar-data>{escape(text)}</c:calendar-data>"


def _response(href: str, properties: dict[str, str], asked: list[str]) -> str:
    told = "".join(properties[name] for name in asked if name in properties)
    missing = "".join(
        f"<x:{etree.QName(name).localname} xmlns:x='{etree.QName(name).namespace}'/>"
        for name in asked
        if name not in properties
    )
    absent = f"<propstat><prop>{missing}</prop><status>HTTP/1.1 404 Not Found</status></propstat>"
    return (
        f"<response><href>{escape(href)}</href>"
        f"<propstat><prop>{told}</prop><status>HTTP/1.1 200 OK</status></propstat>"
        f"{absent if missing else ''}</response>"
    )


def _multistatus(told: str) -> tuple[int, dict[str, str], str]:
    body = f'<?xml version="1.0" encoding="UTF-8"?><multistatus {_NAMESPACES}>{told}</multistatus>'
    return 207, {"Content-Type": "text/xml; charset=utf-8"}, body


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _may_touch(text: str, start: datetime, end: datetime) -> bool:
    """Whether a time-range filter finds the object; recurring ones it may always find."""
    if "RRULE" in text or "RDATE" in text:
        return True
    for event in Calendar.from_ical(text).walk("VEVENT"):
        first, last = event.get("DTSTART"), event.get("DTEND")
        if first is None or not isinstance(first.dt, datetime) or first.dt.tzinfo is None:
            return True
        final = first.dt if last is None else last.dt
        if first.dt.astimezone(UTC) < end and final.astimezone(UTC) > start:
            return True
    return False
