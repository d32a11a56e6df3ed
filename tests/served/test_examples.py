"""Every example body of the document succeeds when sent unchanged, and is parsed as intended."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from infra.local.processes import ROOT
from infra.local.service import Service
from infra.openapi.examples import EXAMPLE_NOW
from tests.served.examples import (
    COMPLETE_OPERATION,
    SEQUENCE,
    SNS_OPERATION,
    Example,
    Sender,
    examples_in,
)
from tests.support.http_contract import response_problems

# Whole services over lines that other tests cover; tracing them would double their time.
pytestmark = [pytest.mark.no_cover, pytest.mark.long]

DOCUMENT = ROOT / "functions" / "status" / "openapi.json"
EXAMPLES = examples_in(json.loads(DOCUMENT.read_text()))
ALL = [each for operation in SEQUENCE for each in EXAMPLES[operation]]
AGAIN = {("connectApple", "another CalDAV server"): 200}
"""Both examples connect the one CalDAV account of the test."""

Responses = Mapping[tuple[str, str], httpx.Response]


@pytest.fixture(scope="module")
def responses(run: Service) -> Responses:
    """The response to each example, sent in an order in which every one can succeed."""
    sender, received = Sender(run), {}
    for operation in SEQUENCE:
        run.wait_until_idle()
        for each in EXAMPLES[operation]:
            received[operation, each.name] = sender.send(each)
    return received


def data(responses: Responses, operation: str, name: str) -> Any:
    return responses[operation, name].json()["data"]


def test_every_operation_with_examples_is_sent() -> None:
    assert {*SEQUENCE, SNS_OPERATION, COMPLETE_OPERATION} == set(EXAMPLES)


@pytest.mark.parametrize("example", ALL, ids=lambda each: f"{each.operation}: {each.name}")
def test_an_example_succeeds(responses: Responses, example: Example) -> None:
    response = responses[example.operation, example.name]

    status = AGAIN.get((example.operation, example.name), example.success)
    assert status == response.status_code, response.text
    problems = response_problems(
        example.method, example.path, response.status_code, response.json()
    )
    assert [] == problems


@pytest.mark.parametrize("example", EXAMPLES[SNS_OPERATION], ids=lambda each: each.name)
def test_an_example_without_a_valid_sns_signature_is_rejected(
    run: Service, example: Example
) -> None:
    response = Sender(run).send(example)

    assert (403, "SIGNATURE_INVALID") == (response.status_code, response.json()["error"]["code"])


def test_the_example_completion_code_is_rejected(run: Service) -> None:
    (example,) = EXAMPLES[COMPLETE_OPERATION]

    response = Sender(run).send(example)

    assert (400, "INVALID_STATE") == (response.status_code, response.json()["error"]["code"])


def test_an_example_signed_by_sns_is_accepted(run: Service) -> None:
    (example,) = [each for each in EXAMPLES[SNS_OPERATION] if each.body["Type"] == "Notification"]
    signed = run.mails.topic.signed(example.body["Message"], at=EXAMPLE_NOW)
    headers, body = run.mails.topic.http_form(signed)

    response = httpx.post(run.url + example.target, content=body, headers=headers, timeout=30)

    assert 200 == response.status_code, response.text


ID_LISTS = {"coachId": ["coach-1"], "learnerId": ["learner-1"]}
NUMBERS = {"sessionId": "101", "coachId": ["7"], "learnerId": ["8"], "adminId": "9"}
LOWER_CASE = "owner in lower case, no link or location, unknown fields"
CREATED: Mapping[str, Mapping[str, Any]] = {
    "one id instead of a list": {**ID_LISTS, "owner": "COACHEE", "adminId": None},
    "ids as numbers": NUMBERS,
    "group session, ids as numbers and strings": {
        "coachId": ["7"],
        "learnerId": ["a", "2", "learner-1"],
        "adminId": "9",
    },
    "times with an offset": {
        "startTime": "2030-03-07T09:00:00Z",
        "endTime": "2030-03-07T10:00:00Z",
        "timezone": "Asia/Kolkata",
    },
    "times without an offset (UTC)": {
        "startTime": "2030-03-08T09:00:00Z",
        "endTime": "2030-03-08T10:00:00Z",
        "timezone": "UTC",
    },
    LOWER_CASE: {"owner": "COACHEE", "sessionLink": None, "location": None},
}
EXPECTED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    **{("createEvent", name): expected for name, expected in CREATED.items()},
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
    ("setTimezone", "role in upper case"): {"role": "Learner", "timezone": "America/New_York"},
    ("createHoliday", "one day, role in lower case"): {"role": "Learner"},
    ("autoProvisionConnection", "provider in upper case"): {"provider": "google"},
    ("autoProvisionConnection", "provider in lower case"): {"provider": "google"},
    ("autoProvisionConnection", "Microsoft, an instant without an offset"): {
        "provider": "outlook",
        "tokenExpiresAt": "2030-03-05T10:00:00Z",
    },
}


@pytest.mark.parametrize(("operation", "name"), EXPECTED)
def test_an_unusual_spelling_is_parsed_correctly(
    responses: Responses, operation: str, name: str
) -> None:
    stored, expected = data(responses, operation, name), EXPECTED[operation, name]

    assert expected == {field: stored[field] for field in expected}


def test_the_weekday_key_decides_the_day_of_a_window(responses: Responses) -> None:
    week = data(responses, "replaceAvailability", "dayOfWeek that contradicts its key")

    days = {day: [each["dayOfWeek"] for each in windows] for day, windows in _windows(week).items()}
    assert {"monday": [1], "saturday": [6]} == days


def test_a_window_that_ends_at_or_after_midnight_belongs_to_the_day_it_starts(
    responses: Responses,
) -> None:
    week = data(responses, "replaceAvailability", "windows that end at or after midnight")

    times = {
        day: [(each["startTime"], each["endTime"]) for each in windows]
        for day, windows in _windows(week).items()
    }
    assert {
        "monday": [("20:00", "24:00")],
        "wednesday": [("20:00", "00:00")],
        "friday": [("22:00", "02:00")],
    } == times


def _windows(stored: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {day: windows for day, windows in stored["availability"].items() if windows}


def test_a_duplicate_address_is_invited_once(responses: Responses) -> None:
    stored = data(responses, "replaceExternalAttendees", "the same address twice")

    assert ["guest@example.org"] == [each["email"] for each in stored["attendees"]]
