"""A calendar whose server or client fails in an unforeseen way never causes a 5xx."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from shared import wiring
from shared.domain.caller import Caller
from shared.domain.connection import ConnectionStatus
from shared.domain.copy import CalendarEntry
from shared.domain.interval import Interval
from shared.domain.role import Role
from shared.domain.slot_rules import SlotStatus
from shared.ports import Account
from shared.usecases.finding.calendars import SourceState
from shared.usecases.finding.slots import SlotQuery
from tests.support import icloud_simulator
from tests.support.calendar_stubs import ReadOnlyCalendar
from tests.support.loopback_http import ServerFault
from tests.support.month_views import TUESDAY, day_of, get_data, month
from tests.support.service import (
    NOW,
    User,
    calendars_over,
    call_api,
    coach,
    days_over,
    fresh_id,
    installed,
    learner,
    session_body,
    slots_over,
)
from tests.support.store_samples import connection

pytestmark = pytest.mark.long

SLOTS = "/api/v1/available-slots"
CHECK = "/api/v1/legacy/check-availability"
ADMIN = Caller(user_id="boss", roles=frozenset({Role.ADMIN}))
XML = {"Content-Type": "application/xml"}


def multistatus(href: str, status: str) -> ServerFault:
    """Return a response that names one object, with its data."""
    data = '<c:calendar-data xmlns:c="urn:ietf:params:xml:ns:caldav">x</c:calendar-data>'
    body = (
        f'<multistatus xmlns="DAV:"><response><href>{href}</href><propstat><prop>{data}</prop>'
        f"<status>{status}</status></propstat></response></multistatus>"
    )
    return ServerFault(207, XML, body.encode())


FAULTS = {
    "status of 5,000 digits": multistatus("/x.ics", f"HTTP/1.1 {'9' * 5000}"),
    "href that is no address": multistatus("//[", "HTTP/1.1 200 OK"),
    "wait of 400 digits": ServerFault(503, {"Retry-After": "9" * 400}),
}


@pytest.fixture(scope="module")
def running(
    environment: Mapping[str, str],
) -> Iterator[tuple[str, icloud_simulator.IcloudSimulator]]:
    """The functions, and a CalDAV server that they may connect to."""
    with icloud_simulator.serve_icloud() as (url, simulator):
        host = url.partition("//")[2].strip("/")
        with installed({**environment, "CALDAV_ALLOWED_HOSTS": host}):
            yield url, simulator


@pytest.fixture
def poisoned(running: tuple[str, icloud_simulator.IcloudSimulator]) -> User:
    """A coach with a calendar on that server and availability all day."""
    url, simulator = running
    simulator.faults.clear()
    who = coach()
    body = {
        "username": icloud_simulator.USERNAME,
        "password": icloud_simulator.PASSWORD,
        "serverUrl": url,
    }
    assert call_api("POST", "/api/v1/auth/apple/connect", who, body=body).status == 201
    chosen = {"role": "Coach", "timezone": "UTC", "useDefaultAvailability": True}
    assert call_api("PUT", "/api/v1/availability", who, body=chosen).status == 200
    return who


@pytest.fixture(params=FAULTS)
def hostile(
    request: pytest.FixtureRequest,
    poisoned: User,
    running: tuple[str, icloud_simulator.IcloudSimulator],
) -> User:
    """The coach, whose server returns such a response to every reading."""
    for _ in range(4):
        running[1].fail_next(FAULTS[request.param])
    return poisoned


def test_slots_and_months_are_unverified(hostile: User) -> None:
    query = {"role": "Coach", "coachId": hostile.id, "learnerId": learner().id}

    slots = get_data(hostile, SLOTS, date=TUESDAY, **query)
    view = month(hostile, **query)

    assert {"unverified"} == {each["status"] for each in slots["slots"]}
    assert ["unavailable"] == [each["state"] for each in slots["sources"]]
    assert ["unavailable"] == [each["state"] for each in view["sources"]]
    assert day_of(view)["availableSlots"] == 0


def test_the_day_list_and_the_legacy_check_say_so(hostile: User) -> None:
    day = get_data(hostile, "/api/v1/events", date=TUESDAY)
    query = {"userId": hostile.id, "role": "Coach", "dateTime": f"{TUESDAY}T10:00:00Z"}
    check = get_data(hostile, CHECK, **query)

    assert ["unavailable"] == [each["state"] for each in day["sources"]]
    assert check["available"] is False


def test_a_booking_is_a_conflict(hostile: User) -> None:
    body = session_body(hostile.id, learner().id)

    response = call_api("POST", "/api/v1/events", hostile, body=body)

    assert (409, "CALENDAR_UNREADABLE") == (response.status, response.code)


@dataclass(slots=True)
class RaisingCalendar(ReadOnlyCalendar):
    """One calendar raises an error that no code expects."""

    broken: str = ""
    error: Exception = field(default_factory=ValueError)

    def entries(
        self, account: Account, within: Interval, *, timeout: timedelta
    ) -> tuple[CalendarEntry, ...]:
        """Return the entries that overlap `within`, or raise."""
        if account.connection.id == self.broken:
            raise self.error
        return ReadOnlyCalendar.entries(self, account, within, timeout=timeout)


@pytest.mark.parametrize(
    "error", [ValueError("x"), TypeError("x"), RecursionError("x"), OverflowError("x")]
)
def test_an_unforeseen_error_in_one_calendar_leaves_the_others_readable(
    poisoned: User, error: Exception
) -> None:
    people = wiring.people_store()
    (working,) = people.person(poisoned.id).connections
    made = connection(fresh_id("c"), user_id=poisoned.id, status=ConnectionStatus.ACTIVE)
    people.save_connection(made)
    calendars = calendars_over(RaisingCalendar(broken=made.id, error=error))
    query = SlotQuery(
        day=date.fromisoformat(TUESDAY),
        role=Role.COACH,
        coach_ids=(poisoned.id,),
        learner_ids=(),
        zone="UTC",
    )

    slots = slots_over(calendars).on(ADMIN, query, now=NOW)
    own = Caller(user_id=poisoned.id)
    day = days_over(calendars).on(own, day=query.day, user_id=None, zone_name="UTC", now=NOW)

    expected = {working.id: SourceState.OK, made.id: SourceState.UNAVAILABLE}
    assert {SlotStatus.UNVERIFIED} == {each.status for each in slots.slots}
    assert expected == {each.connection_id: each.state for each in slots.sources}
    assert expected == {each.connection_id: each.state for each in day.sources}
