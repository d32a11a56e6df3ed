import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.api.errors import STATUS, error_answer
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
from tests.support.contract import codes, error_problems


def tree(root: type[CalendarServiceError] = CalendarServiceError) -> Iterator[type]:
    yield root
    for each in root.__subclasses__():
        yield from tree(each)


def told(error: CalendarServiceError) -> dict[str, Any]:
    envelope: dict[str, Any] = json.loads(error_answer(error, "request-1").body or "")
    assert error_problems(envelope) == []
    return envelope


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.__name__)
def test_every_error_of_the_tree_has_a_status(kind: type[CalendarServiceError]) -> None:
    assert 400 <= STATUS[kind.code] < 600


def test_every_status_belongs_to_a_code_of_the_contract() -> None:
    assert set(STATUS) <= codes()


def test_only_our_own_fault_is_an_internal_error() -> None:
    ours = {each for each in tree() if each.code == "INTERNAL_ERROR"}  # type: ignore[attr-defined] # the tree's classes all have one

    assert [code for code, status in STATUS.items() if status == 500] == ["INTERNAL_ERROR"]
    assert errors.ProviderFailure in ours
    assert not ours & {NotFound, InvalidRequest, SlotTaken, Unauthorized}


def test_an_error_is_told_in_the_contracts_envelope() -> None:
    answer = error_answer(NotFound("There is none."), "request-1")

    assert answer.status_code == 404
    assert json.loads(answer.body or "") == {
        "success": False,
        "message": "There is none.",
        "error": {"code": "NOT_FOUND"},
        "requestId": "request-1",
    }


def test_our_own_fault_tells_nothing_of_itself() -> None:
    envelope = told(errors.ProviderFailure("password hunter2 refused at db-7"))

    assert envelope["message"] == "Something went wrong on our side; tell us the requestId."


def test_a_wrong_request_names_its_fields() -> None:
    problem = FieldProblem("endTime", "must be after startTime")

    envelope = told(InvalidRequest("Check the request.", [problem]))

    assert envelope["error"]["details"] == [
        {"field": "endTime", "message": "must be after startTime"}
    ]


def test_a_taken_slot_offers_others() -> None:
    start = datetime(2026, 11, 24, 10, tzinfo=UTC)

    envelope = told(SlotTaken("Taken.", [Interval(start, start + timedelta(hours=1))]))

    assert envelope["error"]["alternatives"] == [
        {"startTime": "2026-11-24T10:00:00Z", "endTime": "2026-11-24T11:00:00Z"}
    ]


def test_a_refused_method_and_a_missing_token_say_so_in_headers() -> None:
    method = error_answer(MethodNotAllowed("No.", ["GET", "PUT"]), "r")
    token = error_answer(Unauthorized("No."), "r")

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
def test_whoever_asks_too_often_is_told_whole_seconds_to_wait(
    wait: timedelta, seconds: str
) -> None:
    answer = error_answer(TooManyRequests("Wait.", wait), "r")

    assert (429, seconds) == (answer.status_code, answer.headers["Retry-After"])
