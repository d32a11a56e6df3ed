"""How many sessions a user may create, and have on one day."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.caller import Caller
from shared.domain.errors import TooManyPending, TooManySessions
from shared.domain.event import Event, EventStatus, Owner
from shared.domain.limits import FUTURE_SESSIONS, PENDING_SESSIONS, SESSIONS_ON_DAY
from shared.usecases.booking.session_limits import SessionLimits
from tests.support.limit_counts import limits_of
from tests.support.memory import Memory, MemoryBookings, MemoryPeople
from tests.support.platform import (
    ADMIN,
    COACH,
    LEARNER,
    NOW,
    SERVICE,
    Platform,
    draft,
    hours,
    moved,
)

PENDING = EventStatus.PENDING_APPROVAL
LIMITS = SessionLimits(limits_of({PENDING_SESSIONS: 2, FUTURE_SESSIONS: 4, SESSIONS_ON_DAY: 2}))


def limited(**allowed: int) -> Platform:
    """Return a platform with these limits by name."""
    names = {"pending": PENDING_SESSIONS, "future": FUTURE_SESSIONS, "day": SESSIONS_ON_DAY}
    platform = Platform()
    limits = limits_of({names[name]: number for name, number in allowed.items()})
    platform.events = platform.events_with(limits=limits)
    return platform


def request(platform: Platform, session_id: str, start: float, caller: Caller = LEARNER) -> None:
    """Book a pending session that the learner requests of the coach."""
    platform.book(
        session_id, start, caller=caller, owner=Owner.COACHEE, auto_approval=caller is SERVICE
    )


def test_a_learner_may_have_only_so_many_sessions_that_wait_for_approval() -> None:
    platform = limited(pending=2)
    request(platform, "s1", 9)
    request(platform, "s2", 11)

    with pytest.raises(TooManyPending, match="2 sessions that wait for approval"):
        request(platform, "s3", 13)

    platform.events.approve(ADMIN, "s1", allow_conflicts=False, now=NOW)
    request(platform, "s3", 13)


def test_a_repeated_request_returns_the_event_although_the_limit_is_reached() -> None:
    platform = limited(pending=1, day=1)
    request(platform, "s1", 9)

    request(platform, "s1", 9)


def test_only_sessions_that_have_not_started_count() -> None:
    platform = limited(future=1)
    platform.book("s1", 9)
    with pytest.raises(TooManyPending, match="have not started"):
        platform.book("s2", 11)

    platform.events.create(COACH, draft("s2", 11), now=hours(10).start)


@pytest.mark.parametrize("caller", [ADMIN, SERVICE], ids=["Admin", "service"])
def test_an_admin_and_a_service_have_no_limits(caller: Caller) -> None:
    platform = limited(pending=1, future=1, day=1)

    for number in range(4):
        platform.book(f"s{number}", 9 + number, caller=caller, auto_approval=False)

    assert len(platform.agenda()) == 4


def test_a_full_day_rejects_another_session_of_any_participant_but_not_a_move_within_it() -> None:
    platform = limited(day=2)
    platform.book("s1", 9)
    platform.book("s2", 11)

    with pytest.raises(TooManySessions, match="already has 2 sessions"):
        platform.book("s3", 13)

    platform.events.update(COACH, moved(15, "s1"), now=NOW)
    platform.book("s3", 24 + 9)
    with pytest.raises(TooManySessions):
        platform.events.update(COACH, moved(13, "s3"), now=NOW)
    platform.events.update(ADMIN, moved(13, "s3"), now=NOW)


def test_cancelled_sessions_do_not_count() -> None:
    platform = limited(future=1, day=1)
    platform.book("s1", 9)

    platform.events.cancel(COACH, "s1", now=NOW)

    platform.book("s2", 11)


def event(number: int, creator: str, status: EventStatus) -> Event:
    created = AuditEntry(
        action=AuditAction.CREATED, actor_id=creator, role="Coach", at=NOW, version=1
    )
    fields: dict[str, Any] = {"owner": Owner.COACH, "coach_ids": (COACH.user_id,)}
    return Event(
        id=f"s{number}",
        title="x",
        interval=hours(24 * number + 9),
        zone="UTC",
        learner_ids=(LEARNER.user_id,),
        admin_id=None,
        status=status,
        created_at=NOW,
        updated_at=NOW,
        request_digest="d",
        audit=(created,),
        **fields,
    )


@given(
    others=st.lists(
        st.tuples(
            st.sampled_from([COACH.user_id, LEARNER.user_id]),
            st.sampled_from([PENDING, EventStatus.SCHEDULED, EventStatus.CANCELLED]),
        ),
        max_size=8,
    ),
    order=st.randoms(use_true_random=False),
)
def test_in_whatever_order_only_the_callers_own_sessions_count(
    others: list[tuple[str, EventStatus]], order: Any
) -> None:
    memory = Memory()
    events = [event(number, *each) for number, each in enumerate(others)]
    order.shuffle(events)
    for each in events:
        MemoryBookings(memory).commit(each, previous=None)
    upcoming = MemoryPeople(memory).agenda(
        COACH.user_id, hours(0).start.date(), hours(500).start.date()
    )
    own = [status for creator, status in others if creator == COACH.user_id]
    live = sum(status is not EventStatus.CANCELLED for status in own)
    is_allowed = live < 4 and own.count(PENDING) < 2

    try:
        LIMITS.check_creation(COACH, event(99, COACH.user_id, PENDING), upcoming, now=NOW)
    except TooManyPending:
        assert not is_allowed
    else:
        assert is_allowed
