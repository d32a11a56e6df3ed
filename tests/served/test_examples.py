"""Every example body of the document is answered as it stands, and read as it is meant."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from infra.local.processes import ROOT
from infra.local.server import Service
from tests.served.examples import LIFE, OF_SNS, Example, Sender, examples_in
from tests.support.contract import answer_problems

# Whole services at work; plain tests cover the same lines, and tracing them takes as long again.
pytestmark = pytest.mark.no_cover

DOCUMENT = ROOT / "functions" / "status" / "openapi.json"
EXAMPLES = examples_in(json.loads(DOCUMENT.read_text()))
ALL = [each for operation in LIFE for each in EXAMPLES[operation]]
AGAIN = {("connectApple", "another CalDAV server"): 200}
"""Here both lead to the one account there is."""

Answers = Mapping[tuple[str, str], httpx.Response]


@pytest.fixture(scope="module")
def answers(run: Service) -> Answers:
    """The answer to each, sent in an order in which every one can succeed."""
    sender, found = Sender(run), {}
    for operation in LIFE:
        run.settle()
        for each in EXAMPLES[operation]:
            found[operation, each.name] = sender.send(each)
    return found


def data(answers: Answers, operation: str, name: str) -> Any:
    return answers[operation, name].json()["data"]


def test_every_operation_with_examples_is_tried() -> None:
    assert {*LIFE, OF_SNS} == set(EXAMPLES)


@pytest.mark.parametrize("example", ALL, ids=lambda each: f"{each.operation}: {each.name}")
def test_an_example_succeeds(answers: Answers, example: Example) -> None:
    answer = answers[example.operation, example.name]

    status = AGAIN.get((example.operation, example.name), example.success)
    assert status == answer.status_code, answer.text
    found = answer_problems(example.method, example.path, answer.status_code, answer.json())
    assert [] == found


@pytest.mark.parametrize("example", EXAMPLES[OF_SNS], ids=lambda each: each.name)
def test_an_example_that_sns_has_not_signed_is_refused(run: Service, example: Example) -> None:
    answer = Sender(run).send(example)

    assert (403, "SIGNATURE_INVALID") == (answer.status_code, answer.json()["error"]["code"])


def test_an_example_that_sns_has_signed_is_taken(run: Service) -> None:
    (example,) = [each for each in EXAMPLES[OF_SNS] if each.body["Type"] == "Notification"]
    signed = run.mails.topic.signed(example.body["Message"], at=datetime.now(UTC))
    headers, body = run.mails.topic.http_form(signed)

    answer = httpx.post(run.url + example.target, content=body, headers=headers, timeout=30)

    assert 200 == answer.status_code, answer.text


SEVERAL = {"coachId": ["coach-1"], "learnerId": ["learner-1"]}
NUMBERS = {"sessionId": "101", "coachId": ["7"], "learnerId": ["8"], "adminId": "9"}
SMALL = "owner in small letters, nothing for a link or a place, fields of others"
CREATED: Mapping[str, Mapping[str, Any]] = {
    "one id where several are meant": {**SEVERAL, "owner": "COACHEE", "adminId": None},
    "numbers for ids": NUMBERS,
    "group session of numbers and texts": {
        "coachId": ["7"],
        "learnerId": ["a", "2", "learner-1"],
        "adminId": "9",
    },
    "instants with an offset": {
        "startTime": "2030-03-07T09:00:00Z",
        "endTime": "2030-03-07T10:00:00Z",
        "timezone": "Asia/Kolkata",
    },
    "instants without an offset are UTC": {
        "startTime": "2030-03-08T09:00:00Z",
        "endTime": "2030-03-08T10:00:00Z",
        "timezone": "UTC",
    },
    SMALL: {"owner": "COACHEE", "sessionLink": None, "location": None},
}
READ_AS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    **{("createEvent", name): meant for name, meant in CREATED.items()},
    ("updateEvent", "another learner, ids as numbers"): {
        "id": "101",
        "coachId": ["7"],
        "learnerId": ["8", "learner-1"],
    },
    ("approveEvent", "by number"): {"id": "101", "status": "SCHEDULED"},
    ("cancelEvent", "by number"): {"id": "101", "status": "CANCELLED"},
    ("replaceAvailability", "the organization's default windows"): {
        "role": "Coach",
        "useDefaultAvailability": True,
    },
    ("setTimezone", "role in capitals"): {"role": "Learner", "timezone": "America/New_York"},
    ("createHoliday", "one day, role in small letters"): {"role": "Learner"},
    ("autoProvisionConnection", "as the sign-in spells it"): {"provider": "google"},
    ("autoProvisionConnection", "provider as answers spell it"): {"provider": "google"},
    ("autoProvisionConnection", "Microsoft, an instant without an offset"): {
        "provider": "outlook",
        "tokenExpiresAt": "2030-03-05T10:00:00Z",
    },
}


@pytest.mark.parametrize(("operation", "name"), READ_AS)
def test_an_odd_spelling_is_read_as_it_is_meant(
    answers: Answers, operation: str, name: str
) -> None:
    told, meant = data(answers, operation, name), READ_AS[operation, name]

    assert meant == {field: told[field] for field in meant}


def test_the_key_of_a_weekday_decides_whatever_its_windows_say(answers: Answers) -> None:
    week = data(answers, "replaceAvailability", "dayOfWeek that contradicts its key")

    days = {day: [each["dayOfWeek"] for each in found] for day, found in _windows(week).items()}
    assert {"monday": [1], "saturday": [6]} == days


def test_a_window_that_ends_at_midnight_or_later_stays_with_the_day_it_begins(
    answers: Answers,
) -> None:
    week = data(answers, "replaceAvailability", "until midnight and past it")

    times = {
        day: [(each["startTime"], each["endTime"]) for each in found]
        for day, found in _windows(week).items()
    }
    assert {
        "monday": [("20:00", "24:00")],
        "wednesday": [("20:00", "00:00")],
        "friday": [("22:00", "02:00")],
    } == times


def _windows(told: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {day: found for day, found in told["availability"].items() if found}


def test_an_address_given_twice_is_invited_once(answers: Answers) -> None:
    told = data(answers, "replaceExternalAttendees", "the same address twice")

    assert ["guest@example.org"] == [each["email"] for each in told["attendees"]]
