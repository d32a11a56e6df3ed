"""Who may ask about whose time, and how much of a day each caller sees."""

import pytest

from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.errors import Forbidden
from shared.domain.role import Role
from shared.domain.time_policy import (
    TIME_RULES,
    Asker,
    Detail,
    TimeQuestion,
    asker_of,
    detail_for,
    question_about,
    require_question,
)

CALLERS = {
    "Admin": Caller(user_id="a", roles=frozenset({Role.ADMIN})),
    "service": Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE})),
    "other service": Caller(user_id="sign-in", scopes=frozenset({"connections:provision"})),
    "coach": Caller(user_id="c", roles=frozenset({Role.COACH})),
    "coach without the role": Caller(user_id="c", roles=frozenset({Role.LEARNER})),
    "learner": Caller(user_id="l", roles=frozenset({Role.LEARNER})),
    "learner without the role": Caller(user_id="l"),
    "other coach": Caller(user_id="x", roles=frozenset({Role.COACH})),
    "other learner": Caller(user_id="y", roles=frozenset({Role.LEARNER})),
    "no role": Caller(user_id="z"),
}
Ids = tuple[str, ...]
PEOPLE: dict[TimeQuestion, tuple[Ids, Ids]] = {
    TimeQuestion.COACH: (("c",), ()),
    TimeQuestion.LEARNER: ((), ("l",)),
    TimeQuestion.PAIR: (("c",), ("l",)),
    TimeQuestion.SEVERAL: (("c", "c2"), ("l",)),
}
ADMINS = {"Admin", "service"}
LEARNERS = {"learner", "learner without the role"}
MAY_ASK = {
    TimeQuestion.COACH: set(CALLERS),
    TimeQuestion.LEARNER: ADMINS | LEARNERS,
    TimeQuestion.PAIR: ADMINS | LEARNERS | {"coach"},
    TimeQuestion.SEVERAL: ADMINS,
}


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("question", TimeQuestion)
def test_every_caller_may_ask_exactly_what_the_rules_allow(
    question: TimeQuestion, name: str
) -> None:
    caller, people = CALLERS[name], PEOPLE[question]

    rule = TIME_RULES[question_about(*people)]

    assert rule.allows(asker_of(caller, *people)) is (name in MAY_ASK[question])


@pytest.mark.parametrize(
    ("coaches", "learners", "question"),
    [
        (("c",), (), TimeQuestion.COACH),
        ((), ("l",), TimeQuestion.LEARNER),
        (("c",), ("l",), TimeQuestion.PAIR),
        (("c",), ("c",), TimeQuestion.PAIR),
        (("c", "d"), (), TimeQuestion.SEVERAL),
        ((), ("l", "m"), TimeQuestion.SEVERAL),
        (("c",), ("l", "m"), TimeQuestion.SEVERAL),
        (("c", "d"), ("l",), TimeQuestion.SEVERAL),
        ((), (), TimeQuestion.SEVERAL),
    ],
)
def test_the_question_follows_from_the_number_of_people(
    coaches: Ids, learners: Ids, question: TimeQuestion
) -> None:
    assert question_about(coaches, learners) is question


def test_every_question_has_a_rule_and_an_admin_may_ask_all() -> None:
    assert set(TIME_RULES) == set(TimeQuestion)
    assert all(each.allows(Asker.ADMIN) for each in TIME_RULES.values())


@pytest.mark.parametrize(
    "question", [each for each in TimeQuestion if each is not TimeQuestion.COACH]
)
def test_a_rejection_names_the_rule_and_who_may_ask(question: TimeQuestion) -> None:
    with pytest.raises(Forbidden) as caught:
        require_question(question, Asker.OTHER)

    allowed = TIME_RULES[question].allowed
    assert caught.value.message == f"Rule {question}: only {allowed} may ask this."
    assert "an Admin or a service with the scope events:write" in allowed


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("Admin", Detail.ALL),
        ("coach", Detail.ALL),
        ("coach without the role", Detail.ALL),
        ("service", Detail.TIMES),
        ("learner", Detail.TIMES),
        ("other coach", Detail.TIMES),
    ],
)
def test_only_the_user_and_an_admin_see_all_of_a_day(name: str, detail: Detail) -> None:
    assert detail_for(CALLERS[name], "c") is detail


def test_without_a_token_only_busy_times_are_seen() -> None:
    assert detail_for(None, "c") is Detail.BUSY
