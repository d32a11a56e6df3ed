"""Scene one: a coach's own CalDAV calendar decides what is free, and gets the session."""

from typing import Any

import httpx
from icalendar import Calendar

from infra.local.demo.script import WEEKDAY, ZONE, Entry, Script
from infra.local.demo.stage import Api, Run, expect, interval, say, text
from infra.local.elsewhere import CaldavAccount
from shared.domain.interval import Interval

TITLE = "First coaching session"


class Caldav:
    """The coach's calendar, seen as any calendar program sees it: plain GET and PUT.

    Close `client` after use.
    """

    def __init__(self, account: CaldavAccount) -> None:
        self._url = account.calendar_url
        self.client = httpx.Client(auth=(account.username, account.password), timeout=30)

    def put(self, entry: Entry) -> None:
        """Upload one calendar object."""
        answer = self.client.put(
            f"{self._url}{entry.name}",
            content=entry.content,
            headers={"Content-Type": "text/calendar; charset=utf-8"},
        )
        expect(
            answer.status_code == httpx.codes.CREATED,
            f"PUT {entry.name} answered {answer.status_code}",
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


def play(run: Run, script: Script) -> None:
    """Go through every step.

    Raises:
        DemoFailed: at the first that is not as it should be.
    """
    calendar = Caldav(run.elsewhere.caldav)
    coach, learner = Api(run, "coach-1", "Coach"), Api(run, "learner-1", "Learner")
    with calendar.client, coach.client, learner.client:
        for entry in script.existing:
            calendar.put(entry)
        before = calendar.count()
        say(f"The coach's calendar holds entries of its own: {before}.")
        connect(run, coach)
        set_windows(coach, learner)
        first, second = run.until(lambda: find_slots(learner, script))
        book(run, learner, calendar, first)
        refuse_double_booking(coach, first)
        reschedule(run, learner, calendar, second)
        cancel(run, learner, calendar)
        expect(calendar.count() == before, "the coach's own entries are not what they were")
        say("The coach's own entries are what they were.")


def connect(run: Run, coach: Api) -> None:
    """Connect the coach's calendar."""
    caldav = run.elsewhere.caldav
    account = {
        "serverUrl": caldav.url,
        "username": caldav.username,
        "password": caldav.password,
    }
    made = coach.call("POST", "/api/v1/auth/apple/connect", status=201, body=account)
    expect(made["status"] == "active", f"the connection is {made['status']}")
    say(f"Connected the coach's calendar {made['calendarName']!r}.")


def set_windows(coach: Api, learner: Api) -> None:
    """Say when each has time on the day of the demo."""
    _set_window(coach, "Coach", "08:00", "18:00")
    _set_window(learner, "Learner", "09:00", "17:00")
    say(f"Coach and learner set their windows: {WEEKDAY}s 8-18 and 9-17 in {ZONE}.")


def find_slots(learner: Api, script: Script) -> tuple[Interval, Interval]:
    """Show the day's slots and return two that are free and do not overlap."""
    slots = learner.call("GET", "/api/v1/available-slots", query=_asked(script))["slots"]
    for slot in slots:
        expected = "busy" if interval(slot).overlaps(script.busy) else "available"
        found = f"the slot at {slot['localStart']} is {slot['status']}, not {expected}"
        expect(slot["status"] == expected, found)
    free = [interval(slot) for slot in slots if slot["available"]]
    taken = len(slots) - len(free)
    expect(taken > 0, "no slot is busy, although the coach's calendar is not empty")
    expect(len(free) > 1, "there are not two slots to choose from")
    busy = f"{taken} in the coach's busy time, 10:00-11:00"
    say(f"{script.day} has {len(free)} free slots and {busy}.")
    return free[0], free[-1]


def book(run: Run, learner: Api, calendar: Caldav, slot: Interval) -> None:
    """Book a slot and find it in the coach's calendar."""
    made = run.until(lambda: learner.call("POST", "/api/v1/events", status=201, body=_event(slot)))
    expect(made["status"] == "SCHEDULED", f"the event is {made['status']}")
    run.until(lambda: _check_copy(learner, calendar, slot))
    say(f"Booked {text(slot.start)}; the coach's calendar holds it once, with the right times.")


def refuse_double_booking(coach: Api, slot: Interval) -> None:
    """Try to book the same time again."""
    body = {**_event(slot), "sessionId": "demo-2", "owner": "COACH"}
    error = coach.call("POST", "/api/v1/events", status=409, body=body)
    expect(error["code"] == "SLOT_TAKEN", f"the second booking was refused with {error['code']}")
    say("A second session at that time is refused: SLOT_TAKEN.")


def reschedule(run: Run, learner: Api, calendar: Caldav, slot: Interval) -> None:
    """Move the session and find its copy moved."""
    run.until(lambda: learner.call("PUT", "/api/v1/events", body=_event(slot)))
    run.until(lambda: _check_copy(learner, calendar, slot))
    say(f"Rescheduled to {text(slot.start)}; the copy moved with it.")


def cancel(run: Run, learner: Api, calendar: Caldav) -> None:
    """Cancel the session and find its copy gone."""
    gone = learner.call("POST", "/api/v1/events/cancel", body={"sessionId": "demo-1"})
    expect(gone["status"] == "CANCELLED", f"the event is {gone['status']}")
    run.until(lambda: expect(not calendar.titled(TITLE), "the copy is still there"))
    say("Cancelled; the copy is gone from the coach's calendar.")


def _set_window(person: Api, role: str, *times: str) -> None:
    window = dict(zip(("startTime", "endTime"), times, strict=True))
    body = {"role": role, "timezone": ZONE, "availability": {WEEKDAY: [window]}}
    person.call("PUT", "/api/v1/availability", body=body)


def _check_copy(learner: Api, calendar: Caldav, slot: Interval) -> None:
    event = learner.call("GET", "/api/v1/events/demo-1")
    states = [copy["state"] for copy in event["sync"]]
    expect(states == ["SYNCED"], f"the copies are {states}: {event['sync']}")
    copies = calendar.titled(TITLE)
    expect(len(copies) == 1, f"the coach's calendar holds the session {len(copies)} times")
    held = Interval(copies[0].start, copies[0].end)
    expect(held == slot, f"the copy is from {held.start} to {held.end}, not {slot}")


def _asked(script: Script) -> dict[str, str]:
    people = {"coachId": "coach-1", "learnerId": "learner-1"}
    return {"date": script.day.isoformat(), "role": "Learner", "timezone": ZONE, **people}


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
