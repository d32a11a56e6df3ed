"""The kinds of caller, and the status the contract implies for each of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.api import token
from tests.support.http_contract import contract
from tests.support.service import User, admin, coach, fresh_id, learner

NO_TOKEN, EXPIRED, OTHER, PARTICIPANT, OWNER, ADMIN, SERVICE = KINDS = (
    "no token",
    "expired token",
    "other user",
    "participant",
    "owner",
    "Admin",
    "service token",
)
KNOWN = KINDS[2:]
"""The kinds of caller with a valid token."""

Statuses = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Callers:
    """New users for one case: a coach who owns the requested record, and all other callers.

    The participant is a learner who takes part in the owner's session. The other user (a coach) and
    the admin take part in nothing.
    """

    owner: User = field(default_factory=coach)
    participant: User = field(default_factory=learner)
    other: User = field(default_factory=coach)
    admin: User = field(default_factory=admin)

    def bearer(self, kind: str) -> str | None:
        """Return the token of a kind of caller. The expired token is the owner's."""
        tokens: Mapping[str, Callable[[], str | None]] = {
            NO_TOKEN: lambda: None,
            EXPIRED: lambda: token(self.owner.id, *self.owner.roles, exp=_an_hour_ago()),
            OTHER: lambda: self.other.bearer,
            PARTICIPANT: lambda: self.participant.bearer,
            OWNER: lambda: self.owner.bearer,
            ADMIN: lambda: self.admin.bearer,
            SERVICE: service_token,
        }
        return tokens[kind]()


@cache
def _an_hour_ago() -> int:
    return int(time.time()) - 3600


def service_token() -> str:
    """Return the auth service's token: a scope and no roles."""
    return token(fresh_id("service"), scope="connections:provision")


@dataclass(frozen=True, slots=True)
class AccessRule:
    """Which callers with a valid token the contract rejects, and with which status.

    `success` overrides the documented success status that `success_of` returns.
    """

    reason: str
    rejected: Statuses = field(default_factory=dict)
    success: int | None = None


def _all_but(status: int, *allowed: str) -> Statuses:
    return {kind: status for kind in KNOWN if kind not in allowed}


ALL_CALLERS = AccessRule(
    "Unrestricted: it concerns only the caller, or is the same for all callers."
)
TAKES_PART = AccessRule(
    "Participants and Admin only; anyone else gets 404.", {OTHER: 404, SERVICE: 404}
)
OWNS = AccessRule(
    "The caller must be the owner named by owner or Admin, else 403.",
    _all_but(403, OWNER, ADMIN),
)
OWNS_AGAIN = AccessRule(
    "The same sessionId with the same body again returns 200 with the event.",
    OWNS.rejected,
    success=200,
)
OWNS_AND_SEES = AccessRule(
    "Rescheduling has the rules of creation; another user's id looks like an unknown one.",
    {OTHER: 404, PARTICIPANT: 403, SERVICE: 404},
)
IS_ADMIN = AccessRule("Admin only.", _all_but(403, ADMIN))
IS_COACH = AccessRule("A role the caller does not have is 403.", _all_but(403, OTHER, OWNER))
IS_COACH_OR_ADMIN = AccessRule(
    "A session without an event may be written by Admin or by any authenticated Coach.",
    {PARTICIPANT: 403, SERVICE: 403},
)
SEES_WITHOUT_EVENT = AccessRule(
    "Who may not write the guests of a session without an event may not read them either.",
    {PARTICIPANT: 404, SERVICE: 404},
)
OWNS_RECORD = AccessRule("Another user's record is 404.", _all_but(404, OWNER))
IS_SERVICE = AccessRule(
    "The bearer is a service token whose scope claim contains connections:provision; "
    "a user's token is 403.",
    _all_but(403, SERVICE),
)
IS_SIGNED = AccessRule(
    "The message's signature is verified, else 403, whatever token is sent.",
    dict.fromkeys(KINDS, 403),
)


def expected(method: str, path: str, rule: AccessRule) -> dict[str, int]:
    """Return the status for each kind of caller."""
    success = dict.fromkeys(KINDS, rule.success or success_of(method, path))
    return {**success, **_rejected_without_token(method, path), **rule.rejected}


def success_of(method: str, path: str) -> int:
    """Return the status of a first success: 201 if the operation creates something."""
    responses = _operation(method, path)["responses"]
    return 201 if "201" in responses else 200


def _rejected_without_token(method: str, path: str) -> Statuses:
    security = _operation(method, path).get("security")
    if security is None:
        return {NO_TOKEN: 401, EXPIRED: 401}
    return {EXPIRED: 401} if security else {}


def _operation(method: str, path: str) -> dict[str, Any]:
    # /docs is not in the contract; it is as public as the document.
    page = {"/docs": "/api/v1/openapi.json"}
    operation: dict[str, Any] = contract()["paths"][page.get(path, path)][method.lower()]
    return operation
