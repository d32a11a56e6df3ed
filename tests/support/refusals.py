"""Sending what must be refused, by somebody with every role, and what a refusal is like."""

import re
from functools import cache
from typing import Any

from tests.support.api import ADMIN, COACH, LEARNER, Answer
from tests.support.requests import QUERIES
from tests.support.service import (
    User,
    ask,
    no_writes,
)


@cache
def everybody() -> User:
    """Return somebody with every role."""
    return User("bad-admin", (COACH, LEARNER, ADMIN))


def refused(answer: Answer, status: int = 400, code: str = "VALIDATION_ERROR") -> None:
    """The answer is that error, and its message says what to do."""
    assert (status, code) == (answer.status, answer.code), answer.json
    assert re.fullmatch(r"[A-Z].{10,}\.", answer.json["message"])


def sent(method: str, path: str, body: Any = None, raw: bytes | None = None) -> Answer:
    """Send to a path of a route, its placeholders filled, with its usual query."""
    filled = re.sub(r"\{\w+\}", "bad-1", path)
    query = QUERIES.get(path) if "{" in path else None
    with no_writes():
        return ask(method, filled, everybody(), query=query, body=body, raw=raw)
