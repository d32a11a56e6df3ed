"""Export and erasure of a user over the API, with the calendar and mail of a real stack."""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.calendar_sync.handler import ReconcilerById
from infra.local.mail.endpoint import SesEndpoint
from infra.local.simulators.serving import serving
from shared import wiring
from shared.domain.erasure import SETTLING, erasure_id
from shared.domain.invite import invite_id
from tests.support.access import Kind, People
from tests.support.icloud_simulator import PASSWORD, USERNAME, IcloudSimulator, serve_icloud
from tests.support.secret_search import text_of
from tests.support.service import (
    NOW,
    FixedClock,
    User,
    book,
    call_api,
    coach,
    dump,
    fresh_id,
    installed,
    learner,
)

pytestmark = pytest.mark.long

EXPORTER = User("platform", (), scope="users:export")
ERASER = User("platform", (), scope="users:erase")
_DAYS = itertools.count(8)
HOLIDAY = {"name": "Off", "role": "Learner", "startDate": "2026-12-24", "endDate": "2026-12-26"}


@dataclass(frozen=True, slots=True)
class Parts:
    """A CalDAV server and an SES endpoint of the functions."""

    caldav: str
    icloud: IcloudSimulator
    ses: SesEndpoint


@pytest.fixture(scope="module")
def parts(environment: dict[str, str]) -> Iterator[Parts]:
    with (
        serve_icloud() as (url, icloud),
        serving(SesEndpoint(now=wiring.now)) as ses,
        installed({**environment, **ses.environment, "CALDAV_ALLOWED_HOSTS": urlsplit(url).netloc}),
    ):
        yield Parts(url, icloud, ses)


@pytest.fixture(autouse=True)
def _time() -> Iterator[None]:
    """Every test starts at the same time and may set another one."""
    yield
    wiring.set_clock(FixedClock(NOW))


@dataclass(frozen=True, slots=True)
class Gone:
    """A learner with everything that the service stores of a user, and the coach."""

    user: User
    coach: User
    coming: str
    past: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that identify the learner."""
        return (self.user.id, invite_id(self.user.email or ""))


@pytest.fixture
def gone(parts: Parts) -> Gone:
    who, gone = coach(), fresh_id("gone")
    user = User(gone, ("Learner",), email=f"{gone}@example.com")
    contacts = [{"userId": user.id, "email": user.email, "name": f"{user.id} Smith"}]
    past = book(who, who.id, user.id, contacts=contacts, title=f"With {user.id}")
    reconcile(past["id"])
    body = {"username": USERNAME, "password": PASSWORD, "serverUrl": parts.caldav}
    assert call_api("POST", "/api/v1/auth/apple/connect", user, body=body).status == 201
    assert call_api("POST", "/api/v1/holidays", user, body=HOLIDAY).status == 201
    hours = [{"startTime": "00:00", "endTime": "24:00"}]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    week = {"role": "Learner", "timezone": "UTC", "availability": dict.fromkeys(days, hours)}
    assert call_api("PUT", "/api/v1/availability", user, body=week).status == 200
    wiring.set_clock(FixedClock(NOW + timedelta(days=7)))
    coming = book(
        who,
        who.id,
        user.id,
        contacts=contacts,
        # All users have the same CalDAV account, whose calendar shows the sessions of the others.
        startTime=f"2026-12-{(day := next(_DAYS)):02}T10:00:00Z",
        endTime=f"2026-12-{day:02}T11:00:00Z",
    )
    reconcile(coming["id"])
    return Gone(user, who, coming["id"], past["id"])


def reconcile(message: str) -> timedelta | None:
    return ReconcilerById().reconcile(message, now=wiring.now())


def traces(*texts: str) -> list[str]:
    """Return every stored item that contains one of the texts, without hashed request counts."""
    items = [json.dumps(text_of(each)) for table in dump().values() for each in table]
    return [item for item in items if any(text in item for text in texts)]


def erase(gone: Gone) -> Any:
    """Request the erasure, and continue it as the queue does until it is complete."""
    assert call_api("DELETE", f"/api/v1/users/{gone.user.id}", ERASER).status == 202
    for _ in range(10):
        wait = reconcile(erasure_id(gone.user.id))
        reconcile(gone.coming)
        if wait is None:
            return call_api("GET", f"/api/v1/users/{gone.user.id}/erasure", ERASER).data
        wiring.set_clock(FixedClock(wiring.now() + wait))
    raise AssertionError("the erasure does not end")


def test_an_export_contains_everything_that_is_stored_about_the_user(gone: Gone) -> None:
    response = call_api("GET", f"/api/v1/users/{gone.user.id}/export", EXPORTER)

    data = response.data
    assert data["profile"] == {
        "email": gone.user.email,
        "roles": ["Learner"],
        "welcomeSeenAt": None,
    }
    assert [each["name"] for each in data["holidays"]] == ["Off"]
    assert [len(each["windows"]) for each in data["availability"]] == [7]
    (connected,) = data["connections"]
    assert (connected["provider"], connected["account"] != "") == ("apple", True)
    assert {each["id"] for each in data["sessions"]} == {gone.past, gone.coming}
    past = next(each for each in data["sessions"] if each["id"] == gone.past)
    assert past["contact"] == {"email": gone.user.email, "name": f"{gone.user.id} Smith"}
    assert [each["email"] for each in past["invites"]] == [gone.user.email]
    coming = next(each for each in data["sessions"] if each["id"] == gone.coming)
    assert [each["state"] for each in coming["copies"]] == ["SYNCED"]
    assert data["cursor"] is None
    assert gone.coach.id not in json.dumps(data)
    assert PASSWORD not in json.dumps(data)


def test_an_export_has_pages(parts: Parts) -> None:
    del parts
    who = coach()
    for day in range(1, 29):
        for month in (1, 2):
            start, end = (f"2027-{month:02}-{day:02}T{hour}:00:00Z" for hour in (10, 11))
            book(who, who.id, learner().id, startTime=start, endTime=end)

    first = call_api("GET", f"/api/v1/users/{who.id}/export", EXPORTER).data
    second = call_api(
        "GET", f"/api/v1/users/{who.id}/export", EXPORTER, query={"cursor": first["cursor"]}
    ).data

    ids = [each["id"] for page in (first, second) for each in page["sessions"]]
    assert (len(first["sessions"]), len(second["sessions"])) == (50, 6)
    assert len(set(ids)) == 56
    assert second["cursor"] is None


def test_an_erasure_leaves_no_trace_of_the_user(gone: Gone, parts: Parts) -> None:
    others = (gone.coach.id,)
    assert traces(*gone.texts)

    receipt = erase(gone)

    assert traces(*gone.texts) == []
    assert traces(*others)
    assert (receipt["status"], receipt["requestedBy"]) == ("COMPLETED", "platform")
    erased = receipt["erased"]
    assert (erased["sessionsCancelled"], erased["sessions"], erased["connections"]) == (1, 2, 1)
    event = call_api("GET", f"/api/v1/events/{gone.coming}", gone.coach).data
    assert (event["status"], event["title"]) == ("CANCELLED", "Erased session")
    assert event["learnerId"][0].startswith("erased-")
    past = call_api("GET", f"/api/v1/events/{gone.past}", gone.coach).data
    assert (past["status"], past["learnerId"]) == ("SCHEDULED", event["learnerId"])
    methods = [each.method for each in parts.icloud.requests]
    assert methods.count("DELETE") == 1


def test_an_erasure_takes_half_an_hour_at_least_and_reports_its_progress(parts: Parts) -> None:
    del parts
    who = learner()
    path = f"/api/v1/users/{who.id}"
    assert call_api("GET", f"{path}/erasure", ERASER).code == "NOT_FOUND"

    first = call_api("DELETE", path, ERASER)
    again = call_api("DELETE", path, ERASER)
    wait = reconcile(erasure_id(who.id))

    assert (first.status, again.status) == (202, 202)
    assert first.data == again.data
    assert wait == SETTLING
    progress = call_api("GET", f"{path}/erasure", ERASER).data
    assert (progress["status"], progress["completedAt"]) == ("RUNNING", None)


def test_a_user_may_neither_export_nor_erase_even_their_own_data(parts: Parts) -> None:
    del parts
    people = People()
    path = f"/api/v1/users/{people.coach}"
    for kind in (Kind.COACH, Kind.ADMIN, Kind.EVENTS_SERVICE):
        who = people.user(kind)
        assert call_api("GET", f"{path}/export", who).code == "FORBIDDEN"
        assert call_api("DELETE", path, who).code == "FORBIDDEN"
