"""Whatever one user's calendar server or bookings do, other users are served as usual.

Another user's steps are requests to DynamoDB and to that user's own calendar server, counted
before and during the noise.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.mail.endpoint import SesEndpoint
from infra.local.simulators.serving import serving
from shared import wiring
from shared.domain.role import Role
from shared.domain.sweep import MAX_TRIES, SweepCount
from shared.domain.week import RoleAvailability, Window
from shared.stores.unsynced import DynamoUnsynced
from tests.support import icloud_simulator
from tests.support.api import ApiResponse
from tests.support.aws import counted
from tests.support.icloud_simulator import CALENDAR, IcloudSimulator
from tests.support.loopback_http import ReceivedRequest, ServerFault
from tests.support.month_views import TUESDAY, get_data
from tests.support.oauth_flows import with_oauth_simulators
from tests.support.service import User, book, call_api, coach, learner, session_body

pytestmark = pytest.mark.long

SLOTS = "/api/v1/available-slots"
SESSIONS = 8
TIMES = 3
"""How many times the usual number of steps another user's work may take."""

DAY_LIMIT = 20
"""SESSIONS_PER_USER_PER_DAY."""

ODD_STATUS = ServerFault(
    207,
    {"Content-Type": "application/xml"},
    b'<multistatus xmlns="DAV:"><response><href>//[</href><propstat><prop/>'
    b"<status>HTTP/1.1 " + b"9" * 5000 + b"</status></propstat></response></multistatus>",
    method="REPORT",
)
ODD_WAIT = ServerFault(503, {"Retry-After": "9" * 400}, method="PUT")
ENDLESS = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:x",
        "BEGIN:VTIME",
        " ZONE",
        "TZID:My/Zone",
        *("BEGIN:STANDARD", "DTSTART:19700101T000000", "RRULE:FREQ=SECONDLY"),
        *("TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "END:STANDARD"),
        "END:VTIME",
        " ZONE",
        "BEGIN:VEVENT",
        "UID:endless",
        "DTSTAMP:20260101T000000Z",
        "DTSTART;TZID=My/Zone:20260101T000000",
        "DURATION:PT1S",
        "RRULE:FREQ=SECONDLY",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
)
"""A series without an end, in a time zone with an endless rule whose name is folded."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The service, the calendar server of everyone, and that of one hostile user, Eve."""

    ses: SesEndpoint
    url: str
    server: IcloudSimulator
    evil_url: str
    evil_server: IcloudSimulator
    usual: dict[str, int] = field(default_factory=dict)

    def connected(self, url: str) -> User:
        """Return a new coach with a calendar on that server."""
        who = coach()
        body = {
            "username": icloud_simulator.USERNAME,
            "password": icloud_simulator.PASSWORD,
            "serverUrl": url,
        }
        assert call_api("POST", "/api/v1/auth/apple/connect", who, body=body).status == 201
        return who

    def eve(self) -> tuple[User, list[str]]:
        """Return Eve, whose server works so far, and her sessions, which are not synced yet."""
        eve, other = self.connected(self.evil_url), learner().id
        hours = range(8, 8 + SESSIONS)
        sessions = [book(eve, eve.id, other, **on_the_hour(hour))["id"] for hour in hours]
        return eve, sessions

    def serve_another_user(self) -> Counter[str]:
        """Find slots, book, write the copy and send the mail of a new user; count the steps."""
        who, other = self.connected(self.url), learner()
        self.server.objects.clear()  # all its users share one account
        self.server.requests.clear()
        steps: Counter[str] = Counter()
        with steps_of("slots", steps):
            query = {"role": "Coach", "coachId": who.id, "learnerId": other.id}
            slots = get_data(who, SLOTS, date=TUESDAY, **query)["slots"]
        assert "available" in {each["status"] for each in slots}
        contact = {"userId": other.id, "email": f"{other.id}@example.com"}
        with steps_of("booking", steps):
            event = book(who, who.id, other.id, contacts=[contact])
        with steps_of("copy and mail", steps):
            assert reconcile(event["id"]) is None
        copies = call_api("GET", f"/api/v1/events/{event['id']}", who).data["sync"]
        assert ["SYNCED"] == [each["state"] for each in copies]
        assert contact["email"] in self.ses.mails[-1].to
        steps["calendar server"] = len(self.server.requests)
        return steps

    def assert_another_user_is_served_as_usual(self) -> None:
        """Compare another user's steps with those before any noise."""
        steps = self.serve_another_user()

        allowed = {name: TIMES * number for name, number in self.usual.items()}
        excess = {name: number for name, number in steps.items() if number > allowed[name]}
        assert excess == {}


@contextmanager
def steps_of(name: str, steps: Counter[str]) -> Iterator[None]:
    """Count the requests to DynamoDB under that name."""
    with counted(wiring.tables()) as sent:
        yield
    steps[name] = len(sent)


def on_the_hour(hour: int) -> dict[str, str]:
    """Return the times of a session of an hour."""
    return {
        "startTime": f"2026-11-25T{hour:02}:00:00Z",
        "endTime": f"2026-11-25T{hour + 1:02}:00:00Z",
    }


def reconcile(event_id: str) -> timedelta | None:
    """Do what a sync worker does with the event's message."""
    return wiring.copy_sync().reconcile(event_id, now=wiring.now())


@pytest.fixture(scope="module")
def neighbours(ministack_url: str) -> Iterator[Neighbours]:
    with (
        icloud_simulator.serve_icloud() as (url, server),
        icloud_simulator.serve_icloud() as (evil_url, evil_server),
        serving(SesEndpoint(now=wiring.now)) as ses,
    ):
        hosts = ",".join(each.partition("//")[2].strip("/") for each in (url, evil_url))
        settings = {**ses.environment, "CALDAV_ALLOWED_HOSTS": hosts}
        with with_oauth_simulators(ministack_url, **settings):
            run = Neighbours(ses, url, server, evil_url, evil_server)
            run.serve_another_user()  # clients are created on first use
            run.usual.update(run.serve_another_user())
            yield run


@pytest.fixture(autouse=True)
def quiet_afterwards(neighbours: Neighbours) -> Iterator[None]:
    """Let Eve's server work again."""
    yield
    neighbours.evil_server.faults.clear()
    neighbours.evil_server.objects.clear()
    neighbours.evil_server.before = lambda _: None


def read_slots(who: User) -> set[str]:
    """Return the statuses of that coach's slots."""
    query = {"role": "Coach", "coachId": who.id, "learnerId": learner().id}
    return {each["status"] for each in get_data(who, SLOTS, date=TUESDAY, **query)["slots"]}


def test_responses_that_no_code_expects(neighbours: Neighbours) -> None:
    eve, sessions = neighbours.eve()
    for _ in range(10 * SESSIONS):
        neighbours.evil_server.fail_next(ODD_STATUS)
        neighbours.evil_server.fail_next(ODD_WAIT)

    assert {"unverified"} == read_slots(eve)
    assert all(reconcile(each) for each in sessions)
    neighbours.assert_another_user_is_served_as_usual()


def test_calendars_whose_expansion_never_ends(neighbours: Neighbours) -> None:
    eve, sessions = neighbours.eve()
    for number in range(20):
        neighbours.evil_server.put(f"{CALENDAR}{number}.ics", ENDLESS)

    assert {"unverified"} == read_slots(eve)
    assert [None] * SESSIONS == [reconcile(each) for each in sessions]
    neighbours.assert_another_user_is_served_as_usual()


def test_a_server_that_accepts_and_never_answers(neighbours: Neighbours) -> None:
    _, sessions = neighbours.eve()
    with tarpit(neighbours.evil_server) as calls, ThreadPoolExecutor(1) as worker:
        hanging = worker.submit(reconcile, sessions[0])
        assert calls.began.wait(20), "the worker has not called Eve's server"

        waits = [reconcile(each) for each in sessions[1:]]
        neighbours.assert_another_user_is_served_as_usual()

        assert all(waits), "Eve's other copies wait"
        assert not hanging.done(), "the first call still hangs"
        assert len(calls.requests) == 1, "her server occupies one worker"
        calls.release.set()
        assert hanging.result(20)


@dataclass(slots=True)
class HangingCalls:
    """The requests that hang until `release` is set."""

    began: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)
    requests: list[ReceivedRequest] = field(default_factory=list)


@contextmanager
def tarpit(server: IcloudSimulator) -> Iterator[HangingCalls]:
    """Let the server answer reads, and hang on everything else."""
    calls = HangingCalls()

    def hang(request: ReceivedRequest) -> None:
        if request.method != "REPORT":
            calls.requests.append(request)
            calls.began.set()
            calls.release.wait(30)
            server.fail_next(ServerFault(503))

    server.before = hang
    try:
        yield calls
    finally:
        calls.release.set()


def test_requests_that_fill_a_persons_day(neighbours: Neighbours) -> None:
    victim, eve = neighbours.connected(neighbours.url), learner()
    neighbours.server.objects.clear()
    always = tuple(Window(weekday, 0, 24 * 60, "UTC") for weekday in range(7))
    availability = RoleAvailability(role=Role.COACH, zone="UTC", use_default=False, windows=always)
    wiring.people_store().save_availability(victim.id, availability)
    for number in range(DAY_LIMIT - 1):
        assert request_session(eve, victim, number).status == 201

    with counted(wiring.tables()) as sent:
        booked = request_session(victim, victim, DAY_LIMIT)
    full = request_session(victim, victim, DAY_LIMIT + 1)

    assert booked.status == 201
    assert len(sent) <= TIMES * neighbours.usual["booking"]
    assert (409, "TOO_MANY_SESSIONS") == (full.status, full.json["error"]["code"])
    neighbours.assert_another_user_is_served_as_usual()


def request_session(who: User, victim: User, number: int) -> ApiResponse:
    """Ask for a session of the victim with a title of maximum length, at a time of its own."""
    start = datetime(2026, 11, 26, tzinfo=UTC) + number * timedelta(minutes=30)
    is_victim = who is victim
    body = session_body(
        victim.id,
        learner().id if is_victim else who.id,
        title="x" * 300,
        owner="COACH" if is_victim else "COACHEE",
        autoApproval=is_victim,
        startTime=start.isoformat(),
        endTime=(start + timedelta(minutes=30)).isoformat(),
    )
    return call_api("POST", "/api/v1/events", who, body=body)


def test_events_that_never_settle(neighbours: Neighbours) -> None:
    _, sessions = neighbours.eve()
    for _ in range(10 * SESSIONS):
        neighbours.evil_server.fail_next(ServerFault(503, method="PUT"))
    assert all(reconcile(each) for each in sessions)
    who = coach()
    lost = book(who, who.id, learner().id)["id"]  # its message is lost
    exhausted = SweepCount(changed_at=wiring.now(), tries=MAX_TRIES)
    for each in sessions:
        DynamoUnsynced(wiring.tables()).save_sweep_count(each, exhausted, now=wiring.now())

    report = wiring.sweeper().sweep(now=wiring.now() + timedelta(minutes=10))

    assert set(sessions) <= set(report.parked)
    assert lost in report.redriven
    neighbours.assert_another_user_is_served_as_usual()
