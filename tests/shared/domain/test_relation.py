from dataclasses import replace
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.event import Owner
from shared.domain.relation import Relation, relation_of, role_of
from shared.domain.role import Role
from tests.support.platform import NOW, draft

C, L, A = Role.COACH, Role.LEARNER, Role.ADMIN
EVENTS = frozenset({"events:write"})


def session(**changes: Any) -> Any:
    return draft(coach_ids=("ann",), learner_ids=("bob",), admin_id="zoe", **changes).event(now=NOW)


GROUPS = [
    draft(coach_ids=("ann",), learner_ids=("bob", "cat")).event(now=NOW),
    draft(coach_ids=("ann", "eve"), learner_ids=("bob",)).event(now=NOW),
]


@pytest.mark.parametrize(
    ("user", "roles", "relation"),
    [
        ("ann", {C}, Relation.COACH),
        ("ann", {C, L}, Relation.COACH),
        ("ann", {L}, Relation.OTHER),
        ("ann", set(), Relation.OTHER),
        ("ann", {A, C}, Relation.ADMIN),
        ("bob", {L}, Relation.LEARNER),
        ("bob", {L, C}, Relation.LEARNER),
        ("bob", {C}, Relation.READER),
        ("bob", set(), Relation.READER),
        ("zoe", {A}, Relation.ADMIN),
        ("zoe", {C, L}, Relation.OTHER),
        ("zoe", set(), Relation.OTHER),
        ("eve", {C, L}, Relation.OTHER),
        ("eve", {A}, Relation.ADMIN),
    ],
)
def test_the_role_in_the_token_counts_as_well_as_the_id(
    user: str, roles: set[Role], relation: Relation
) -> None:
    assert relation_of(Caller(user_id=user, roles=frozenset(roles)), session()) is relation


@pytest.mark.parametrize("group", GROUPS, ids=["two learners", "two coaches"])
def test_a_learner_of_several_people_is_a_group_learner(group: Any) -> None:
    assert relation_of(Caller(user_id="bob", roles=frozenset({L})), group) is Relation.GROUP_LEARNER
    assert relation_of(Caller(user_id="bob"), group) is Relation.READER
    assert relation_of(Caller(user_id="ann", roles=frozenset({C})), group) is Relation.COACH


def test_a_learner_with_an_admin_as_host_is_not_in_a_group() -> None:
    hosted = session(owner=Owner.ADMIN)

    assert relation_of(Caller(user_id="bob", roles=frozenset({L})), hosted) is Relation.LEARNER


def test_a_user_who_is_coach_and_learner_of_a_session_acts_as_its_coach() -> None:
    both = replace(draft(coach_ids=("ann",)).event(now=NOW), learner_ids=("ann",))

    assert relation_of(Caller(user_id="ann", roles=frozenset({C, L})), both) is Relation.COACH
    assert relation_of(Caller(user_id="ann", roles=frozenset({L})), both) is Relation.LEARNER


@pytest.mark.parametrize(
    ("scopes", "relation"),
    [
        (EVENTS, Relation.ADMIN),
        (EVENTS | {"connections:provision"}, Relation.ADMIN),
        (frozenset({"connections:provision"}), Relation.OTHER),
        (frozenset(), Relation.OTHER),
    ],
)
def test_only_the_events_scope_makes_a_service_an_admin(
    scopes: frozenset[str], relation: Relation
) -> None:
    assert relation_of(Caller(user_id="platform", scopes=scopes), session()) is relation


@pytest.mark.parametrize(
    ("relation", "role"),
    [
        (Relation.ADMIN, A),
        (Relation.COACH, C),
        (Relation.LEARNER, L),
        (Relation.GROUP_LEARNER, L),
        (Relation.READER, L),
        (Relation.OTHER, None),
    ],
)
def test_a_relation_has_the_role_in_which_the_caller_acts(
    relation: Relation, role: Role | None
) -> None:
    assert role_of(relation) is role
