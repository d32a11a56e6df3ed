"""One request of the access tests, and the rules that decide about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from infra.access import AccessRule
from tests.support.access import Kind, SessionKind, expected, success_of
from tests.support.access_requests import Prepare, RouteRequest

Shows = tuple[AccessRule, Callable[[Any], bool]]
"""A rule, and whether a response has the part that the rule is about."""


@dataclass(frozen=True, slots=True)
class AccessCase:
    """One request to a route. A caller needs every one of `rules`, checked in that order.

    With `by_session`, the request depends on the session and is sent for every kind. `shown` are
    rules about parts of the response. `success` is the status if it is not the documented one, and
    `rejected` replaces 403. With `uses_up`, a rejected request uses up what was prepared for it.
    """

    method: str
    path: str
    rules: tuple[AccessRule, ...]
    prepare: Prepare = lambda *_: RouteRequest()
    note: str = ""
    by_session: bool = False
    shown: tuple[Shows, ...] = ()
    success: int | None = None
    rejected: int = 403
    uses_up: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}{self.note and f' ({self.note})'}"

    @property
    def sessions(self) -> tuple[SessionKind, ...]:
        """The kinds of session for which the request is sent."""
        return tuple(SessionKind) if self.by_session else (SessionKind.PAIR,)

    @property
    def all_rules(self) -> set[AccessRule]:
        """Every rule that the case tests."""
        return {*self.rules, *(rule for rule, _ in self.shown)}

    def status(self, kind: Kind, session: SessionKind) -> int:
        """Return the status that a kind of caller must get."""
        success = self.success or success_of(self.method, self.path)
        status = expected(self.rules, kind, session, success)
        return self.rejected if status == 403 else status
