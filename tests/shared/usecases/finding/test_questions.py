"""Who may ask for slots and months, and what they show of other people's calendars."""

from contextlib import nullcontext
from typing import Any

import pytest

from shared.domain.caller import Caller
from shared.domain.connection import Provider
from shared.domain.errors import Forbidden, NotFound
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.domain.time_policy import TIME_RULES, asker_of, question_about
from shared.usecases.finding.calendars import Source, SourceState
from shared.usecases.finding.months import MonthQuery, Months, MonthView
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    OFFICE,
    SERVICE,
    STRANGER,
    Platform,
)


def month_of(caller: Caller, people: dict[str, Any]) -> MonthView:
    """Return the month of the coach and the learner, or of other people."""
    platform = Platform()
    months = Months(
        participants=platform.participants,
        events=platform.store,
        policy=Policy(PolicySettings()),
        organization=OFFICE,
        rules=platform.rules,
    )
    pair = {"coach_ids": (COACH.user_id,), "learner_ids": (LEARNER.user_id,)}
    query = MonthQuery(year=DAY.year, month=DAY.month, role=Role.COACH, **{**pair, **people})
    return months.of(caller, query, now=NOW)


@pytest.mark.parametrize(
    "people",
    [
        {},
        {"learner_ids": ()},
        {"coach_ids": ()},
        {"coach_ids": ("c1", "c2")},
        {"learner_ids": ("l1", "l2"), "coach_ids": ()},
    ],
)
def test_slots_follow_the_rules_for_questions_about_time(people: dict[str, Any]) -> None:
    platform = Platform()
    query = platform.query(**people)

    for caller in (COACH, LEARNER, STRANGER, ADMIN, SERVICE):
        asker = asker_of(caller, query.coach_ids, query.learner_ids)
        may_ask = TIME_RULES[question_about(query.coach_ids, query.learner_ids)].allows(asker)
        with nullcontext() if may_ask else pytest.raises(Forbidden):
            platform.find_slots(caller, **people)


@pytest.mark.parametrize(
    "people", [{}, {"learner_ids": ()}, {"coach_ids": ()}, {"learner_ids": ("l1", "l2")}]
)
def test_months_follow_the_rules_for_questions_about_time(people: dict[str, Any]) -> None:
    asked = Platform().query(**people)

    for caller in (COACH, LEARNER, STRANGER, ADMIN, SERVICE):
        asker = asker_of(caller, asked.coach_ids, asked.learner_ids)
        may_ask = TIME_RULES[question_about(asked.coach_ids, asked.learner_ids)].allows(asker)
        with nullcontext() if may_ask else pytest.raises(Forbidden):
            month_of(caller, people)


def test_other_peoples_calendars_show_their_state_only() -> None:
    platform = Platform()
    platform.connect()
    platform.connect("l1", LEARNER.user_id)
    own = Source(
        user_id=LEARNER.user_id,
        connection_id="l1",
        provider=Provider.APPLE,
        state=SourceState.OK,
    )

    sources = platform.find_slots(LEARNER).sources

    assert sources == (Source(user_id=COACH.user_id, state=SourceState.OK), own)
    assert {Provider.APPLE} == {each.provider for each in platform.find_slots(ADMIN).sources}
    assert {None} == {each.provider for each in platform.find_slots(SERVICE).sources}


@pytest.mark.parametrize("caller", [COACH, LEARNER, ADMIN, SERVICE])
def test_every_caller_who_sees_a_session_may_reschedule_it(caller: Caller) -> None:
    platform = Platform()
    platform.book("s1", 10)

    view = platform.find_slots(caller, session_id="s1", reschedule=True)

    assert {"available"} == {each.status.value for each in view.slots}


@pytest.mark.parametrize("session_id", ["s1", "unknown"])
def test_a_session_of_others_looks_like_an_unknown_one_in_a_reschedule(session_id: str) -> None:
    platform = Platform()
    platform.book("s1", 10)
    own = {"coach_ids": (COACH.user_id,), "learner_ids": ("learner-2",)}

    with pytest.raises(NotFound, match=f"no event {session_id} that you take part in"):
        platform.find_slots(
            Caller(user_id="learner-2"), session_id=session_id, reschedule=True, **own
        )
