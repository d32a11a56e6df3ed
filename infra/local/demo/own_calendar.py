"""Part one: slots follow the entries in a coach's CalDAV calendar; a session is copied to it."""

from typing import Any

import httpx
from icalendar import Calendar

from infra.local.demo.common import ApiClient, RunningService, expect, interval, say, text
from infra.local.demo.scenario import WEEKDAY, ZONE, CalendarFile, Scenario
from infra.local.provider_servers import CaldavAccount
from shared.domain.interval import Interval

TITLE = "First coaching session"


class Caldav:
    """The coach's calendar, accessed with GET and PUT as a calendar program does.

    Close `client` after use.
    """

    def __init__(self, account: CaldavAccount) -> None:
        self._url = account.calendar_url
        self.client = httpx.Client(auth=(account.username, account.password), timeout=30)

    def put(self, entry: CalendarFile) -> None:
        """Upload one calendar object."""
        response = self.client.put(
            f"{self._url}{entry.name}",
            content=entry.content,
            headers={"Content-Type": "text/calendar; charset=utf-8"},
        )
        expect(
            response.status_code == httpx.codes.CREATED,
            f"PUT {entry.name} returned {response.status_code}",
        )

    def titled(self, title: str) -> list[Any]:
        """Return the VEVENTs with that summary."""
        response = self.client.get(self._url).raise_for_status()
        events = Calendar.from_ical(response.text).walk("VEVENT")
        return [event for event in events if str(event.get("SUMMARY")) == title]

    def count(self) -> int:
        """Return the number of VEVENTs; a recurring one counts once."""
        response = self.client.get(self._url).raise_for_status()
        return len(Calendar.from_ical(response.text).walk("VEVENT"))


def run_steps(run: RunningService, scenario: Scenario) -> None:
    """Run every step.

    Raises:
        DemoFailed: at the first step that fails.
    """
    calendar = Caldav(run.servers.caldav)
    coach, learner = ApiClient(run, "coach-1", "Coach"), ApiClient(run, "learner-1", "Learner")
    admin = ApiClient(run, "admin-1", "Admin")
    with calendar.client, coach.client, learner.client, admin.client:
        for entry in scenario.existing:
            calendar.put(entry)
        before = calendar.count()
        say(f"The coach's calendar holds {before} other entries.")
        connect(run, coach)
        set_windows(coach, learner)
        first, second = run.until(lambda: find_slots(learner, scenario))
        book(run, learner, first)
        approve(run, admin, calendar, first)
        reject_double_booking(coach, first)
        reschedule(run, learner, calendar, second)
        cancel(run, learner, calendar)
        expect(calendar.count() == before, "the coach's other entries have changed")
        say("The coach's other entries are unchanged.")


def connect(run: RunningService, coach: ApiClient) -> None:
    """Connect the coach's calendar."""
    caldav = run.servers.caldav
    account = {
        "serverUrl": caldav.url,
        "username": caldav.username,
        "password": caldav.password,
    }
    connection = coach.call("POST", "/api/v1/auth/apple/connect", status=201, body=account)
    expect(connection["status"] == "active", f"the connection is {connection['status']}")
    say(f"Connected the coach's calendar {connection['calendarName']!r}.")


def set_windows(coach: ApiClient, learner: ApiClient) -> None:
    """Set the availability of both for the day of the demo."""
    _set_window(coach, "Coach", "08:00", "18:00")
    _set_window(learner, "Learner", "09:00", "17:00")
    say(f"Coach and learner set their windows: {WEEKDAY}s 8-18 and 9-17 in {ZONE}.")


def find_slots(learner: ApiClient, scenario: Scenario) -> tuple[Interval, Interval]:
    """Check the day's slots; return two that are free and do not overlap."""
    slots = learner.call("GET", "/api/v1/available-slots", query=_slots_query(scenario))["slots"]
    for slot in slots:
        expected = "busy" if interval(slot).overlaps(scenario.busy) else "available"
        message = f"the slot at {slot['localStart']} is {slot['status']}, not {expected}"
        expect(slot["status"] == expected, message)
    free = [interval(slot) for slot in slots if slot["available"]]
    taken = len(slots) - len(free)
    expect(taken > 0, "no slot is busy, although the coach's calendar is not empty")
    expect(len(free) > 1, "there are fewer than two free slots")
    busy = f"{taken} in the coach's busy time, 10:00-11:00"
    say(f"{scenario.day} has {len(free)} free slots and {busy}.")
    return free[0], free[-1]


def book(run: RunningService, learner: ApiClient, slot: Interval) -> None:
    """Book a slot as a learner, whose sessions an Admin approves."""
    event = run.until(lambda: learner.call("POST", "/api/v1/events", status=201, body=_event(slot)))
    expect(event["status"] == "PENDING_APPROVAL", f"the event is {event['status']}")
    say(f"The learner booked {text(slot.start)}; it waits for approval.")


def approve(run: RunningService, admin: ApiClient, calendar: Caldav, slot: Interval) -> None:
    """Approve the session and check its copy in the coach's calendar."""
    ref = {"sessionId": "demo-1"}
    event = run.until(lambda: admin.call("POST", "/api/v1/events/approve", body=ref))
    expect(event["status"] == "SCHEDULED", f"the event is {event['status']}")
    run.until(lambda: _check_copy(admin, calendar, slot))
    say("An Admin approved it; the coach's calendar holds it once, with the right times.")


def reject_double_booking(coach: ApiClient, slot: Interval) -> None:
    """Try to book the same time again."""
    body = {**_event(slot), "sessionId": "demo-2", "owner": "COACH"}
    error = coach.call("POST", "/api/v1/events", status=409, body=body)
    expect(error["code"] == "SLOT_TAKEN", f"the second booking was rejected with {error['code']}")
    say("A second session at that time is rejected: SLOT_TAKEN.")


def reschedule(run: RunningService, learner: ApiClient, calendar: Caldav, slot: Interval) -> None:
    """Move the session and check its copy."""
    run.until(lambda: learner.call("PUT", "/api/v1/events", body=_event(slot)))
    run.until(lambda: _check_copy(learner, calendar, slot))
    say(f"Rescheduled to {text(slot.start)}; the copy moved with it.")


def cancel(run: RunningService, learner: ApiClient, calendar: Caldav) -> None:
    """Cancel the session and check that its copy is deleted."""
    event = learner.call("POST", "/api/v1/events/cancel", body={"sessionId": "demo-1"})
    expect(event["status"] == "CANCELLED", f"the event is {event['status']}")
    run.until(lambda: expect(not calendar.titled(TITLE), "the copy is still there"))
    say("Cancelled; the copy is deleted from the coach's calendar.")


def _set_window(person: ApiClient, role: str, *times: str) -> None:
    window = dict(zip(("startTime", "endTime"), times, strict=True))
    body = {"role": role, "timezone": ZONE, "availability": {WEEKDAY: [window]}}
    person.call("PUT", "/api/v1/availability", body=body)


def _check_copy(client: ApiClient, calendar: Caldav, slot: Interval) -> None:
    event = client.call("GET", "/api/v1/events/demo-1")
    states = [copy["state"] for copy in event["sync"]]
    expect(states == ["SYNCED"], f"the copies are {states}: {event['sync']}")
    copies = calendar.titled(TITLE)
    expect(len(copies) == 1, f"the coach's calendar holds the session {len(copies)} times")
    copied = Interval(copies[0].start, copies[0].end)
    expect(copied == slot, f"the copy is from {copied.start} to {copied.end}, not {slot}")


def _slots_query(scenario: Scenario) -> dict[str, str]:
    people = {"coachId": "coach-1", "learnerId": "learner-1"}
    return {"date": scenario.day.isoformat(), "role": "Learner", "timezone": ZONE, **people}


def _event(slot: Interval) -> dict[str, Any]:
    return {
        "sessionId": "demo-1",
        "title": TITLE,
        "startTime": slot.start.isoformat(),
        "endTime": slot.end.isoformat(),
        "timezone": ZONE,
        "owner": "COACHEE",
        "coachId": ["coach-1"],
        "learnerId": ["learner-1"],
    }
