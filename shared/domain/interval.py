"""Half-open time intervals, as aware UTC datetimes and as whole epoch minutes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Span: TypeAlias = tuple[int, int]
"""[start, end) in minutes since 1970-01-01T00:00Z."""

Spans: TypeAlias = tuple[Span, ...]
"""Non-empty spans in order that do not overlap or touch."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The instants from `start` up to but not including `end`, both converted to UTC.

    Raises:
        ValueError: when either is naive or `end` is before `start`.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        # Aware datetimes of the same zone compare by wall clock, so convert both to UTC first.
        object.__setattr__(self, "start", to_utc(self.start))
        object.__setattr__(self, "end", to_utc(self.end))
        if self.end < self.start:
            raise ValueError(f"interval ends ({self.end}) before it starts ({self.start})")

    @property
    def length(self) -> timedelta:
        """The duration from start to end."""
        return self.end - self.start

    def overlaps(self, other: "Interval") -> bool:
        """Whether an instant is in both; intervals that only touch do not overlap."""
        return max(self.start, other.start) < min(self.end, other.end)

    def falls_within(self, within: "Interval") -> bool:
        """Whether it overlaps `within`; a zero-length interval counts if its instant is inside."""
        if self.start == self.end:
            return within.start <= self.start < within.end
        return self.overlaps(within)

    def minus(self, other: "Interval") -> tuple["Interval", ...]:
        """Return the parts of it that are not in `other`, in order; none is empty."""
        if not self.overlaps(other):
            return (self,)
        parts = ((self.start, other.start), (other.end, self.end))
        return tuple(Interval(start, end) for start, end in parts if start < end)

    def widened(self, before: timedelta, after: timedelta) -> "Interval":
        """Return the interval that starts `before` earlier and ends `after` later."""
        return Interval(self.start - before, self.end + after)


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same time as intervals in order that do not overlap or touch; none is empty."""
    merged: list[Interval] = []
    for each in sorted(intervals, key=lambda interval: (interval.start, interval.end)):
        if each.start == each.end:
            continue
        if merged and each.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(each.end, merged[-1].end))
        else:
            merged.append(each)
    return tuple(merged)


def to_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC.

    Raises:
        ValueError: when `instant` is naive, or outside the years 1 to 9999 in UTC.
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
    """Return the union of `spans`, in order, without empty, overlapping or touching spans."""
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
    """Return the merged whole minutes that the intervals cover; zero-length ones cover none."""
    return merge(span_of(each) for each in intervals if each.start < each.end)
