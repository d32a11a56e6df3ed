"""Who asks, and the status the contract implies for each of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.support.api import token
from tests.support.contract import contract
from tests.support.service import User, admin, coach, fresh_id, learner

NOBODY, EXPIRED, OTHER, PARTICIPANT, OWNER, ADMIN, SERVICE = KINDS = (
    "nobody",
    "expired token",
    "other user",
    "participant",
    "owner",
    "Admin",
    "service token",
)
KNOWN = KINDS[2:]
"""Those whose token holds."""

Statuses = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Cast:
    """New people for one case: a coach who owns what is asked about, and all others who may ask.

    The participant is a learner who takes part in the owner's session; the other user is a coach
    and Admin an admin, neither of whom takes part in anything.
    """

    owner: User = field(default_factory=coach)
    participant: User = field(default_factory=learner)
    other: User = field(default_factory=coach)
    admin: User = field(default_factory=admin)

    def bearer(self, kind: str) -> str | None:
        """Return the token that kind of caller sends; an expired one is the owner's."""
        tokens: Mapping[str, Callable[[], str | None]] = {
            NOBODY: lambda: None,
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
    """Return what the auth service sends: a scope and no roles."""
    return token(fresh_id("service"), scope="connections:provision")


@dataclass(frozen=True, slots=True)
class Rule:
    """Whom the contract's words refuse among those whose token holds, and with what.

    `success` is given where another of the documented ones is meant than `success_of` takes.
    """

    words: str
    refused: Statuses = field(default_factory=dict)
    success: int | None = None


def _all_but(status: int, *welcome: str) -> Statuses:
    return {kind: status for kind in KNOWN if kind not in welcome}


ANYBODY = Rule("Nothing said: it is about the caller's own, or tells everybody the same.")
TAKES_PART = Rule("Participants and Admin only; anyone else gets 404.", {OTHER: 404, SERVICE: 404})
OWNS = Rule(
    "The caller must be the owner named by owner or Admin, else 403.",
    _all_but(403, OWNER, ADMIN),
)
OWNS_AGAIN = Rule(
    "The same sessionId with the same body again answers 200 with the event and does nothing.",
    OWNS.refused,
    success=200,
)
OWNS_WHAT_THEY_SEE = Rule(
    "Rescheduling is under the same rules as creation; a foreign id reads as an unknown one.",
    {OTHER: 404, PARTICIPANT: 403, SERVICE: 404},
)
IS_ADMIN = Rule("Admin only.", _all_but(403, ADMIN))
IS_COACH = Rule("A role the caller does not have is 403.", _all_but(403, OTHER, OWNER))
IS_COACH_OR_ADMIN = Rule(
    "A session without an event may be written by Admin or by any authenticated Coach.",
    {PARTICIPANT: 403, SERVICE: 403},
)
SEES_WITHOUT_EVENT = Rule(
    "Who may not write the guests of a session without an event is not told of it either.",
    {PARTICIPANT: 404, SERVICE: 404},
)
IS_THEIRS = Rule("Somebody else's is 404.", _all_but(404, OWNER))
IS_SERVICE = Rule(
    "The bearer is a service token whose scope claim contains connections:provision; "
    "a user's token is 403.",
    _all_but(403, SERVICE),
)
PROVES_ITSELF = Rule(
    "Its signature is verified; otherwise 403, whoever's token comes with it.",
    dict.fromkeys(KINDS, 403),
)


def expected(method: str, path: str, rule: Rule) -> dict[str, int]:
    """Return the status for each kind of caller."""
    success = dict.fromkeys(KINDS, rule.success or success_of(method, path))
    return {**success, **_refused_without_token(method, path), **rule.refused}


def success_of(method: str, path: str) -> int:
    """Return the status of a success that is the first of its kind: 201 where one is made."""
    answers = _operation(method, path)["responses"]
    return 201 if "201" in answers else 200


def _refused_without_token(method: str, path: str) -> Statuses:
    security = _operation(method, path).get("security")
    if security is None:
        return {NOBODY: 401, EXPIRED: 401}
    return {EXPIRED: 401} if security else {}


def _operation(method: str, path: str) -> dict[str, Any]:
    # The page of the documentation is no operation of the API; it is as public as the document.
    page = {"/docs": "/api/v1/openapi.json"}
    found: dict[str, Any] = contract()["paths"][page.get(path, path)][method.lower()]
    return found
