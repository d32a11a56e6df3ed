import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.api.errors import STATUS, error_response
from shared.domain import errors
from shared.domain.errors import (
    CalendarServiceError,
    FieldProblem,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    SlotTaken,
    TooManyRequests,
    Unauthorized,
)
from shared.domain.interval import Interval
from tests.support.http_contract import codes, error_problems


def error_classes(root: type[CalendarServiceError] = CalendarServiceError) -> Iterator[type]:
    yield root
    for each in root.__subclasses__():
        yield from error_classes(each)


def envelope_of(error: CalendarServiceError) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(error_response(error, "request-1").body or "")
    assert error_problems(envelope) == []
    return envelope


@pytest.mark.parametrize("error_class", list(error_classes()), ids=lambda each: each.__name__)
def test_every_error_class_has_a_status(error_class: type[CalendarServiceError]) -> None:
    assert 400 <= STATUS[error_class.code] < 600


def test_the_codes_with_a_status_are_those_of_the_contract() -> None:
    assert set(STATUS) <= codes()


def test_only_the_base_error_is_an_internal_error() -> None:
    internal = {each for each in error_classes() if each.code == "INTERNAL_ERROR"}  # type: ignore[attr-defined] # every class has one

    assert [code for code, status in STATUS.items() if status == 500] == ["INTERNAL_ERROR"]
    assert errors.ProviderFailure in internal
    assert not internal & {NotFound, InvalidRequest, SlotTaken, Unauthorized}


def test_an_error_is_returned_in_the_contracts_envelope() -> None:
    response = error_response(NotFound("Not found."), "request-1")

    assert response.status_code == 404
    assert json.loads(response.body or "") == {
        "success": False,
        "message": "Not found.",
        "error": {"code": "NOT_FOUND"},
        "requestId": "request-1",
    }


def test_an_internal_error_does_not_reveal_its_cause() -> None:
    envelope = envelope_of(errors.ProviderFailure("password hunter2 rejected at db-7"))

    assert envelope["message"] == "Internal error. Report the requestId to the operators."


def test_an_invalid_request_names_its_fields() -> None:
    problem = FieldProblem("endTime", "must be after startTime")

    envelope = envelope_of(InvalidRequest("Check the request.", [problem]))

    assert envelope["error"]["details"] == [
        {"field": "endTime", "message": "must be after startTime"}
    ]


def test_a_taken_slot_offers_alternatives() -> None:
    start = datetime(2026, 11, 24, 10, tzinfo=UTC)

    envelope = envelope_of(SlotTaken("Taken.", [Interval(start, start + timedelta(hours=1))]))

    assert envelope["error"]["alternatives"] == [
        {"startTime": "2026-11-24T10:00:00Z", "endTime": "2026-11-24T11:00:00Z"}
    ]


def test_a_rejected_method_and_a_missing_token_set_headers() -> None:
    method = error_response(MethodNotAllowed("No.", ["GET", "PUT"]), "r")
    token = error_response(Unauthorized("No."), "r")

    assert method.headers["Allow"] == "GET, PUT"
    assert token.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("wait", "seconds"),
    [
        (timedelta(microseconds=1), "1"),
        (timedelta(0), "1"),
        (timedelta(seconds=1), "1"),
        (timedelta(seconds=59, microseconds=1), "60"),
    ],
)
def test_too_many_requests_returns_whole_seconds_to_wait(wait: timedelta, seconds: str) -> None:
    response = error_response(TooManyRequests("Wait.", wait), "r")

    assert (429, seconds) == (response.status_code, response.headers["Retry-After"])
