"""Properties of the sweeper's counts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.sweep import MAX_TRIES, SweepCount, UnsyncedSpan, unsynced_spans

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ITEMS = st.lists(
    st.tuples(
        st.sampled_from(("s1", "s2", "s3")), st.integers(0, 9).map(lambda n: NOON + n * MINUTE)
    )
)


def span(oldest: int, newest: int) -> UnsyncedSpan:
    """Return a span in minutes after noon."""
    return UnsyncedSpan(event_id="s1", oldest=NOON + oldest * MINUTE, newest=NOON + newest * MINUTE)


@given(items=ITEMS, data=st.data())
def test_the_order_of_items_does_not_matter(
    items: list[tuple[str, datetime]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(items))

    spans = unsynced_spans(shuffled)

    assert unsynced_spans(items) == spans
    for each in spans:
        times = [at for event_id, at in items if event_id == each.event_id]
        assert (min(times), max(times)) == (each.oldest, each.newest)


def test_a_change_after_the_counted_one_starts_at_zero_again() -> None:
    stored = SweepCount(changed_at=NOON + MINUTE, tries=MAX_TRIES)

    assert stored.is_exhausted
    assert stored == span(0, 1).count(stored)
    assert SweepCount(changed_at=NOON + 2 * MINUTE) == span(0, 2).count(stored)
    assert SweepCount(changed_at=NOON) == span(0, 0).count(None)


def test_an_older_item_that_is_written_again_keeps_the_count() -> None:
    stored = SweepCount(changed_at=NOON + MINUTE, tries=3)

    assert stored == span(0, 0).count(stored)
    assert stored.next_try().tries == 4
