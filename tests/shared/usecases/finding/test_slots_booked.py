"""Slot finding and booking agree on which slots are free, also with buffers and booking rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.errors import SlotTaken, TimeNotAvailable
from shared.domain.event import Owner
from shared.domain.interval import Interval
from shared.domain.person import Holiday
from shared.domain.role import Role
from shared.domain.week import RoleAvailability, Window
from tests.support.platform import ADMIN, COACH, DAY, LEARNER, NOW, Platform, draft, hours

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = pytest.mark.no_cover

_MINUTE = timedelta(minutes=1)
_TIMES = st.lists(
    st.tuples(
        st.sampled_from(["c1", "l1", "sessions"]),
        st.integers(8 * 4, 18 * 4).map(lambda quarter: quarter / 4),
        st.sampled_from([0.25, 0.5, 1, 3]),
    ),
    max_size=6,
)
_BUFFERS = st.sampled_from([0, 0, 10, 15, 45]).map(lambda minutes: minutes * _MINUTE)
_RULES = st.fixed_dictionaries(
    {
        "buffer_before": _BUFFERS,
        "buffer_after": _BUFFERS,
        "minimum_notice": st.sampled_from([0, 30]).map(lambda hours: timedelta(hours=hours)),
        "step": st.sampled_from([15, 30]).map(lambda minutes: minutes * _MINUTE),
    }
)
_WINDOWS = st.lists(
    st.tuples(st.integers(0, 23), st.integers(1, 24), st.sampled_from(["UTC", "Asia/Kolkata"])),
    min_size=1,
    max_size=2,
)
_OTHERS = st.tuples(st.none() | _WINDOWS, st.booleans())
"""The learner's own windows, and whether the coach has the next day off."""

_TOMORROW_OFF = Holiday(
    id="h",
    name="Off",
    role=Role.COACH,
    first=DAY + timedelta(days=1),
    last=DAY + timedelta(days=1),
    created_at=NOW,
)
_some = settings(max_examples=80, deadline=None, derandomize=True, database=None)


def _filled(times: list[tuple[str, float, float]], **rules: Any) -> Platform:
    platform = Platform(**rules)
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    for number, (where, start, length) in enumerate(times):
        if where == "sessions":
            busy = draft(f"busy-{number}", start, length, owner=Owner.COACH, allow_conflicts=True)
            platform.events.create(ADMIN, busy, now=datetime(2026, 11, 1, tzinfo=UTC))
        else:
            platform.add_entry(where, hours(start, length))
    return platform


def _set_windows(platform: Platform, user: str, role: Role, drawn: Any) -> None:
    windows = tuple(
        Window(DAY.weekday(), start * 60, end * 60, zone)
        for start, end, zone in drawn
        if start != end
    )
    availability = RoleAvailability(role=role, zone="UTC", use_default=False, windows=windows)
    platform.people.save_availability(user, availability)


def _draft_for(slot: Interval, **changes: Any) -> Any:
    return draft("wanted", start=(slot.start - hours(0).start) / timedelta(hours=1), **changes)


@_some
@given(_TIMES, _RULES, _WINDOWS, _OTHERS, st.randoms())
def test_every_slot_listed_for_a_learner_can_be_booked_by_that_learner(
    times: Any, rules: Any, windows: Any, others: Any, random: Any
) -> None:
    platform = _filled(times, **rules)
    _set_windows(platform, COACH.user_id, Role.COACH, windows)
    own, is_off = others
    if own:
        _set_windows(platform, LEARNER.user_id, Role.LEARNER, own)
    if is_off:
        platform.people.add_holiday(COACH.user_id, _TOMORROW_OFF)
    result = platform.find_slots(LEARNER)
    available = [each for each in result.slots if each.available]
    assume(available)
    slot = random.choice(available)
    wanted = _draft_for(slot.interval, owner=Owner.COACHEE, auto_approval=False)

    view = platform.events.create(LEARNER, wanted, now=NOW)
    after = platform.find_slots(LEARNER)

    assert (view.created, view.warnings) == (True, ())
    assert view.event.interval == slot.interval
    assert not any(each.available for each in after.slots if each.interval.overlaps(slot.interval))


@_some
@given(_TIMES, _RULES, _WINDOWS, st.randoms())
def test_no_slot_listed_as_not_available_can_be_booked_by_a_learner(
    times: Any, rules: Any, windows: Any, random: Any
) -> None:
    platform = _filled(times, **rules)
    _set_windows(platform, COACH.user_id, Role.COACH, windows)
    result = platform.find_slots(LEARNER)
    other = [each for each in result.slots if not each.available]
    assume(other)
    slot = random.choice(other)
    wanted = _draft_for(slot.interval, owner=Owner.COACHEE, auto_approval=False)

    with pytest.raises(TimeNotAvailable) as caught:
        platform.events.create(LEARNER, wanted, now=NOW)

    free = {each.interval for each in result.slots if each.available}
    day = hours(0, 24)
    offered = caught.value.alternatives
    assert {each for each in offered if each.start < day.end} <= free
    assert all(earlier.end <= later.start for earlier, later in pairwise(offered))


@_some
@given(_TIMES, st.randoms())
def test_alternatives_are_the_nearest_free_slots(times: Any, random: Any) -> None:
    platform = _filled(times)
    result = platform.find_slots()
    busy = [each for each in result.slots if not each.available]
    assume(busy)
    slot = random.choice(busy)

    with pytest.raises(SlotTaken) as caught:
        platform.events.create(COACH, _draft_for(slot.interval), now=NOW)

    free = [each.interval for each in result.slots if each.available]
    nearest = min(free, key=lambda each: abs(each.start - slot.interval.start), default=None)
    distances = {abs(each.start - slot.interval.start) for each in caught.value.alternatives}
    assert nearest is None or abs(nearest.start - slot.interval.start) in distances


@_some
@given(st.integers(0, 20), st.integers(0, 20), _BUFFERS, _BUFFERS, st.booleans())
def test_sessions_keep_both_buffers_apart_whichever_is_booked_first(
    one: int,
    other: int,
    before: timedelta,
    after: timedelta,
    swapped: bool,  # noqa: FBT001 - drawn
) -> None:
    platform = Platform(buffer_before=before, buffer_after=after)
    first, second = sorted((9 + one / 4, 9 + other / 4), reverse=swapped)
    by_learner = replace(draft("second", second), owner=Owner.COACHEE, auto_approval=False)
    assume(max(first, second) <= 16)
    platform.book("first", first)

    apart = abs(first - second) * timedelta(hours=1) - timedelta(hours=1)
    if apart >= before + after:
        assert platform.events.create(LEARNER, by_learner, now=NOW).created
    else:
        with pytest.raises(TimeNotAvailable):
            platform.events.create(LEARNER, by_learner, now=NOW)
