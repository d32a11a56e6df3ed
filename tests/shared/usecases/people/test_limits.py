from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import TooManyPending, TooManyRequests
from shared.domain.limits import (
    DAY_LISTS,
    GUESTS_BY_USER,
    HOLIDAYS,
    LIMITS,
    PENDING_SESSIONS,
    PUBLIC_REQUESTS,
    Limit,
)
from shared.ports import CountUnavailable
from shared.usecases.people.limits import NO_LIMITS, Limits, source_of, window_of
from tests.support.limit_counts import MemoryCounts, limits_of
from tests.support.platform import NOW

ONE, OTHER = "192.0.2.1", "192.0.2.2"
TEN = timedelta(seconds=10)
WITH_WINDOW = [each for each in LIMITS if each.window]


def addresses(per_minute: int, counts: MemoryCounts | None = None) -> Limits:
    return limits_of({PUBLIC_REQUESTS: per_minute}, counts)


def test_an_address_has_a_limited_number_of_requests_per_minute() -> None:
    limits = addresses(3)
    for _ in range(3):
        limits.take_for_address(PUBLIC_REQUESTS, ONE, now=NOW + TEN)

    for _ in range(2):
        with pytest.raises(TooManyRequests) as caught:
            limits.take_for_address(PUBLIC_REQUESTS, ONE, now=NOW + TEN)
        assert timedelta(seconds=50) == caught.value.retry_after


def test_another_address_has_its_own_limit() -> None:
    limits = addresses(1)
    limits.take_for_address(PUBLIC_REQUESTS, ONE, now=NOW)
    limits.take_for_address(PUBLIC_REQUESTS, OTHER, now=NOW)

    for each in (ONE, OTHER):
        with pytest.raises(TooManyRequests):
            limits.take_for_address(PUBLIC_REQUESTS, each, now=NOW)


def test_another_limit_with_the_same_key_is_counted_separately() -> None:
    limits = limits_of({DAY_LISTS: 1, GUESTS_BY_USER: 1})

    limits.take(DAY_LISTS, "user", now=NOW)

    limits.take(GUESTS_BY_USER, "user", now=NOW)


@pytest.mark.parametrize("limit", WITH_WINDOW, ids=lambda each: each.setting)
def test_a_limit_is_reset_after_the_wait(limit: Limit) -> None:
    limits = limits_of({limit: 1})
    limits.take(limit, "key", now=NOW + TEN)
    with pytest.raises(TooManyRequests) as caught:
        limits.take(limit, "key", now=NOW + TEN)

    limits.take(limit, "key", now=NOW + TEN + caught.value.retry_after)


@pytest.mark.parametrize("limit", LIMITS, ids=lambda each: each.setting)
def test_zero_means_no_limit(limit: Limit) -> None:
    counts = MemoryCounts()
    limits = limits_of({limit: 0}, counts)

    limits.check(limit, 10**6)
    if limit.window:
        limits.take(limit, "key", now=NOW)
        limits.give_back(limit, "key", now=NOW)

    assert not counts.counted


def test_a_limit_that_is_not_given_does_not_apply() -> None:
    NO_LIMITS.take(DAY_LISTS, "user", now=NOW)
    NO_LIMITS.check(HOLIDAYS, 10**6)

    assert NO_LIMITS.count(DAY_LISTS, "user", now=NOW) == 0


@pytest.mark.parametrize("limit", WITH_WINDOW, ids=lambda each: each.setting)
def test_only_limits_that_protect_no_other_people_let_requests_pass_without_a_counter(
    limit: Limit,
) -> None:
    counts = MemoryCounts()
    limits = limits_of({limit: 1}, counts)
    counts.is_down = True

    if limit.fails_open:
        limits.take(limit, "user", now=NOW)
    else:
        with pytest.raises(CountUnavailable):
            limits.take(limit, "user", now=NOW)
    assert limits.count(limit, "user", now=NOW) == 0
    limits.give_back(limit, "user", now=NOW)


def test_of_several_uses_at_once_all_or_none_count() -> None:
    limits = limits_of({GUESTS_BY_USER: 10})
    limits.take(GUESTS_BY_USER, "user", number=6, now=NOW)

    with pytest.raises(TooManyRequests):
        limits.take(GUESTS_BY_USER, "user", number=5, now=NOW)

    limits.take(GUESTS_BY_USER, "user", number=4, now=NOW)


def test_no_uses_are_not_counted() -> None:
    counts = MemoryCounts()

    limits_of({GUESTS_BY_USER: 1}, counts).take(GUESTS_BY_USER, "user", number=0, now=NOW)

    assert not counts.counted


def test_a_use_that_is_given_back_can_be_taken_again() -> None:
    limits = limits_of({DAY_LISTS: 1})
    limits.take(DAY_LISTS, "user", now=NOW)

    limits.give_back(DAY_LISTS, "user", now=NOW)

    limits.take(DAY_LISTS, "user", now=NOW)


def test_a_limit_on_what_is_stored_allows_exactly_that_number() -> None:
    limits = limits_of({HOLIDAYS: 3, PENDING_SESSIONS: 3})

    limits.check(HOLIDAYS, 3)

    with pytest.raises(TooManyRequests, match="at most 3 holidays") as caught:
        limits.check(HOLIDAYS, 4)
    assert caught.value.retry_after == timedelta(hours=1)
    with pytest.raises(TooManyPending, match="3 sessions"):
        limits.check(PENDING_SESSIONS, 4)


def test_a_limit_on_what_is_stored_has_no_window() -> None:
    with pytest.raises(ValueError, match="holidays_per_user has no window"):
        window_of(HOLIDAYS, NOW)


@given(uses=st.lists(st.sampled_from(["a", "b", "c"]), max_size=30), allowed=st.integers(1, 5))
def test_the_order_of_users_does_not_change_how_often_each_may(
    uses: list[str], allowed: int
) -> None:
    limits = limits_of({DAY_LISTS: allowed})
    passed = dict.fromkeys("abc", 0)

    for user in uses:
        try:
            limits.take(DAY_LISTS, user, now=NOW)
        except TooManyRequests:
            continue
        passed[user] += 1

    assert passed == {user: min(allowed, uses.count(user)) for user in passed}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
        ("2001:db8:1:2::1", "2001:db8:1:ff::1"),
        ("2001:db8:1:2::1", "2001:0DB8:0001:0002:0000:0000:0000:0001"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
    ],
)
def test_addresses_of_one_network_are_one_source(one: str, other: str) -> None:
    assert source_of(one) == source_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:102::1"),
        ("2001:db8:1:ff::1", "2001:db8:1:100::1"),
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
    ],
)
def test_other_networks_are_other_sources(one: str, other: str) -> None:
    assert source_of(one) != source_of(other)


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2.1, 192.0.2.2", "192.0.2.1:443"])
def test_an_invalid_address_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        addresses(3).take_for_address(PUBLIC_REQUESTS, text, now=NOW)
