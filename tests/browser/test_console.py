"""The console in Chromium, against the whole service. console/tests/ has the scenarios.

Each one fails if the browser reports an error or requests anything from another host. Pictures of
the main views are written to build/console/.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from functions.console.pages import BUNDLE
from infra.local.processes import ROOT
from infra.local.service import Service, service
from tests.support.consent import consent

# The processes are tested here; other tests cover their lines.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SCENARIOS = ROOT / "console" / "tests"
PICTURES = ROOT / "build" / "console"
NAMES = sorted(each.stem for each in SCENARIOS.glob("*.mjs") if each.stem != "run")
ROLES = {"admin": "Admin", "coach": "Coach", "learner": "Learner"}
GOOGLE = "coach@gmail.example"


@pytest.fixture(scope="module")
def run() -> Iterator[Service]:
    """The service at a fixed time, with entries in a CalDAV and a Google calendar."""
    assert (BUNDLE / "console.js").is_file(), "run `make console` first"
    PICTURES.mkdir(parents=True, exist_ok=True)
    with service(workers=3) as running:
        running.set_clock(NOW)
        add_entry(running, "apple/coach-1", "Dentist", "2026-11-25T13:00:00Z")
        add_entry(running, f"google/{GOOGLE}", "Piano lesson", "2026-11-25T13:00:00Z")
        yield running


def add_entry(run: Service, calendar: str, title: str, start: str) -> None:
    """Add an entry of two hours, as the calendar's owner."""
    end = start.replace("T13", "T15")
    body = {"title": title, "start": start, "end": end}
    httpx.post(f"{run.url}/_local/calendars/{calendar}", json=body, timeout=60).raise_for_status()


def call_as_coach(run: Service, coach: str, method: str, path: str, body: Any) -> None:
    headers = {"Authorization": f"Bearer {run.token(coach, ['Coach'])}"}
    response = httpx.request(method, run.url + path, headers=headers, json=body, timeout=60)
    response.raise_for_status()


def people_of(run: Service, scenario: str) -> dict[str, str]:
    """Return new people for a scenario. The coach works 9 to 18 in Berlin and has a calendar."""
    ids = {each: f"{each}-{scenario}" for each in (*ROLES, "googleCoach", "supported")}
    hours = [{"startTime": "09:00", "endTime": "18:00"}]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    week = {
        "role": "Coach",
        "timezone": "Europe/Berlin",
        "availability": dict.fromkeys(days, hours),
    }
    for coach in (ids["coach"], ids["googleCoach"]):
        call_as_coach(run, coach, "PUT", "/api/v1/availability", week)
    account = {
        "serverUrl": run.caldav.url,
        "username": run.caldav.username,
        "password": run.caldav.password,
    }
    call_as_coach(run, ids["coach"], "POST", "/api/v1/auth/apple/connect", account)
    return ids


def connect_google(run: Service, user: str) -> None:
    """Connect the Google account, in one browser."""
    headers = {"Authorization": f"Bearer {run.token(user, ['Coach'])}"}
    with httpx.Client(base_url=run.url, timeout=60) as browser:
        start = browser.get("/api/v1/auth/google", headers=headers).raise_for_status().json()
        callback = consent(start["data"]["authorizationUrl"], email=GOOGLE)
        browser.get(callback).raise_for_status()


@pytest.mark.parametrize("scenario", NAMES)
def test_the_console(run: Service, scenario: str) -> None:
    ids = people_of(run, scenario)
    if scenario == "unreadable":
        connect_google(run, ids["googleCoach"])
    settings = {
        "url": run.url,
        "now": NOW.isoformat(),
        "ids": ids,
        "tokens": {each: run.token(ids[each], [role]) for each, role in ROLES.items()},
        "pictures": str(PICTURES),
        "chromium": shutil.which("chromium"),
    }

    done = subprocess.run(  # noqa: S603 - our own script
        ["node", str(SCENARIOS / "run.mjs"), scenario],  # noqa: S607
        env={**os.environ, "CONSOLE_TEST": json.dumps(settings)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
