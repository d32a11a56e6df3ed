"""Scene two: a coach on Google and a learner on Outlook, connected as a browser would do it."""

from datetime import UTC, datetime
from typing import Any

import httpx

from infra.local.demo.script import Script
from infra.local.demo.stage import Api, Run, expect, say, text
from infra.local.simulators import google, microsoft
from shared.domain.interval import Interval

COACH_EMAIL, LEARNER_EMAIL = google.EMAILS[0], microsoft.PERSONAL_EMAIL
TITLE = "A session on two calendars"
DAYS, DAYS_MOVED = 8, 9
"""How long after the first scene the session is, and is to be."""


def play(run: Run, script: Script) -> None:
    """Go through every step.

    Raises:
        DemoFailed: at the first that is not as it should be.
    """
    slot, moved = script.slot(days=DAYS), script.slot(days=DAYS_MOVED)
    coach, learner = Api(run, "coach-2", "Coach"), Api(run, "learner-2", "Learner")
    with coach.client, learner.client:
        grant_access(coach, "google", COACH_EMAIL)
        grant_access(learner, "outlook", LEARNER_EMAIL)
        run.until(lambda: coach.call("POST", "/api/v1/events", status=201, body=_event(slot)))
        run.until(lambda: _check_calendars(run, coach, slot))
        say(f"Booked {text(slot.start)}; both calendars hold it once, and nobody was mailed.")
        refresh(run)
        run.until(lambda: coach.call("PUT", "/api/v1/events", body=_event(moved)))
        run.until(lambda: _check_calendars(run, coach, moved))
        say(f"Rescheduled to {text(moved.start)}; both copies moved with it.")
        learner.call("POST", "/api/v1/events/cancel", body={"sessionId": "demo-3"})
        run.until(lambda: _check_emptied(run))
        say("Cancelled; both calendars are empty again.")


def grant_access(person: Api, provider: str, email: str) -> None:
    """Go to the provider, consent, and come back, following each redirect."""
    start = person.call("GET", f"/api/v1/auth/{provider}")
    consent = httpx.URL(start["authorizationUrl"]).copy_merge_params(
        {"auto": "allow", "login_hint": email}
    )
    with httpx.Client(follow_redirects=True, timeout=60) as browser:
        landed = browser.get(consent)
    expect(landed.is_success, f"{provider} sent the browser to {landed.status_code}: {landed.text}")
    made = landed.json()["data"]
    expect(made["status"] == "active", f"the connection is {made['status']}")
    say(f"Connected the {provider} calendar of {made['email']}: {made['calendarName']!r}.")


def refresh(run: Run) -> None:
    """End Google's access tokens; what comes next refreshes them without anybody's help."""
    run.elsewhere.google.authorization.expire_access_tokens()
    counts = run.refresh()
    say(f"Google's access tokens ended early; the schedule ran ({counts or 'nothing was due'}).")


def calendars(run: Run) -> dict[str, list[tuple[str, str]]]:
    """Return title and start of every entry of both calendars."""
    theirs = run.elsewhere.google.calendar(COACH_EMAIL).living().values()
    mailbox = run.elsewhere.microsoft.mailbox(LEARNER_EMAIL)
    return {
        "google": [(each["summary"], _utc(each["start"]["dateTime"])) for each in theirs],
        "outlook": [
            (each.fields["subject"], _utc(each.fields["start"]["dateTime"]))
            for each in mailbox.events()
        ],
    }


def _check_calendars(run: Run, coach: Api, slot: Interval) -> None:
    states = [each["state"] for each in coach.call("GET", "/api/v1/events/demo-3")["sync"]]
    expect(states == ["SYNCED", "SYNCED"], f"the copies are {states}")
    held, wanted = calendars(run), [(TITLE, _utc(slot.start.isoformat()))]
    expect(held == {"google": wanted, "outlook": wanted}, f"the calendars hold {held}")
    mails = [*run.elsewhere.google.api.mails, *run.elsewhere.microsoft.mails]
    expect(not mails, f"a provider mailed somebody: {mails}")
    invited = [each.to for each in run.mails.sent() if TITLE in each.subject]
    expect(not invited, f"mail went to {invited}, who have calendars")


def _check_emptied(run: Run) -> None:
    held = calendars(run)
    expect(held == {"google": [], "outlook": []}, f"after cancelling there is still {held}")


def _event(slot: Interval) -> dict[str, Any]:
    return {
        "sessionId": "demo-3",
        "title": TITLE,
        "startTime": slot.start.isoformat(),
        "endTime": slot.end.isoformat(),
        "timezone": "Europe/Berlin",
        "owner": "COACH",
        "coachId": "coach-2",
        "learnerId": "learner-2",
        "autoApproval": True,
    }


def _utc(told: str) -> str:
    instant = datetime.fromisoformat(told)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return text(aware.astimezone(UTC))
