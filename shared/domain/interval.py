"""Half-open intervals of time, as aware UTC datetimes and as whole epoch minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span: TypeAlias = tuple[int, int]
"""[start, end) in minutes since 1970-01-01T00:00Z."""

Spans: TypeAlias = tuple[Span, ...]
"""Spans in order, not empty, neither overlapping nor touching."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The instants from `start` up to but not including `end`, both aware; kept in UTC.

    Raises:
        ValueError: when either is naive or `end` is before `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Aware datetimes of one zone compare by wall clock, so both go to UTC first.
        object.__setattr__(self, "start", to_utc(self.start))
        object.__setattr__(self, "end", to_utc(self.end))
        if self.end < self.start:
            raise ValueError(f"interval ends ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> timedelta:
        """The time from start to end."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Whether some instant lies in both; touching is not overlapping."""
        return max(self.start, other.start) < min(self.end, other.end)

    def falls_within(self, within: "Interval") -> bool:
        """Whether some of it lies within; one without length does at its instant."""
        if self.start == self.end:
            return within.start <= self.start < within.end
        return self.overlaps(within)

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        """The interval that starts `before` earlier and ends `after` later."""
        return Interval(self.start - before, self.end + after)


def to_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: when `instant` is naive, or so close to the year 1 or 9999 that UTC lacks it.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"{instant!r} has no time zone")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{instant!r} is outside the years 1 to 9999 of UTC") from error


def span_of(interval: Interval) -> Span:
    """Return the smallest span of whole minutes that covers the interval."""
    start = (interval.start - EPOCH) // timedelta(minutes=1)
    end = -((EPOCH - interval.end) // timedelta(minutes=1))
    return start, end


def merge(spans: Iterable[Span]) -> Spans:
    """Return the union of `spans`: in order, nothing empty, overlapping or touching."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def busy_spans(intervals: Iterable[Interval]) -> Spans:
    """Return the merged whole minutes that intervals take; zero-length ones take none."""
    return merge(span_of(each) for each in intervals if each.start < each.end)
