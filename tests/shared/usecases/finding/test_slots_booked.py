"""Slot finding and booking agree on which slots are free."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from shared.domain.errors import SlotTaken
from shared.domain.event import Owner
from shared.domain.interval import Interval
from tests.support.platform import ADMIN, COACH, LEARNER, NOW, Platform, draft, hours

# Other tests cover the same lines, and coverage tracing would double the time of these cases.
pytestmark = pytest.mark.no_cover

_TIMES = st.lists(
    st.tuples(
        st.sampled_from(["c1", "l1", "sessions"]),
        st.integers(8 * 4, 18 * 4).map(lambda quarter: quarter / 4),
        st.sampled_from([0.25, 0.5, 1, 3]),
    ),
    max_size=6,
)


def _filled(times: list[tuple[str, float, float]]) -> Platform:
    platform = Platform()
    platform.connect("c1")
    platform.connect("l1", LEARNER.user_id)
    for number, (where, start, length) in enumerate(times):
        if where == "sessions":
            busy = draft(f"busy-{number}", start, length, owner=Owner.COACH, allow_conflicts=True)
            platform.events.create(ADMIN, busy, now=datetime(2026, 11, 1, tzinfo=UTC))
        else:
            platform.add_entry(where, hours(start, length))
    return platform


def _draft_for(slot: Interval) -> Any:
    return draft("wanted", start=(slot.start - hours(0).start) / timedelta(hours=1))


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(_TIMES, st.randoms(use_true_random=False))
def test_every_slot_listed_as_available_can_be_booked(times: Any, random: Any) -> None:
    platform = _filled(times)
    result = platform.find_slots()
    available = [each for each in result.slots if each.available]
    assume(available)
    slot = random.choice(available)

    view = platform.events.create(COACH, _draft_for(slot.interval), now=NOW)
    after = platform.find_slots()

    assert view.created
    assert view.event.interval == slot.interval
    assert {"busy"} == {
        str(each.status) for each in after.slots if each.interval.overlaps(slot.interval)
    }


@settings(max_examples=80, deadline=None, derandomize=True, database=None)
@given(_TIMES, st.randoms(use_true_random=False))
def test_no_slot_listed_as_busy_can_be_booked(times: Any, random: Any) -> None:
    platform = _filled(times)
    result = platform.find_slots()
    busy = [each for each in result.slots if not each.available]
    assume(busy)
    slot = random.choice(busy)

    with pytest.raises(SlotTaken) as caught:
        platform.events.create(COACH, _draft_for(slot.interval), now=NOW)

    free = [each.interval for each in result.slots if each.available]
    later = [each for each in free if each.start >= slot.interval.start]
    assert caught.value.alternatives[: len(later)] == tuple(later[:5])
