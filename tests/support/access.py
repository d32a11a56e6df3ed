"""The kinds of caller and session, and the status that each rule gives to each of them.

The expectations come from the tables of rules and from how each kind of caller is related to a
session. That relation is written down here, not computed by the code under test.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.access import AccessRule, CallerRule
from shared.domain.policy import RULES, Right, RuleGrant
from shared.domain.relation import Relation
from shared.domain.time_policy import TIME_RULES, Asker, TimeQuestion
from tests.support.api import ADMIN, COACH, LEARNER, token
from tests.support.http_contract import PAGES, contract
from tests.support.service import User, fresh_id


class Kind(StrEnum):
    """A kind of caller."""

    NO_TOKEN = "no token"
    EXPIRED = "expired token of the coach"
    OUTSIDER = "outsider without a role"
    OUTSIDE_COACH = "outsider with the role Coach"
    OUTSIDE_LEARNER = "outsider with the role Learner"
    ADMIN = "outsider with the role Admin"
    EVENTS_SERVICE = "service with events:write"
    PROVISION_SERVICE = "service with connections:provision"
    EXPORT_SERVICE = "service with users:export"
    ERASE_SERVICE = "service with users:erase"
    COACH = "coach"
    COACH_WITHOUT_ROLE = "coach without the role Coach"
    LEARNER = "learner"
    READER = "learner without the role Learner"
    NAMED_ADMIN = "adminId"
    NAMED_ADMIN_WITHOUT_ROLE = "adminId without the role Admin"


class SessionKind(StrEnum):
    """A kind of session; its coach, learner and adminId are the callers of those kinds."""

    PAIR = "1:1 with owner COACH"
    LEARNERS_PAIR = "1:1 with owner COACHEE"
    GROUP = "group with owner COACH"

    @property
    def owner(self) -> str:
        """The owner of the session."""
        return "COACHEE" if self is SessionKind.LEARNERS_PAIR else "COACH"


_TOKENS: Mapping[Kind, tuple[str, tuple[str, ...], str | None]] = {
    Kind.EXPIRED: ("coach", (COACH,), None),
    Kind.OUTSIDER: ("outsider", (), None),
    Kind.OUTSIDE_COACH: ("outsider", (COACH,), None),
    Kind.OUTSIDE_LEARNER: ("outsider", (LEARNER,), None),
    Kind.ADMIN: ("outsider", (ADMIN,), None),
    Kind.EVENTS_SERVICE: ("outsider", (), "events:write"),
    Kind.PROVISION_SERVICE: ("outsider", (), "connections:provision"),
    Kind.EXPORT_SERVICE: ("outsider", (), "users:export"),
    Kind.ERASE_SERVICE: ("outsider", (), "users:erase"),
    Kind.COACH: ("coach", (COACH,), None),
    Kind.COACH_WITHOUT_ROLE: ("coach", (LEARNER,), None),
    Kind.LEARNER: ("learner", (LEARNER,), None),
    Kind.READER: ("learner", (COACH,), None),
    Kind.NAMED_ADMIN: ("admin", (ADMIN,), None),
    Kind.NAMED_ADMIN_WITHOUT_ROLE: ("admin", (COACH, LEARNER), None),
}
"""For each kind with a token: which of the people it is, its roles and its scope."""

_RELATIONS: Mapping[Kind, Relation] = {
    Kind.ADMIN: Relation.ADMIN,
    Kind.EVENTS_SERVICE: Relation.ADMIN,
    Kind.NAMED_ADMIN: Relation.ADMIN,
    Kind.COACH: Relation.COACH,
    Kind.LEARNER: Relation.LEARNER,
    Kind.READER: Relation.READER,
}
"""All other kinds are OTHER; a learner of a group is GROUP_LEARNER."""

_ASKERS: Mapping[Kind, Asker] = {
    Kind.ADMIN: Asker.ADMIN,
    Kind.EVENTS_SERVICE: Asker.ADMIN,
    Kind.NAMED_ADMIN: Asker.ADMIN,
    Kind.COACH: Asker.COACH,
    Kind.LEARNER: Asker.LEARNER,
    Kind.READER: Asker.LEARNER,
}
"""All other kinds are OTHER."""

WITHOUT_TOKEN = {
    CallerRule.PUBLIC,
    CallerRule.DAY_LIST,
    CallerRule.CALLBACK,
    CallerRule.SIGNATURE,
}
"""The rules of operations that need no token."""

_COACH_ROLE = {kind for kind, (_, roles, _) in _TOKENS.items() if COACH in roles}
_OWNERS = {Kind.COACH, Kind.COACH_WITHOUT_ROLE}
_PLATFORM = {Kind.ADMIN, Kind.NAMED_ADMIN, Kind.EVENTS_SERVICE}
_PREPARERS = _COACH_ROLE | _PLATFORM
_REJECTED: Mapping[CallerRule, tuple[int, set[Kind]]] = {
    CallerRule.OWN_ROLE: (403, set(Kind) - _COACH_ROLE),
    CallerRule.OWN_RECORD: (404, set(Kind) - _OWNERS),
    CallerRule.OTHERS_DATA: (403, set(Kind) - {Kind.ADMIN, Kind.NAMED_ADMIN}),
    CallerRule.COMPLETION: (400, set(Kind) - _OWNERS),
    CallerRule.PREPARE_GUESTS: (403, set(Kind) - _PREPARERS),
    CallerRule.SESSION_LIST: (403, set(Kind) - _OWNERS - _PLATFORM),
    CallerRule.PROVISION: (403, set(Kind) - {Kind.PROVISION_SERVICE}),
    CallerRule.EXPORT: (403, set(Kind) - {Kind.EXPORT_SERVICE}),
    CallerRule.ERASE: (403, set(Kind) - {Kind.ERASE_SERVICE}),
    CallerRule.CHANGES: (403, set(Kind) - _PLATFORM),
    CallerRule.WEBHOOKS: (403, set(Kind) - _PLATFORM),
    CallerRule.SIGNATURE: (403, set(Kind)),
}
"""For rules that reject valid tokens: the status and the kinds. Records are the coach's, and the
role in requests is Coach."""


@dataclass(frozen=True, slots=True)
class People:
    """New users for one case."""

    coach: str = field(default_factory=lambda: fresh_id("coach"))
    learner: str = field(default_factory=lambda: fresh_id("learner"))
    admin: str = field(default_factory=lambda: fresh_id("admin"))
    outsider: str = field(default_factory=lambda: fresh_id("outsider"))
    other_learner: str = field(default_factory=lambda: fresh_id("learner"))

    def user(self, kind: Kind) -> User:
        """Return the user of a kind with a token."""
        who, roles, scope = _TOKENS[kind]
        return User(getattr(self, who), roles, scope=scope)

    def bearer(self, kind: Kind) -> str | None:
        """Return the token of a kind of caller."""
        if kind is Kind.NO_TOKEN:
            return None
        if kind is Kind.EXPIRED:
            return token(self.coach, COACH, exp=int(time.time()) - 3600)
        return self.user(kind).bearer

    def learners(self, session: SessionKind) -> list[str]:
        """Return the learners of a session."""
        return [self.learner, *([self.other_learner] if session is SessionKind.GROUP else ())]


def expected(rules: Sequence[AccessRule], kind: Kind, session: SessionKind, success: int) -> int:
    """Return the status for a request that needs every one of the rules, checked in that order."""
    needs_token = not WITHOUT_TOKEN.intersection(rules)
    if kind is Kind.NO_TOKEN and needs_token:
        return 401
    if kind is Kind.EXPIRED and (needs_token or CallerRule.DAY_LIST in rules):
        return 401
    statuses = [rejection(rule, kind, session) for rule in rules]
    return next((each for each in statuses if each), success)


def rejection(rule: AccessRule, kind: Kind, session: SessionKind) -> int | None:
    """Return the status with which the rule rejects a caller with a valid token, if it does."""
    if isinstance(rule, Right):
        return _REJECTIONS[_granted(rule, relation(kind, session), session)]
    if isinstance(rule, TimeQuestion):
        return None if TIME_RULES[rule].allows(_ASKERS.get(kind, Asker.OTHER)) else 403
    status, kinds = _REJECTED.get(rule, (0, set()))
    return status if kind in kinds else None


def relation(kind: Kind, session: SessionKind) -> Relation:
    """Return how a kind of caller is related to a kind of session."""
    if kind is Kind.LEARNER and session is SessionKind.GROUP:
        return Relation.GROUP_LEARNER
    return _RELATIONS.get(kind, Relation.OTHER)


_REJECTIONS = {RuleGrant.YES: None, RuleGrant.NO: 403, RuleGrant.HIDDEN: 404}


def _granted(right: Right, related: Relation, session: SessionKind) -> RuleGrant:
    """Return the grant with the default settings."""
    grant = RULES[right].grant(related)
    defaults = {
        RuleGrant.IF_OWNER: session.owner == "COACHEE",
        RuleGrant.IF_MOVE: True,
        RuleGrant.IF_CANCEL: True,
        RuleGrant.IF_AUTO_APPROVAL: related is Relation.COACH,
        RuleGrant.IF_IN_GROUP: False,
    }
    if grant in defaults:
        return RuleGrant.YES if defaults[grant] else RuleGrant.NO
    return grant


def success_of(method: str, path: str) -> int:
    """Return the status of a first success: 201 if the operation creates something."""
    responses = documented(method, path)["responses"]
    return 201 if "201" in responses else 200


def documented(method: str, path: str) -> dict[str, Any]:
    """Return an operation of the contract. Pages are not in it; they are as public as /health."""
    known = "/health" if path in PAGES else path
    operation: dict[str, Any] = contract()["paths"][known][method.lower()]
    return operation
