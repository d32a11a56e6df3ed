"""Every rule for every relation, from RULES and from a literal copy of the table."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden, NotFound
from shared.domain.event import Event, Owner
from shared.domain.policy import (
    CREATIONS,
    RULES,
    Policy,
    PolicySettings,
    Right,
    RuleGrant,
    not_found,
)
from shared.domain.relation import Relation
from shared.domain.role import Role
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, STRANGER, draft

PAIR = draft().event(now=NOW)
GROUP = draft(learner_ids=(LEARNER.user_id, "learner-2")).event(now=NOW)
DEFAULT = PolicySettings()

CALLERS: Mapping[Relation, tuple[Caller, Event]] = {
    Relation.ADMIN: (ADMIN, PAIR),
    Relation.COACH: (COACH, PAIR),
    Relation.LEARNER: (LEARNER, PAIR),
    Relation.GROUP_LEARNER: (LEARNER, GROUP),
    Relation.READER: (replace(LEARNER, roles=frozenset()), PAIR),
    Relation.OTHER: (STRANGER, PAIR),
}
"""For each relation, a caller and a session to which it relates the caller."""

TABLE = """
                Admin  coach  learner      group learner  reader  other
create.admin    yes    403    403          403            403     403
create.coach    yes    yes    403          403            403     403
create.learner  yes    403    yes          403            403     403
autoApproval    yes    yes    403          403            403     403
read            yes    yes    yes          yes            yes     404
read.audit      yes    403    403          403            403     404
read.invites    yes    yes    403          403            403     404
read.copies     yes    403    403          403            403     404
edit.details    yes    yes    if-COACHEE   403            403     404
edit.contacts   yes    yes    403          403            403     404
guests          yes    yes    403          403            403     404
resend          yes    yes    403          403            403     404
move            yes    yes    yes          403            403     404
participants    yes    yes    403          403            403     404
cancel          yes    yes    yes          403            403     404
leave           403    403    403          yes            403     404
approve         yes    403    403          403            403     403
decline         yes    403    403          403            403     403
allowConflicts  yes    403    403          403            403     403
"""
"""With the default settings, by rule and relation: yes or the status of the rejection."""

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
EXPECTED = {
    (Right(name), relation): cell
    for name, *cells in ROWS
    for relation, cell in zip(Relation, cells, strict=True)
}


def outcome(policy: Policy, right: Right, caller: Caller, event: Event) -> str:
    """Return yes or the status of the rejection; `allowed` must agree."""
    try:
        policy.require(right, caller, event)
    except Forbidden:
        result = "403"
    except NotFound:
        result = "404"
    else:
        result = "yes"
    assert policy.allowed(right, caller, event) == (result == "yes")
    return result


CELLS = list(product(Right, Relation, Owner))


def test_the_literal_table_has_every_operation_and_relation() -> None:
    assert [row[0] for row in ROWS] == [each.value for each in Right]
    assert EXPECTED.keys() == set(product(Right, Relation))
    assert list(RULES) == list(Right)


@pytest.mark.parametrize(("right", "relation", "owner"), CELLS)
def test_the_rules_say_what_the_design_says(right: Right, relation: Relation, owner: Owner) -> None:
    caller, event = CALLERS[relation]
    expected = EXPECTED[right, relation]
    if expected == "if-COACHEE":
        expected = "yes" if owner is Owner.COACHEE else "403"

    assert outcome(Policy(DEFAULT), right, caller, replace(event, owner=owner)) == expected


@pytest.mark.parametrize(("right", "relation", "owner"), CELLS)
def test_a_decision_is_the_grant_of_the_rule(
    right: Right, relation: Relation, owner: Owner
) -> None:
    caller, event = CALLERS[relation]
    grant = RULES[right].grant(relation)
    fixed = {RuleGrant.YES: "yes", RuleGrant.NO: "403", RuleGrant.HIDDEN: "404"}
    conditional = {
        RuleGrant.IF_OWNER: owner is Owner.COACHEE,
        RuleGrant.IF_MOVE: True,
        RuleGrant.IF_CANCEL: True,
        RuleGrant.IF_AUTO_APPROVAL: relation is Relation.COACH,
        RuleGrant.IF_IN_GROUP: False,
    }
    expected = fixed[grant] if grant in fixed else "yes" if conditional[grant] else "403"

    assert outcome(Policy(DEFAULT), right, caller, replace(event, owner=owner)) == expected


@pytest.mark.parametrize(
    ("settings", "right", "relation", "expected"),
    [
        (replace(DEFAULT, learners_may_move=False), Right.MOVE, Relation.LEARNER, "403"),
        (replace(DEFAULT, learners_may_move=False), Right.MOVE, Relation.COACH, "yes"),
        (replace(DEFAULT, learners_may_move=False), Right.CANCEL, Relation.LEARNER, "yes"),
        (replace(DEFAULT, learners_may_cancel=False), Right.CANCEL, Relation.LEARNER, "403"),
        (replace(DEFAULT, learners_may_cancel=False), Right.CANCEL, Relation.COACH, "yes"),
        (replace(DEFAULT, learners_may_cancel=False), Right.MOVE, Relation.LEARNER, "yes"),
    ],
)
def test_an_organization_can_take_a_right_from_learners(
    settings: PolicySettings, right: Right, relation: Relation, expected: str
) -> None:
    caller, event = CALLERS[relation]

    assert outcome(Policy(settings), right, caller, event) == expected


@pytest.mark.parametrize(
    ("roles", "allowed"),
    [
        ((), {Relation.ADMIN}),
        ((Role.COACH,), {Relation.ADMIN, Relation.COACH}),
        ((Role.LEARNER,), {Relation.ADMIN, Relation.LEARNER}),
        (tuple(Role), {Relation.ADMIN, Relation.COACH, Relation.LEARNER}),
    ],
)
def test_auto_approval_is_for_admins_and_the_roles_of_the_setting(
    roles: tuple[Role, ...], allowed: set[Relation]
) -> None:
    policy = Policy(PolicySettings(auto_approval_roles=frozenset(roles)))

    assert allowed == {
        relation
        for relation, (caller, event) in CALLERS.items()
        if policy.allowed(Right.AUTO_APPROVE, caller, event)
    }


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (replace(COACH, roles=frozenset({Role.COACH, Role.LEARNER})), "yes"),
        (replace(LEARNER, roles=frozenset({Role.COACH, Role.LEARNER})), "403"),
        (replace(LEARNER, roles=frozenset({Role.COACH, Role.ADMIN})), "yes"),
    ],
    ids=["as the coach", "as the learner", "as an Admin"],
)
def test_of_several_roles_the_one_in_the_session_counts_for_auto_approval(
    caller: Caller, expected: str
) -> None:
    assert outcome(Policy(DEFAULT), Right.AUTO_APPROVE, caller, PAIR) == expected


@pytest.mark.parametrize("right", [each for each in Right if each is not Right.LEAVE])
def test_a_service_with_the_events_scope_may_do_what_an_admin_may(right: Right) -> None:
    service = Caller(user_id="platform", scopes=frozenset({"events:write"}))
    other = Caller(user_id="platform", scopes=frozenset({"connections:provision"}))

    assert Policy(DEFAULT).allowed(right, service, PAIR)
    assert not Policy(DEFAULT).allowed(right, other, PAIR)


@pytest.mark.parametrize("right", [each for each in Right if each is not Right.READ])
def test_a_rejection_names_the_rule_and_who_may_do_it(right: Right) -> None:
    reader, event = CALLERS[Relation.READER]

    with pytest.raises(Forbidden) as caught:
        Policy(DEFAULT).require(right, reader, event)

    assert caught.value.message == f"Rule {right}: only {RULES[right].allowed} may do this."


def test_a_session_that_the_caller_may_not_see_looks_unknown() -> None:
    with pytest.raises(NotFound) as caught:
        Policy(DEFAULT).require(Right.READ, STRANGER, PAIR)

    assert caught.value.message == not_found(PAIR.id).message


@pytest.mark.parametrize("right", Right)
def test_a_rule_for_admins_only_rejects_everyone_else_before_a_session_is_read(
    right: Right,
) -> None:
    admins_only = {
        Right.CREATE_AS_ADMIN,
        Right.APPROVE,
        Right.DECLINE,
        Right.ALLOW_CONFLICTS,
    }
    policy = Policy(DEFAULT)

    policy.require_possible(right, ADMIN)
    if right in admins_only:
        with pytest.raises(Forbidden, match=f"Rule {right}: only an Admin"):
            policy.require_possible(right, COACH)
    else:
        policy.require_possible(right, STRANGER)


def test_every_owner_has_its_own_rule_for_creation() -> None:
    assert CREATIONS.keys() == set(Owner)
    assert len(set(CREATIONS.values())) == len(Owner)


@pytest.mark.parametrize("learners", [("admin-1",), ("admin-1", "learner-2")])
def test_an_admin_leaves_only_a_group_of_which_they_are_a_learner(
    learners: tuple[str, ...],
) -> None:
    session = draft(learner_ids=learners).event(now=NOW)

    assert Policy(DEFAULT).allowed(Right.LEAVE, ADMIN, session) == session.is_group
    assert not Policy(DEFAULT).allowed(Right.LEAVE, ADMIN, GROUP)
