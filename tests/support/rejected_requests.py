"""Sends requests that must be rejected, as a user with every role, and checks the error."""

import re
from functools import cache
from typing import Any

from tests.support.api import ADMIN, COACH, LEARNER, ApiResponse
from tests.support.requests import QUERIES
from tests.support.service import (
    User,
    call_api,
    no_writes,
)

_OF_PYTHON = re.compile(
    r"\b(tuple|dict|dictionary|list|NoneType|None|datetime|instance|UUID|int|str|bool|input|Value"
    r"|validation|pydantic)\b"
)
"""Words that callers of an HTTP API do not know from JSON."""


@cache
def user_with_every_role() -> User:
    """Return a user with every role."""
    return User("bad-admin", (COACH, LEARNER, ADMIN))


def assert_rejected(
    response: ApiResponse, status: int = 400, code: str = "VALIDATION_ERROR"
) -> None:
    """Assert that the response is that error, and its message is a sentence in terms of JSON."""
    assert (status, code) == (response.status, response.code), response.json
    assert re.fullmatch(r"[A-Z].{10,}\.", response.json["message"])
    for problem in response.json["error"].get("details", ()):
        assert not _OF_PYTHON.search(problem["message"]), problem


def send(method: str, path: str, body: Any = None, raw: bytes | None = None) -> ApiResponse:
    """Send a request to a route's path, with its placeholders filled and its usual query."""
    filled = re.sub(r"\{\w+\}", "bad-1", path)
    query = QUERIES.get(path) if "{" in path else None
    with no_writes():
        return call_api(method, filled, user_with_every_role(), query=query, body=body, raw=raw)
