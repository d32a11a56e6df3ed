"""What an erasure makes of events, and when it goes on."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.audit import SERVICE, AuditAction
from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.erasure import (
    ERASED_TITLE,
    PATIENCE,
    SETTLING,
    Erasure,
    anonymised,
    erasure_id,
    is_erasure,
    users_without_agenda,
)
from shared.domain.event import Contact, EventStatus
from shared.domain.role import Role
from shared.domain.transitions import without_participant
from tests.support.store_samples import NOON, audit_entry, copy, full_session, session

PLATFORM = Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE}))
ERASURE = Erasure(
    id=erasure_id("ann"),
    user_id="ann",
    pseudonym="erased-1",
    requested_by="platform",
    requested_at=NOON,
    due_at=NOON,
)


@pytest.mark.parametrize("user", ["coach-1", "learner-1"])
def test_a_session_without_a_coach_or_a_learner_is_cancelled(user: str) -> None:
    after = without_participant(session(), user, PLATFORM, now=session().interval.start)

    assert after.status is EventStatus.CANCELLED
    assert after.participants == session().participants
    assert (after.version, after.sequence) == (2, 1)


@pytest.mark.parametrize("user", ["coach-2", "learner-2", "boss"])
def test_a_session_goes_on_without_one_of_several_or_without_its_admin(user: str) -> None:
    before = session(
        coach_ids=("coach-1", "coach-2"),
        learner_ids=("learner-1", "learner-2"),
        admin_id="boss",
        contacts=(Contact("coach-2", "c@x.org"), Contact("coach-1", "d@x.org")),
    )

    after = without_participant(before, user, PLATFORM, now=NOON)

    assert set(before.participants) - set(after.participants) == {user}
    assert user not in {each.user_id for each in after.contacts}
    assert (after.status, after.version, after.sequence) == (before.status, 2, 0)
    assert (after.audit[-1].action, after.audit[-1].role) == (AuditAction.CHANGED, SERVICE)


def test_a_1_to_1_session_loses_the_texts_that_may_be_about_the_person() -> None:
    after = anonymised(full_session(), "learner-1", "erased-1")

    assert (after.title, after.session_link, after.location) == (ERASED_TITLE, None, None)
    assert after.learner_ids == ("erased-1",)
    assert [each.user_id for each in after.contacts] == ["coach-1"]
    assert "learner-1" not in str(after)
    assert (after.version, after.interval) == (full_session().version, full_session().interval)


def test_a_session_of_others_keeps_its_texts() -> None:
    before = full_session()
    group = replace(before, learner_ids=("learner-1", "learner-2"))

    assert anonymised(group, "learner-1", "erased-1").title == before.title
    assert anonymised(before, "platform", "erased-1").title == before.title
    assert anonymised(before, "stranger", "erased-1") == before


def test_only_whole_words_of_a_note_are_replaced() -> None:
    note = "replaced the pending event created by ann"
    event = session(audit=(audit_entry(AuditAction.REPLACED, "boss", Role.ADMIN, note=note),))

    assert anonymised(event, "an", "erased-1") == event
    (entry,) = anonymised(event, "ann", "erased-1").audit
    assert entry.note == "replaced the pending event created by erased-1"


def test_participants_are_in_agendas_until_the_session_is_cancelled() -> None:
    audit = (
        audit_entry(AuditAction.CREATED, "boss", Role.ADMIN),
        audit_entry(AuditAction.CHANGED, "back-end", SERVICE),
        audit_entry(AuditAction.REPLACED, "boss", Role.ADMIN, note="created by zoe"),
    )
    event = session(audit=audit, contacts=(Contact("old-1", "o@x.org"),))
    left = [copy(user_id="left-1"), copy(user_id="coach-1")]

    others = {"boss", "old-1", "zoe", "left-1"}
    assert users_without_agenda(event, left) == others
    cancelled = replace(event, status=EventStatus.CANCELLED)
    assert users_without_agenda(cancelled, left) == others | {"coach-1", "learner-1"}


def test_an_erasure_waits_for_coming_sessions_only_and_not_for_ever() -> None:
    event = session(interval=replace(session().interval, end=NOON + timedelta(days=1)))

    assert ERASURE.waits_for(event, now=NOON)
    assert not ERASURE.waits_for(event, now=NOON + PATIENCE)
    assert not ERASURE.waits_for(session(), now=NOON)


def test_the_looks_at_slow_calendars_become_rarer() -> None:
    ages = [timedelta(0), timedelta(minutes=2), timedelta(hours=5)]

    looks = [ERASURE.next_look(now=NOON + age) for age in ages]

    assert looks == [timedelta(seconds=5), timedelta(minutes=1), timedelta(minutes=15)]


def test_an_erasure_completes_with_a_pass_that_starts_late_enough() -> None:
    early = ERASURE.progressed({"sessions": 1}, None, now=NOON + timedelta(minutes=1))
    late = early.progressed({"sessions": 2, "items": 1}, None, now=NOON + SETTLING)

    assert (early.is_running, early.due_at) == (True, NOON + SETTLING)
    assert (late.completed_at, late.user_id, late.pseudonym) == (NOON + SETTLING, None, None)
    assert late.counts == {"sessions": 3, "items": 1}


def test_the_id_of_an_erasure_is_none_that_an_event_may_have() -> None:
    assert is_erasure(ERASURE.id)
    assert not is_erasure("erasure-1")
    assert "ann" not in ERASURE.id
    assert erasure_id("ann") != erasure_id("bob")
