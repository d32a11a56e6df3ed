"""Part two: a coach on Google and a learner on Outlook, connected as in a browser."""

from datetime import UTC, datetime
from typing import Any

import httpx

from infra.local.demo.common import ApiClient, RunningService, expect, say, text
from infra.local.demo.scenario import Scenario
from infra.local.simulators import google, microsoft
from shared.domain.interval import Interval

COACH_EMAIL, LEARNER_EMAIL = google.EMAILS[0], microsoft.PERSONAL_EMAIL
TITLE = "A session on two calendars"
DAYS, DAYS_MOVED = 8, 9
"""Days from the first part's session to this one, before and after it is moved."""


def run_steps(run: RunningService, scenario: Scenario) -> None:
    """Run every step.

    Raises:
        DemoFailed: at the first step that fails.
    """
    slot, moved = scenario.slot(days=DAYS), scenario.slot(days=DAYS_MOVED)
    coach, learner = ApiClient(run, "coach-2", "Coach"), ApiClient(run, "learner-2", "Learner")
    with coach.client, learner.client:
        grant_access(coach, "google", COACH_EMAIL)
        grant_access(learner, "outlook", LEARNER_EMAIL)
        run.until(lambda: coach.call("POST", "/api/v1/events", status=201, body=_event(slot)))
        run.until(lambda: _check_calendars(run, coach, slot))
        say(f"Booked {text(slot.start)}; both calendars hold it once, and no mail was sent.")
        refresh(run)
        run.until(lambda: coach.call("PUT", "/api/v1/events", body=_event(moved)))
        run.until(lambda: _check_calendars(run, coach, moved))
        say(f"Rescheduled to {text(moved.start)}; both copies moved with it.")
        learner.call("POST", "/api/v1/events/cancel", body={"sessionId": "demo-3"})
        run.until(lambda: _check_emptied(run))
        say("Cancelled; both calendars are empty again.")


def grant_access(person: ApiClient, provider: str, email: str) -> None:
    """Consent on the provider's page and follow each redirect back, in the browser that started."""
    start = person.call("GET", f"/api/v1/auth/{provider}")
    consent = httpx.URL(start["authorizationUrl"]).copy_merge_params(
        {"auto": "allow", "login_hint": email}
    )
    cookies = person.client.cookies
    with httpx.Client(follow_redirects=True, timeout=60, cookies=cookies) as browser:
        response = browser.get(consent)
    expect(response.is_success, f"{provider}: {response.status_code}: {response.text}")
    connection = response.json()["data"]
    expect(connection["status"] == "active", f"the connection is {connection['status']}")
    name = connection["calendarName"]
    say(f"Connected the {provider} calendar of {connection['email']}: {name!r}.")


def refresh(run: RunningService) -> None:
    """Expire Google's access tokens; the next calls refresh them."""
    run.servers.google.authorization.expire_access_tokens()
    counts = run.refresh()
    say(f"Google's access tokens expired; the token schedule ran ({counts or 'none was due'}).")


def calendars(run: RunningService) -> dict[str, list[tuple[str, str]]]:
    """Return the title and start of every entry of both calendars."""
    entries = run.servers.google.calendar(COACH_EMAIL).current_events().values()
    mailbox = run.servers.microsoft.mailbox(LEARNER_EMAIL)
    return {
        "google": [(each["summary"], _utc(each["start"]["dateTime"])) for each in entries],
        "outlook": [
            (each.fields["subject"], _utc(each.fields["start"]["dateTime"]))
            for each in mailbox.events()
        ],
    }


def _check_calendars(run: RunningService, coach: ApiClient, slot: Interval) -> None:
    states = [each["state"] for each in coach.call("GET", "/api/v1/events/demo-3")["sync"]]
    expect(states == ["SYNCED", "SYNCED"], f"the copies are {states}")
    entries, expected = calendars(run), [(TITLE, _utc(slot.start.isoformat()))]
    expect(entries == {"google": expected, "outlook": expected}, f"the calendars hold {entries}")
    mails = [*run.servers.google.api.mails, *run.servers.microsoft.mails]
    expect(not mails, f"a provider sent mail: {mails}")
    invited = [each.to for each in run.mails.sent() if TITLE in each.subject]
    expect(not invited, f"mail went to {invited}, who have calendars")


def _check_emptied(run: RunningService) -> None:
    entries = calendars(run)
    expect(entries == {"google": [], "outlook": []}, f"the calendars still hold {entries}")


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


def _utc(text_of_time: str) -> str:
    instant = datetime.fromisoformat(text_of_time)
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return text(aware.astimezone(UTC))
