"""A meter that records metrics in memory."""

from collections import Counter

from shared.ports import Metric


class FakeMeter:
    """A meter whose `counts` add up by metric and dimensions; `times` lists recorded seconds."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.times: list[tuple[str, float]] = []

    def count(self, metric: Metric, number: int = 1, **dimensions: str) -> None:
        self.counts[metric.value, *(dimensions[each] for each in sorted(dimensions))] += number

    def seconds(self, metric: Metric, seconds: float, **dimensions: str) -> None:
        assert not dimensions
        self.times.append((metric.value, seconds))
