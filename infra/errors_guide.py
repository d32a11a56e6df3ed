"""The generated tables of docs/errors.md: who may do what, from the rules and the routes."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from infra.access import CALLER_RULES, SUBJECTS, who_may
from infra.routes import ROUTES
from shared.domain.policy import RULES, Right, RuleGrant
from shared.domain.relation import Relation
from shared.domain.time_policy import TIME_RULES, Asker, TimeQuestion

PATH = Path(__file__).parents[1] / "docs" / "errors.md"
_BLOCK = re.compile(
    r"(<!-- table (\w+): written by make openapi -->\n)(.*?)(<!-- end -->)", re.DOTALL
)

_RELATIONS: Mapping[Relation, str] = {
    Relation.ADMIN: "Admin, service",
    Relation.COACH: "coach",
    Relation.LEARNER: "learner of a 1:1",
    Relation.GROUP_LEARNER: "learner of a group",
    Relation.READER: "learner without the role",
    Relation.OTHER: "others",
}
_GRANTS: Mapping[RuleGrant, str] = {
    RuleGrant.YES: "yes",
    RuleGrant.NO: "403",
    RuleGrant.HIDDEN: "404",
    RuleGrant.IF_OWNER: "if owner is COACHEE, else 403",
    RuleGrant.IF_MOVE: "if `LEARNERS_MAY_MOVE`, else 403",
    RuleGrant.IF_CANCEL: "if `LEARNERS_MAY_CANCEL`, else 403",
    RuleGrant.IF_IN_GROUP: "if a learner of a group, else 403",
    RuleGrant.IF_AUTO_APPROVAL: "if `AUTO_APPROVAL_ROLES` has the role, else 403",
}
_ASKERS: Mapping[Asker, str] = {
    Asker.ADMIN: "Admin, service",
    Asker.COACH: "that coach",
    Asker.LEARNER: "that learner",
    Asker.OTHER: "others",
}


def session_table() -> str:
    """Return the table of rights on sessions."""
    rows = [
        [f"`{right}`", SUBJECTS[right], *(_GRANTS[RULES[right].grant(each)] for each in Relation)]
        for right in Right
    ]
    return _table(["rule", "to", *(_RELATIONS[each] for each in Relation)], rows)


def time_table() -> str:
    """Return the table of questions about people's time."""
    rows = [
        [
            f"`{question}`",
            SUBJECTS[question],
            *("yes" if TIME_RULES[question].allows(each) else "403" for each in Asker),
        ]
        for question in TimeQuestion
    ]
    return _table(["rule", "to", *(_ASKERS[each] for each in Asker)], rows)


def other_table() -> str:
    """Return the table of rules that depend on no session."""
    return _table(["rule", "who"], [[f"`{rule}`", who_may(rule)] for rule in CALLER_RULES])


def route_table() -> str:
    """Return the rules of every route."""
    rows = [
        [f"`{route.method} {route.path}`", ", ".join(f"`{rule}`" for rule in route.rules)]
        for route in ROUTES
    ]
    return _table(["operation", "rules"], rows)


_TABLES: Mapping[str, Callable[[], str]] = {
    "sessions": session_table,
    "time": time_table,
    "others": other_table,
    "routes": route_table,
}


def with_tables(page: str) -> str:
    """Return the text of the page with every table as it should be now."""
    return _BLOCK.sub(lambda block: f"{block[1]}\n{_TABLES[block[2]]()}\n{block[4]}", page)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(each)} |\n" for each in lines)
