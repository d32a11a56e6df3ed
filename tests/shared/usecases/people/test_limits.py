from collections import Counter
from datetime import timedelta

import pytest

from shared.domain.errors import TooManyRequests
from shared.domain.interval import Interval
from shared.usecases.people.limits import AddressLimit, source_of
from tests.support.platform import NOW

ONE, OTHER = "192.0.2.1", "192.0.2.2"
TEN = timedelta(seconds=10)


class Counts:
    """A `RequestCounts` in memory."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[str, Interval]] = Counter()

    def count(self, source: str, window: Interval) -> int:
        self.counted[source, window] += 1
        return self.counted[source, window]


class Unreachable:
    """A `RequestCounts` that always fails."""

    def count(self, source: str, window: Interval) -> int:
        raise ConnectionError(source, window)


def test_an_address_has_a_limited_number_of_requests_per_minute() -> None:
    limit = AddressLimit(counts=Counts(), per_minute=3)
    for _ in range(3):
        limit.check(ONE, now=NOW + TEN)

    for _ in range(2):
        with pytest.raises(TooManyRequests) as caught:
            limit.check(ONE, now=NOW + TEN)
        assert timedelta(seconds=50) == caught.value.retry_after


def test_another_address_has_its_own_limit() -> None:
    limit = AddressLimit(counts=Counts(), per_minute=1)
    limit.check(ONE, now=NOW)
    limit.check(OTHER, now=NOW)

    for each in (ONE, OTHER):
        with pytest.raises(TooManyRequests):
            limit.check(each, now=NOW)


def test_the_limit_is_reset_after_the_wait() -> None:
    limit = AddressLimit(counts=Counts(), per_minute=1)
    limit.check(ONE, now=NOW + TEN)
    with pytest.raises(TooManyRequests) as caught:
        limit.check(ONE, now=NOW + TEN)

    limit.check(ONE, now=NOW + TEN + caught.value.retry_after)


def test_without_a_limit_nothing_is_counted() -> None:
    counts = Counts()

    AddressLimit(counts=counts, per_minute=0).check(ONE, now=NOW)

    assert not counts.counted


def test_requests_are_rejected_if_the_counter_fails() -> None:
    with pytest.raises(ConnectionError):
        AddressLimit(counts=Unreachable(), per_minute=3).check(ONE, now=NOW)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff"),
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
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("192.0.2.1", "192.0.2.2"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2"),
    ],
)
def test_other_networks_are_other_sources(one: str, other: str) -> None:
    assert source_of(one) != source_of(other)


@pytest.mark.parametrize("text", ["", "unknown", "192.0.2.1, 192.0.2.2", "192.0.2.1:443"])
def test_an_invalid_address_is_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="address"):
        AddressLimit(counts=Counts(), per_minute=3).check(text, now=NOW)
