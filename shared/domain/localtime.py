"""Conversion between instants and local dates and times of a zone.

A wall clock is the clock of a zone. It may show the same local time twice (the clock was set back),
never (it was set forward), or a date in two separate pieces (America/St_Johns used to go back from
00:01 to 23:01). So no function here converts a local time to a single instant: they return every
instant at which the wall clock shows it.

Instants are whole seconds since 1970-01-01T00:00Z. Local times are the same count on the wall
clock, which is exact for every zone because offsets are whole seconds.
Instants before `EARLIEST` and from `LATEST` on, near the limits of datetime, are left out.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain.interval import EPOCH, Interval, Span, merge

DAY = 24 * 60 * 60
"""Seconds on the wall clock from one midnight to the next."""

_SECOND = timedelta(seconds=1)
_EPOCH_DAY = EPOCH.toordinal()

# The closest two changes of any zone since 1900 are a week apart; six hours leave a wide margin.
_PROBE = 6 * 60 * 60
_BLOCK = 32 * DAY
_FIRST_BLOCK = (date.min.toordinal() + 2 - _EPOCH_DAY) * DAY // _BLOCK + 1
_LAST_BLOCK = (date.max.toordinal() - 2 - _EPOCH_DAY) * DAY // _BLOCK - 1


EARLIEST = _FIRST_BLOCK * _BLOCK
"""The first supported instant, in the year 1."""

LATEST = (_LAST_BLOCK + 1) * _BLOCK
"""The end of the supported instants, in the year 9999."""


class Stretch(NamedTuple):
    """The instants [start, end), in seconds, over which a zone is `offset` seconds ahead of UTC."""

    start: int
    end: int
    offset: int


class DatePiece(NamedTuple):
    """The instants [start, end), in seconds, over which a zone shows one date without a jump.

    `day` is the date in days since 1970-01-01. `midnight` is the instant at which the clock would
    have shown 00:00 at this offset; it may be before `start`.
    """

    start: int
    end: int
    midnight: int
    day: int


def stretches(zone: ZoneInfo, start: int, end: int) -> tuple[Stretch, ...]:
    """Return the stretches of constant offset in [start, end), in order.

    `start` and `end` are seconds since the epoch; adjacent stretches differ in offset.
    """
    start = max(start, EARLIEST)
    end = min(end, LATEST)
    result: list[Stretch] = []
    for number in range(start // _BLOCK, -(-end // _BLOCK)):
        for first, last, offset in _block(zone, number):
            low, high = max(first, start), min(last, end)
            if low >= high:
                continue
            if result and result[-1].offset == offset:
                low = result.pop().start
            result.append(Stretch(low, high, offset))
    return tuple(result)


def shown(within: Sequence[Stretch], first: int, last: int) -> list[Span]:
    """Return the instants of `within` at which the wall clock shows a time in [first, last).

    All in seconds; in order, not empty, one span per stretch, so spans may touch.
    """
    return [
        (max(start, first - offset), min(end, last - offset))
        for start, end, offset in within
        if max(start, first - offset) < min(end, last - offset)
    ]


@lru_cache(maxsize=256)
def date_pieces(zone: ZoneInfo, first: date, last: date) -> tuple[DatePiece, ...]:
    """Return the pieces of the local dates `first` to `last`, both included, in order of instant.

    Usually one piece per date; two or more around a clock change, none for a date the zone skipped.
    """
    low, high = day_number(first), day_number(last)
    around = stretches(zone, (low - 1) * DAY, (high + 2) * DAY)
    return tuple(piece for each in around for piece in _pieces(each, low, high))


def day_number(day: date) -> int:
    """Return the date as days since 1970-01-01."""
    return day.toordinal() - _EPOCH_DAY


def date_of(number: int) -> date:
    """Return the date that is `number` days after 1970-01-01."""
    return date.fromordinal(number + _EPOCH_DAY)


def instant(seconds: int) -> datetime:
    """Return the instant `seconds` after 1970-01-01T00:00Z, in UTC."""
    return EPOCH + timedelta(seconds=seconds)


def intervals_of_dates(zone: ZoneInfo, first: date, last: date) -> tuple[Interval, ...]:
    """Return the instants of the local dates `first` to `last`, both included.

    In order and not touching; empty when the zone skipped those dates.
    """
    pieces = date_pieces(zone, first, last)
    return tuple(
        Interval(instant(start), instant(end))
        for start, end in merge((piece.start, piece.end) for piece in pieces)
    )


def _pieces(stretch: Stretch, low: int, high: int) -> Iterator[DatePiece]:
    start, end, offset = stretch
    first = max(low, (start + offset) // DAY)
    last = min(high, (end + offset - 1) // DAY)
    for day in range(first, last + 1):
        midnight = day * DAY - offset
        until = midnight + DAY
        if start <= midnight and until <= end:
            yield DatePiece(midnight, until, midnight, day)
        else:
            yield DatePiece(max(start, midnight), min(end, until), midnight, day)


@lru_cache(maxsize=4096)
def _block(zone: ZoneInfo, number: int) -> tuple[Stretch, ...]:
    start, end = number * _BLOCK, (number + 1) * _BLOCK
    changes = [(start, _offset(zone, start))]
    for probe in range(start + _PROBE, end + 1, _PROBE):
        changes += _changes(zone, probe - _PROBE, probe, before=changes[-1][1])
    ends = [at for at, _ in changes[1:]] + [end]
    # A change at the end of the block belongs to the next block and leaves an empty stretch here.
    return tuple(
        Stretch(at, until, offset)
        for (at, offset), until in zip(changes, ends, strict=True)
        if at < until
    )


def _changes(zone: ZoneInfo, low: int, high: int, *, before: int) -> Iterator[tuple[int, int]]:
    """Yield the instants in (low, high] at which the offset changes, with the new offset."""
    after = _offset(zone, high)
    while before != after:
        same, other = low, high
        while other - same > 1:
            middle = (same + other) // 2
            if _offset(zone, middle) == before:
                same = middle
            else:
                other = middle
        low, before = other, _offset(zone, other)
        yield low, before


def _offset(zone: ZoneInfo, seconds: int) -> int:
    utc = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    wall = zone.fromutc(utc.replace(tzinfo=zone)).replace(tzinfo=None)
    return (wall - utc) // _SECOND
