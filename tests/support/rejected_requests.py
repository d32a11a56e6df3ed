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


@cache
def user_with_every_role() -> User:
    """Return a user with every role."""
    return User("bad-admin", (COACH, LEARNER, ADMIN))


def assert_rejected(
    response: ApiResponse, status: int = 400, code: str = "VALIDATION_ERROR"
) -> None:
    """Assert that the response is that error and its message is a sentence."""
    assert (status, code) == (response.status, response.code), response.json
    assert re.fullmatch(r"[A-Z].{10,}\.", response.json["message"])


def send(method: str, path: str, body: Any = None, raw: bytes | None = None) -> ApiResponse:
    """Send a request to a route's path, with its placeholders filled and its usual query."""
    filled = re.sub(r"\{\w+\}", "bad-1", path)
    query = QUERIES.get(path) if "{" in path else None
    with no_writes():
        return call_api(method, filled, user_with_every_role(), query=query, body=body, raw=raw)
