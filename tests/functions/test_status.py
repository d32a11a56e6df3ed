import pytest

from shared import VERSION
from tests.support.service import ask, coach

pytestmark = pytest.mark.usefixtures("service")


def test_health_says_ok_and_the_version_to_anybody() -> None:
    answer = ask("GET", "/health")

    assert (answer.status, answer.data) == (200, {"status": "ok", "version": VERSION})


def test_an_unknown_path_is_not_found() -> None:
    answer = ask("GET", "/api/v1/nothing-here", coach())

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


def test_a_method_a_path_does_not_take_names_those_it_does() -> None:
    answer = ask("PATCH", "/api/v1/events", coach())

    assert (answer.status, answer.code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, POST, PUT"


def test_no_answer_may_be_cached() -> None:
    answers = [ask("GET", "/health"), ask("GET", "/api/v1/holidays"), ask("GET", "/nowhere")]

    assert [each.headers["Cache-Control"] for each in answers] == ["no-store"] * 3
