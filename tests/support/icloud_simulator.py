"""A CalDAV server on loopback with the measured behaviour of iCloud and injectable faults."""

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

from tests.support.icloud_collections import CALDAV, DAV, typical_collections
from tests.support.icloud_xml import calendar_data, multistatus, nest, propstat_response
from tests.support.loopback_http import (
    ReceivedRequest,
    ServerFault,
    loopback_server,
    read_request,
    send_response,
)

USERNAME = "kim.coach@icloud.example"
PASSWORD = "abcd-efgh-ijkl-mnop"
HOME = "/1234567/calendars/"
CALENDAR = f"{HOME}home/"
PRINCIPAL = "/1234567/principal/"


class IcloudSimulator:
    """The state of one account, the received requests and the queued faults."""

    def __init__(self) -> None:
        self.collections = typical_collections()
        self.objects: dict[str, tuple[str, int]] = {}
        self.requests: list[ReceivedRequest] = []
        self.faults: deque[ServerFault] = deque()
        self.home_href = HOME
        self.principal_href = PRINCIPAL
        self.default_calendar: str | None = None
        self.returns_etag_of_put = True
        self.weak_etags = False
        self.before: Callable[[ReceivedRequest], None] = lambda _: None
        self.stop = threading.Event()
        self._version = 0
        self._lock = threading.RLock()

    def fail_next(self, fault: ServerFault) -> None:
        """Make the next request, or the next of the fault's method, fail."""
        self.faults.append(fault)

    def put(self, path: str, text: str) -> None:
        """Store an object as if another client had written it."""
        with self._lock:
            self._version += 1
            self.objects[path] = (text, self._version)

    def etag(self, path: str) -> str:
        return f'{"W/" if self.weak_etags else ""}"v{self.objects[path][1]}"'

    @property
    def _collections(self) -> set[str]:
        return {f"{HOME}{each.name}/" for each in self.collections}

    def take_fault(self, method: str) -> ServerFault | None:
        with self._lock:
            for fault in self.faults:
                if fault.method in (None, method):
                    self.faults.remove(fault)
                    return fault
        return None

    def respond(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        """Carry out the request and return status, headers and body."""
        with self._lock:
            if not _authorized(request):
                return 401, {"WWW-Authenticate": 'Basic realm="MMCalDav"'}, ""
            handler = {
                "PROPFIND": self._propfind,
                "REPORT": self._report,
                "GET": self._get,
                "PUT": self._put,
                "DELETE": self._delete,
            }.get(request.method)
            return (405, {}, "") if handler is None else handler(request)

    def _propfind(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        requested = [
            each.tag for each in etree.fromstring(request.body.encode()).iter() if len(each) == 0
        ]
        resources = self._resources(request)
        if not resources:
            return 404, {}, ""
        properties_xml = "".join(
            propstat_response(href, properties, requested) for href, properties in resources
        )
        return multistatus(properties_xml)

    def _resources(self, request: ReceivedRequest) -> list[tuple[str, dict[str, str]]]:
        if request.path in ("/", "/.well-known/caldav"):
            href = escape(self.principal_href)
            return [
                (
                    request.path,
                    {f"{DAV}current-user-principal": nest("current-user-principal", href)},
                )
            ]
        if request.path == PRINCIPAL:
            return [(request.path, self._principal())]
        if request.path == HOME and request.headers.get("depth") == "1":
            collections = [(f"{HOME}{each.name}/", each.properties()) for each in self.collections]
            return [(HOME, {}), *collections]
        if request.path == f"{HOME}inbox/":
            return [(request.path, self._inbox())]
        if request.path in self.objects:
            tag = f"<getetag>{escape(self.etag(request.path))}</getetag>"
            return [(request.path, {f"{DAV}getetag": tag})]
        return []

    def _principal(self) -> dict[str, str]:
        mailto = f"mailto:{USERNAME}"
        return {
            f"{CALDAV}calendar-home-set": nest("c:calendar-home-set", self.home_href),
            f"{CALDAV}calendar-user-address-set": nest("c:calendar-user-address-set", mailto),
            f"{CALDAV}schedule-inbox-URL": nest("c:schedule-inbox-URL", f"{HOME}inbox/"),
        }

    def _inbox(self) -> dict[str, str]:
        if self.default_calendar is None:
            return {}
        properties_xml = nest("c:schedule-default-calendar-URL", self.default_calendar)
        return {f"{CALDAV}schedule-default-calendar-URL": properties_xml}

    def _report(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        tree = etree.fromstring(request.body.encode())
        if tree.tag != f"{CALDAV}calendar-query":
            return 400, {}, ""
        if (
            tree.find(f".//{CALDAV}prop-filter") is not None
            or tree.find(f".//{CALDAV}expand") is not None
        ):
            return 403, {}, ""
        if request.path not in self._collections:
            return 404, {}, ""
        span = tree.find(f".//{CALDAV}time-range")
        start, end = (_instant(span.get(name)) for name in ("start", "end"))
        properties_xml = "".join(
            propstat_response(path, {"data": calendar_data(text)}, ["data"])
            for path, (text, _) in self.objects.items()
            if path.startswith(request.path) and _may_touch(text, start, end)
        )
        return multistatus(properties_xml)

    def _get(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        if request.path not in self.objects:
            return 404, {}, ""
        headers = {"ETag": self.etag(request.path), "Content-Type": "text/calendar; charset=utf-8"}
        return 200, headers, self.objects[request.path][0]

    def _put(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        if f"{request.path.rpartition('/')[0]}/" not in self._collections:
            return 404, {}, ""
        exists = request.path in self.objects
        if not self._precondition_holds(request, exists=exists):
            return 412, {}, ""
        if "BEGIN:VEVENT" in request.body and not re.search(r"^DTEND", request.body, re.MULTILINE):
            return 403, {}, ""
        uids = set(re.findall(r"^UID:(\S+)", request.body, re.MULTILINE))
        other_objects = (text for path, (text, _) in self.objects.items() if path != request.path)
        if any(f"UID:{uid}" in text for text in other_objects for uid in uids):
            return 403, {}, ""
        self.put(request.path, request.body)
        headers = {"ETag": self.etag(request.path)} if self.returns_etag_of_put else {}
        return 204 if exists else 201, headers, ""

    def _delete(self, request: ReceivedRequest) -> tuple[int, dict[str, str], str]:
        exists = request.path in self.objects
        if not exists:
            return 404, {}, ""
        if not self._precondition_holds(request, exists=exists):
            return 412, {}, ""
        del self.objects[request.path]
        return 204, {}, ""

    def _precondition_holds(self, request: ReceivedRequest, *, exists: bool) -> bool:
        match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
        if match == "*":
            return not exists  # measured: iCloud does the opposite
        if match is not None:
            # A weak tag never matches (RFC 9110, 13.1.1).
            return exists and not match.startswith("W/") and match == self.etag(request.path)
        return not (none_match == "*" and exists)


@contextmanager
def serve_icloud(*, certificate: Path | None = None) -> Iterator[tuple[str, IcloudSimulator]]:
    """Run the server and yield its URL and the simulator."""
    simulator = IcloudSimulator()
    with loopback_server(
        lambda handler: _serve(handler, simulator), certificate=certificate
    ) as url:
        try:
            yield url, simulator
        finally:
            simulator.stop.set()


def _serve(handler: BaseHTTPRequestHandler, simulator: IcloudSimulator) -> None:
    request = read_request(handler)
    simulator.requests.append(request)
    simulator.before(request)
    fault = simulator.take_fault(request.method)
    if fault is None:
        status, headers, text = simulator.respond(request)
        send_response(handler, status, headers, text.encode())
        return
    response = simulator.respond(request) if fault.commits or fault.truncated else None
    handler.close_connection = True
    if fault.silent:
        simulator.stop.wait(30)
    elif fault.drip:
        _drip(handler, simulator)
    elif fault.truncated and response is not None:
        body = response[2].encode()
        send_response(handler, response[0], response[1], body[: len(body) // 2])
    else:
        # Said in the response, so that the client sends its next request on a new connection.
        send_response(handler, fault.status, {**fault.headers, "Connection": "close"}, fault.body)


def _drip(handler: BaseHTTPRequestHandler, simulator: IcloudSimulator) -> None:
    """Send an endless header one letter at a time, so that a timeout per read never expires."""
    try:
        handler.wfile.write(b"HTTP/1.1 207 OK\r\nX-Slow: ")
        while not simulator.stop.wait(0.02):
            handler.wfile.write(b"z")
    except OSError:
        return  # the client has closed the connection, as it should


def _authorized(request: ReceivedRequest) -> bool:
    expected = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    return request.headers.get("authorization") == f"Basic {expected}"


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _may_touch(text: str, start: datetime, end: datetime) -> bool:
    """Return whether a time-range filter finds the object; recurring objects always match."""
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
