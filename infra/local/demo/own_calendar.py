"""Scene one: a coach's own CalDAV calendar decides what is free, and gets the session."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
from icalendar import Calendar

from infra.local.demo.stage import Api, expect, interval, say, text
from infra.local.elsewhere import CaldavAccount
from infra.local.processes import ROOT
from infra.local.server import Service
from shared.domain.interval import Interval

# The Monday after summer time began: a weekly entry at 09:00 is cancelled on that day alone, and a
# daily one, written in a Windows zone, is at 10:00 for the fourth and last time.
NOW = datetime(2026, 3, 26, 7, tzinfo=UTC)
DAY = date(2026, 3, 30)
WEEKDAY = "monday"
ZONE = "Europe/Berlin"
BUSY = Interval(datetime(2026, 3, 30, 8, tzinfo=UTC), datetime(2026, 3, 30, 9, tzinfo=UTC))
_ICS = ROOT / "tests" / "data" / "ics"
EXISTING = (
    _ICS / "google-weekly.ics",
    _ICS / "outlook-windows-zone.ics",
    _ICS / "outlook-custom-zone.ics",
    _ICS / "thunderbird-monthly.ics",
)
TITLE = "First coaching session"


class Caldav:
    """The coach's calendar, seen as any calendar program sees it: plain GET and PUT.

    Close `client` after use.
    """

    def __init__(self, account: CaldavAccount) -> None:
        self._url = account.calendar_url
        self.client = httpx.Client(auth=(account.username, account.password), timeout=30)

    def put(self, file: Path) -> None:
        """Upload one calendar object."""
        answer = self.client.put(
            f"{self._url}{file.name}",
            content=file.read_bytes(),
            headers={"Content-Type": "text/calendar; charset=utf-8"},
        )
        expect(
            answer.status_code == httpx.codes.CREATED,
            f"PUT {file.name} answered {answer.status_code}",
        )

    def titled(self, title: str) -> list[Any]:
        """Return the VEVENTs with that summary."""
        answer = self.client.get(self._url).raise_for_status()
        events = Calendar.from_ical(answer.text).walk("VEVENT")
        return [event for event in events if str(event.get("SUMMARY")) == title]

    def count(self) -> int:
        """Return how many VEVENTs there are, recurrence rules unexpanded."""
        answer = self.client.get(self._url).raise_for_status()
        return len(Calendar.from_ical(answer.text).walk("VEVENT"))


def play(run: Service, existing: Sequence[Path]) -> None:
    """Go through every step.

    Raises:
        DemoFailed: at the first that is not as it should be.
    """
    calendar = Caldav(run.caldav)
    coach, learner = Api(run, "coach-1", "Coach"), Api(run, "learner-1", "Learner")
    with calendar.client, coach.client, learner.client:
        coach.call("POST", "/_local/clock", body={"now": NOW.isoformat()})
        for file in existing:
            calendar.put(file)
        before = calendar.count()
        say(f"It is {text(NOW)}. The coach's calendar holds {before} entries of its own.")
        connect(run, coach)
        set_windows(coach, learner)
        first, second = find_slots(learner)
        book(run, learner, calendar, first)
        refuse_double_booking(coach, first)
        reschedule(run, learner, calendar, second)
        cancel(run, learner, calendar)
        expect(calendar.count() == before, "the coach's own entries are not what they were")
        say("The coach's own entries are what they were.")


def connect(run: Service, coach: Api) -> None:
    """Connect the coach's calendar."""
    account = {
        "serverUrl": run.caldav.url,
        "username": run.caldav.username,
        "password": run.caldav.password,
    }
    made = coach.call("POST", "/api/v1/auth/apple/connect", status=201, body=account)
    expect(made["status"] == "active", f"the connection is {made['status']}")
    say(f"Connected the coach's calendar {made['calendarName']!r}.")


def set_windows(coach: Api, learner: Api) -> None:
    """Say when each has time on the day of the demo."""
    _set_window(coach, "Coach", "08:00", "18:00")
    _set_window(learner, "Learner", "09:00", "17:00")
    say(f"Coach and learner set their windows: {WEEKDAY}s 8-18 and 9-17 in {ZONE}.")


def find_slots(learner: Api) -> tuple[Interval, Interval]:
    """Show the day's slots and return two that are free and do not overlap."""
    slots = learner.call("GET", "/api/v1/available-slots", query=_asked())["slots"]
    for slot in slots:
        expected = "busy" if interval(slot).overlaps(BUSY) else "available"
        found = f"the slot at {slot['localStart']} is {slot['status']}, not {expected}"
        expect(slot["status"] == expected, found)
    free = [interval(slot) for slot in slots if slot["available"]]
    taken = len(slots) - len(free)
    expect(taken > 0, "no slot is busy, although the coach's calendar is not empty")
    expect(len(free) > 1, "there are not two slots to choose from")
    say(f"{DAY} has {len(free)} free slots and {taken} in the coach's busy time, 10:00-11:00.")
    return free[0], free[-1]


def book(run: Service, learner: Api, calendar: Caldav, slot: Interval) -> None:
    """Book a slot and find it in the coach's calendar."""
    made = learner.call("POST", "/api/v1/events", status=201, body=_event(slot))
    expect(made["status"] == "SCHEDULED", f"the event is {made['status']}")
    _check_copy(run, learner, calendar, slot)
    say(f"Booked {text(slot.start)}; the coach's calendar holds it once, with the right times.")


def refuse_double_booking(coach: Api, slot: Interval) -> None:
    """Try to book the same time again."""
    body = {**_event(slot), "sessionId": "demo-2", "owner": "COACH"}
    error = coach.call("POST", "/api/v1/events", status=409, body=body)
    expect(error["code"] == "SLOT_TAKEN", f"the second booking was refused with {error['code']}")
    say("A second session at that time is refused: SLOT_TAKEN.")


def reschedule(run: Service, learner: Api, calendar: Caldav, slot: Interval) -> None:
    """Move the session and find its copy moved."""
    learner.call("PUT", "/api/v1/events", body=_event(slot))
    _check_copy(run, learner, calendar, slot)
    say(f"Rescheduled to {text(slot.start)}; the copy moved with it.")


def cancel(run: Service, learner: Api, calendar: Caldav) -> None:
    """Cancel the session and find its copy gone."""
    gone = learner.call("POST", "/api/v1/events/cancel", body={"sessionId": "demo-1"})
    expect(gone["status"] == "CANCELLED", f"the event is {gone['status']}")
    run.settle()
    expect(not calendar.titled(TITLE), "the copy is still in the coach's calendar")
    say("Cancelled; the copy is gone from the coach's calendar.")


def _set_window(person: Api, role: str, *times: str) -> None:
    window = dict(zip(("startTime", "endTime"), times, strict=True))
    body = {"role": role, "timezone": ZONE, "availability": {WEEKDAY: [window]}}
    person.call("PUT", "/api/v1/availability", body=body)


def _check_copy(run: Service, learner: Api, calendar: Caldav, slot: Interval) -> None:
    run.settle()
    event = learner.call("GET", "/api/v1/events/demo-1")
    states = [copy["state"] for copy in event["sync"]]
    expect(states == ["SYNCED"], f"the copies are {states}: {event['sync']}")
    copies = calendar.titled(TITLE)
    expect(len(copies) == 1, f"the coach's calendar holds the session {len(copies)} times")
    held = Interval(copies[0].start, copies[0].end)
    expect(held == slot, f"the copy is from {held.start} to {held.end}, not {slot}")


def _asked() -> dict[str, str]:
    people = {"coachId": "coach-1", "learnerId": "learner-1"}
    return {"date": DAY.isoformat(), "role": "Learner", "timezone": ZONE, **people}


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
        "autoApproval": True,
    }
