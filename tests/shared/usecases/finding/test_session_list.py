"""Lists of sessions, page by page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.caller import Caller
from shared.domain.errors import Forbidden, InvalidRequest
from shared.domain.event import EventStatus, Owner
from shared.domain.policy import Policy, PolicySettings
from shared.domain.role import Role
from shared.usecases.finding.session_list import SessionList, SessionPage, SessionQuery
from tests.support.memory import MemoryPending
from tests.support.platform import (
    ADMIN,
    COACH,
    DAY,
    LEARNER,
    NOW,
    SERVICE,
    STRANGER,
    Platform,
    hours,
    moved,
)

ONE_DAY = timedelta(days=1)
PENDING = EventStatus.PENDING_APPROVAL


def sessions_of(platform: Platform) -> SessionList:
    return SessionList(
        people=platform.people,
        events=platform.store,
        pending=MemoryPending(platform.memory),
        policy=Policy(PolicySettings()),
    )


def page(platform: Platform, caller: Caller = COACH, **query: Any) -> SessionPage:
    fields = {"first": DAY, **query}
    return sessions_of(platform).page(caller, SessionQuery(**fields), now=NOW)


def ids(found: SessionPage) -> list[str]:
    return [each.id for each in found.sessions]


def all_pages(platform: Platform, caller: Caller = COACH, **query: Any) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        found = page(platform, caller, after=cursor, **query)
        pages.append(ids(found))
        cursor = found.cursor
        if cursor is None:
            return pages


def test_the_callers_sessions_come_in_order_of_start_with_every_status() -> None:
    platform = Platform()
    for session_id, start in (("late", 15), ("early", 9), ("gone", 11), ("other", 13)):
        platform.book(session_id, start, auto_approval=session_id != "other")
    platform.events.cancel(COACH, "gone", now=NOW)

    found = page(platform)

    assert [(each.id, each.status) for each in found.sessions] == [
        ("early", EventStatus.SCHEDULED),
        ("gone", EventStatus.CANCELLED),
        ("other", PENDING),
        ("late", EventStatus.SCHEDULED),
    ]
    assert (found.cursor, ids(page(platform, LEARNER))) == (None, ids(found))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (DAY, DAY, ["day"]),
        (DAY + ONE_DAY, DAY + 2 * ONE_DAY, ["next"]),
        (hours(9).start, hours(10).start, ["day"]),
        (hours(9.5).start, hours(9.75).start, ["day"]),
        (hours(10).start, hours(33).start, []),
        (hours(8).start, hours(9).start, []),
    ],
)
def test_sessions_that_overlap_the_range_are_listed(
    first: date, last: date, expected: list[str]
) -> None:
    platform = Platform()
    platform.book("day", 9)
    platform.book("next", 33)

    assert expected == ids(page(platform, first=first, last=last))


@pytest.mark.parametrize("first", [DAY, hours(0).start])
def test_a_range_has_at_most_62_days(first: date) -> None:
    platform = Platform()
    page(platform, first=first, last=first + 62 * ONE_DAY)

    for last, message in ((63, "at most 62 days"), (-1, "to must be after from")):
        with pytest.raises(InvalidRequest, match=message) as caught:
            page(platform, first=first, last=first + last * ONE_DAY)
        assert [each.field for each in caught.value.problems] == ["to"]


def test_without_a_range_the_next_62_days_are_listed() -> None:
    platform = Platform()
    platform.book("soon", 9)
    platform.book("last", 24 * 61)
    platform.book("beyond", 24 * 63)

    assert ids(page(platform, first=None)) == ["soon", "last"]


@pytest.mark.parametrize("status", [*EventStatus])
def test_only_sessions_with_the_status_are_listed(status: EventStatus) -> None:
    platform = Platform()
    platform.book("s", 9, auto_approval=False)
    platform.book("c", 11)
    platform.events.cancel(COACH, "c", now=NOW)
    platform.events.approve(ADMIN, "s", allow_conflicts=False, now=NOW)
    platform.book("p", 13, auto_approval=False)
    expected = {EventStatus.SCHEDULED: ["s"], EventStatus.CANCELLED: ["c"], PENDING: ["p"]}

    assert ids(page(platform, status=status)) == expected.get(status, [])


def test_a_session_that_has_expired_is_listed_as_expired_before_it_is_stored() -> None:
    platform = Platform()
    platform.book("p", 9, auto_approval=False)
    later = hours(9).start

    for status, expected in ((EventStatus.EXPIRED, ["p"]), (PENDING, [])):
        query = SessionQuery(first=DAY, status=status)
        found = sessions_of(platform).page(COACH, query, now=later)
        assert [each.id for each in found.sessions] == expected
        assert {each.status for each in found.sessions} <= {EventStatus.EXPIRED}
    everyone = SessionQuery(status=PENDING)
    assert sessions_of(platform).page(ADMIN, everyone, now=later).sessions == ()


@pytest.mark.parametrize("caller", [ADMIN, SERVICE], ids=["Admin", "service"])
def test_an_admin_and_a_service_list_every_user(caller: Caller) -> None:
    platform = Platform()
    platform.book("s", 9)

    assert ids(page(platform, caller, user_id=COACH.user_id)) == ["s"]
    assert ids(page(platform, caller)) == []


def test_others_list_only_themselves() -> None:
    platform = Platform()
    platform.book("s", 9)

    assert ids(page(platform, COACH, user_id=COACH.user_id)) == ["s"]
    for caller in (STRANGER, LEARNER):
        with pytest.raises(Forbidden, match=r"sessions\.list"):
            page(platform, caller, user_id=COACH.user_id, status=PENDING)


def test_a_user_without_the_role_sees_no_session_that_they_may_not_read() -> None:
    platform = Platform()
    platform.book("s", 9)
    without_role = replace(COACH, roles=frozenset({Role.LEARNER}))

    assert ids(page(platform, without_role)) == []


def test_admins_list_all_pending_sessions_in_any_range_and_others_their_own() -> None:
    platform = Platform()
    for session_id, start, coach in (("b", 24 * 100, "c2"), ("a", 9, COACH.user_id)):
        platform.book(
            session_id,
            start,
            caller=ADMIN,
            coach_ids=(coach,),
            owner=Owner.COACH,
            auto_approval=False,
        )
    platform.book("scheduled", 11)

    everyone = {"first": None, "status": PENDING}
    assert ids(page(platform, ADMIN, **everyone)) == ["a", "b"]
    assert ids(page(platform, ADMIN, status=PENDING, last=DAY)) == ["a"]
    assert ids(page(platform, ADMIN, status=PENDING, first=DAY + ONE_DAY)) == ["b"]
    assert ids(page(platform, COACH, **everyone)) == ["a"]
    assert all_pages(platform, ADMIN, limit=1, **everyone) == [["a"], ["b"]]


def test_a_session_of_which_the_agenda_has_no_heading_is_found_by_status_too() -> None:
    platform = Platform()
    platform.book("s", 9)
    platform.book("p", 11, auto_approval=False)
    for key, day in platform.memory.agendas.items():
        platform.memory.agendas[key] = replace(day, headings={})

    assert ids(page(platform, status=PENDING)) == ["p"]
    assert ids(page(platform)) == ["s", "p"]


def test_a_session_that_has_moved_since_the_agenda_was_read_is_left_out() -> None:
    platform = Platform()
    platform.book("s", 9)
    before = dict(platform.memory.agendas)
    platform.events.update(COACH, moved(24 + 9, "s"), now=NOW)
    platform.memory.agendas.clear()
    platform.memory.agendas.update(before)

    assert ids(page(platform)) == []


@given(
    starts=st.lists(st.integers(0, 40), unique=True, max_size=12),
    cancelled=st.sets(st.integers(0, 40), max_size=6),
    limit=st.integers(1, 5),
    status=st.sampled_from([None, EventStatus.SCHEDULED, EventStatus.CANCELLED]),
)
@settings(max_examples=30)
def test_the_pages_together_have_every_session_once_in_order(
    starts: Sequence[int], cancelled: set[int], limit: int, status: EventStatus | None
) -> None:
    platform = Platform()
    for start in starts:
        platform.book(f"s{start}", start + 1, length=0.5)
    for start in cancelled.intersection(starts):
        platform.events.cancel(COACH, f"s{start}", now=NOW)
    kept = {EventStatus.CANCELLED: cancelled, EventStatus.SCHEDULED: set(starts) - cancelled}
    wanted = kept.get(status, set(starts)) if status else set(starts)

    pages = all_pages(platform, limit=limit, status=status)

    found = [session for each in pages for session in each]
    assert [f"s{start}" for start in sorted(wanted.intersection(starts))] == found
    assert all(len(each) <= limit for each in pages)


@pytest.mark.parametrize(
    "cursor", ["x", "====", "é", "MjAzMA", "bm90IHRpbWUgcw", "MDAwMS0wMS0wMVQwMDowMCsyMzo1OSBz"]
)
def test_a_cursor_that_no_page_returned_is_rejected(cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor is not one") as caught:
        page(Platform(), after=cursor)

    assert [each.field for each in caught.value.problems] == ["cursor"]
